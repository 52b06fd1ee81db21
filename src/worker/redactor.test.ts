import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Redactor } from './redactor.ts';

function inPieces(redactor: Redactor, pieces: readonly string[]): string {
  const stream = redactor.stream();
  return pieces.map((piece) => stream.push(piece)).join('') + stream.end();
}

describe('given a secret', () => {
  const redactor = new Redactor(['s3cret-value']);

  it.each([
    ['nothing of it', 'nothing of it'],
    ['s3cret-value', '***'],
    ['a s3cret-value b s3cret-value', 'a *** b ***'],
    ['s3cret-values3cret-value', '******'],
    ['s3cret-valu', 's3cret-valu'],
    ['czNjcmV0LXZhbHVl in base64', '*** in base64'],
  ])('when the text is %j, then %j is shown', (text, shown) => {
    expect(redactor.text(text)).toBe(shown);
  });

  it('when the text comes in any two pieces, then the same is shown', () => {
    const text = 'before s3cret-value after s3cret-valu';
    for (let cut = 0; cut <= text.length; cut += 1) {
      expect(inPieces(redactor, [text.slice(0, cut), text.slice(cut)])).toBe('before *** after s3cret-valu');
    }
  });

  it('when the end of a piece may be its beginning, then only that is held back', () => {
    const stream = redactor.stream();

    expect(stream.push('hello s3c')).toBe('hello ');
    expect(stream.push('arf')).toBe('s3carf');
  });
});

describe('given secrets that lie in each other', () => {
  it.each([
    [['abc', 'abcdef'], 'x abcdef y', 'x *** y'],
    [['abc', 'abcdef'], 'x abcde y', 'x ***de y'],
    [['ab12', '12cd'], 'ab12cd', '***'],
    [['aa'], 'aaaaa', '***'],
  ])('when %j stand in %j, then no part of one is left', (secrets, text, shown) => {
    const redactor = new Redactor(secrets);

    expect(redactor.text(text)).toBe(shown);
    expect(inPieces(redactor, [...text])).toBe(shown);
  });
});

describe('given a secret of several lines with a line break at its end', () => {
  const redactor = new Redactor(['-----BEGIN-----\nabcdefgh1234\n-----END-----\n']);

  it.each([
    ['without the last line break', '-----BEGIN-----\nabcdefgh1234\n-----END-----', '***'],
    ['one line of it', 'got abcdefgh1234', 'got ***'],
    ['inside JSON', '{"k":"-----BEGIN-----\\nabcdefgh1234\\n-----END-----\\n"}', '{"k":"***"}'],
  ])('when the text holds it %s, then it is masked', (_, text, shown) => {
    expect(redactor.text(text)).toBe(shown);
  });
});

describe('given any secrets and any text in any pieces', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), minLength: 1, maxLength: 6 });
  const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), maxLength: 8 }), { maxLength: 8 });

  it('when it is redacted, then the pieces show what the whole would, and every letter outside of secrets is there', () => {
    fc.assert(
      fc.property(fc.array(letters, { minLength: 1, maxLength: 3 }), pieces, (secrets, parts) => {
        const redactor = new Redactor(secrets);
        const whole = parts.join('');
        const shown = inPieces(redactor, parts);

        expect(shown).toBe(redactor.text(whole));
        for (const part of shown.split('***')) for (const secret of secrets) expect(part).not.toContain(secret);
        if (!secrets.some((secret) => whole.includes(secret)) && redactor.find(whole).length === 0)
          expect(shown).toBe(whole);
      }),
    );
  });
});
