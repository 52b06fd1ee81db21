import { describe, expect, it } from 'vitest';
import { type Json, secretNamesIn } from '../base/index.ts';
import { environmentSecrets, resolveSecrets, type SecretSource } from './secrets.ts';

/** As for an input whose text the document holds: every name in it may be resolved. */
const resolved = (input: Json, source: SecretSource | undefined) =>
  resolveSecrets(input, secretNamesIn(JSON.stringify(input).replaceAll('\\"', '"')), source);

const source = { TOKEN: 'canary', 'a.b-c': 'other' };

describe('given an input that names secrets', () => {
  it.each([
    ['secret(TOKEN)', 'canary'],
    ['Bearer secret(TOKEN)!', 'Bearer canary!'],
    ['secret("TOKEN") secret(\'TOKEN\') secret( TOKEN )', 'canary canary canary'],
    ['secret(a.b-c)', 'other'],
    ['mysecret(TOKEN)', 'mysecret(TOKEN)'],
    ['secret(TOKEN', 'secret(TOKEN'],
    ['secret("TOKEN)', 'secret("TOKEN)'],
    ['secret()', 'secret()'],
  ])('when the text is %j, then the handler gets %j', async (text, shown) => {
    expect((await resolved({ list: [text] }, source)).input).toEqual({ list: [shown] });
  });

  it('when a value looks like a reference or a pattern, then it is put in as it is', async () => {
    const { input } = await resolved('secret(A)', { A: "$& $1 secret(B) $'", B: 'b' });

    expect(input).toBe("$& $1 secret(B) $'");
  });

  it('when data that came from outside names a secret, then it stays text', async () => {
    const { input, values } = await resolveSecrets({ a: 'secret(TOKEN)', b: 'secret(OTHER)' }, ['TOKEN'], {
      TOKEN: 'canary',
      OTHER: 'no',
    });

    expect(input).toEqual({ a: 'canary', b: 'secret(OTHER)' });
    expect(values).toEqual(['canary']);
  });

  it('when a function gives them, then each name is asked for once', async () => {
    const asked: string[] = [];
    const answer = await resolved({ a: 'secret(X) secret(Y)', b: 'secret(X)' }, async (name) => {
      asked.push(name);
      return `<${name}>`;
    });

    expect(answer).toEqual({ input: { a: '<X> <Y>', b: '<X>' }, values: ['<X>', '<Y>'] });
    expect(asked).toEqual(['X', 'Y']);
  });

  it.each<[string, SecretSource | undefined]>([
    ['there is no source', undefined],
    ['the source has no such name', {}],
    ['the name is of the prototype', Object.create({ constructor: 'x' }) as Record<string, string>],
    ['the value is no text', { constructor: 7 } as unknown as Record<string, string>],
    ['the value is too long', { constructor: 'x'.repeat(70_000) }],
  ])('when %s, then the attempt fails for good', async (_, given) => {
    await expect(resolved('secret(constructor)', given)).rejects.toMatchObject({
      kind: 'missing_secret',
      retryable: false,
    });
  });

  it('when the source throws, then a retry may help, and nothing of what it said is shown', async () => {
    const failing = resolved('secret(A)', () => {
      throw new Error('token abc is wrong');
    });

    await expect(failing).rejects.toMatchObject({
      kind: 'secret_unavailable',
      retryable: true,
      message: expect.not.stringContaining('abc'),
    });
  });
});

describe('given secrets in the environment', () => {
  it('when one is asked for, then only variables of the prefix are seen', async () => {
    const fromEnvironment = environmentSecrets({ PAWL_SECRET_A: 'a', B: 'b' });

    expect((await resolved('secret(A)', fromEnvironment)).input).toBe('a');
    await expect(resolved('secret(B)', fromEnvironment)).rejects.toMatchObject({ kind: 'missing_secret' });
  });
});
