import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inFolder, pawl, startPawl, until } from './pawl-process.ts';

const canary = 'canary-5cd1-"quoted" & more';

const script = `
export default ({ key }, context) => {
  context.log('key ' + key);
  return { key, nested: [{ [key]: JSON.stringify({ key }) }], url: encodeURIComponent(key) };
};
export const fail = ({ key }) => { throw new Error('cannot use ' + key); };
`;

const workflow = {
  version: '1.0',
  tasks: {
    shell: {
      action: 'core.local',
      input: { cmd: 'echo "out $KEY"; echo "error $KEY" >&2; exit 4', env: { KEY: 'secret(KEY)' } },
      next: [{ publish: [{ shell: '<% result() %>' }], do: 'script' }],
    },
    script: {
      action: 'core.script',
      input: { module: 'script.mjs', input: { key: 'secret(KEY)' } },
      next: [{ publish: [{ script: '<% result() %>' }], do: 'throw' }],
    },
    throw: {
      action: 'core.script',
      input: { module: 'script.mjs', export: 'fail', input: { key: 'pre secret("KEY") post' } },
      next: [{ do: 'http' }],
    },
    http: {
      action: 'core.http',
      input: {
        url: 'http://127.0.0.1:1/secret(KEY)?key=secret(KEY)',
        headers: { authorization: 'Bearer secret(KEY)' },
      },
      next: [{ do: 'missing' }],
    },
    missing: { action: 'core.echo', input: { message: 'secret(NONE)' }, next: [{ do: 'echo' }] },
    echo: {
      action: 'core.echo',
      input: { message: 'secret(KEY)' },
      next: [{ publish: [{ echo: '<% result() %>' }], do: 'wait' }],
    },
    wait: { action: 'core.local', input: { cmd: 'sleep 30' } },
  },
};

/** The files of `folder` that hold any form of the secret. */
function filesWithCanary(folder: string): string[] {
  return readdirSync(folder).filter((name) => {
    const bytes = readFileSync(join(folder, name));
    return ['canary-5cd1', Buffer.from(canary).toString('base64').slice(0, 20)].some((form) => bytes.includes(form));
  });
}

describe('given secrets in the environment', () => {
  it('when tasks print, return, throw and send them, then no file, no output and no other command shows them', async () => {
    await inFolder(async (cwd) => {
      writeFileSync(join(cwd, 'flow.yaml'), JSON.stringify(workflow));
      writeFileSync(join(cwd, 'script.mjs'), script);
      const env = { PAWL_SECRET_KEY: canary };
      const running = startPawl(['run', 'flow.yaml', '--allow-shell', '--allow-private-network', '--id', 'r'], {
        cwd,
        env,
      });
      await until(
        async () => (await pawl(['history', 'r'], { cwd })).out.includes('sleep 30'),
        'the last task runs',
        30_000,
      );
      running.child.kill('SIGKILL');
      const { out, err } = await running.finished;
      const shown = [out, err];
      for (const args of [
        ['show', 'r'],
        ['show', 'r', '--json'],
        ['history', 'r', '--json'],
        ['logs', 'r', 'shell'],
        ['logs', 'r', 'script'],
        ['logs', 'r', 'http'],
      ]) {
        const answer = await pawl(args, { cwd });
        shown.push(answer.out, answer.err);
      }

      const text = shown.join('\n');
      expect(text).not.toContain('canary-5cd1');
      expect(text).toContain('out ***');
      expect(text).toContain('cannot use pre *** post');
      expect(text).toContain('there is no secret \\"NONE\\" here');
      expect(text).toContain('secret(KEY)');
      expect(readdirSync(cwd)).toEqual(expect.arrayContaining(['pawl.db', 'pawl.db-wal']));
      expect(filesWithCanary(cwd)).toEqual([]);
    });
  });
});
