import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { version } from '../../src/version.ts';
import { inFolder } from './pawl-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'bin/pawl.js');
/** npm under the Node that runs these tests, whatever Node npm was started with. */
const path = `${dirname(process.execPath)}:${process.env.PATH}`;
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', args, {
    cwd,
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('given the package as it is published', () => {
  it('when it is installed into an empty folder, then every door opens and the command runs a workflow', {
    timeout: 180_000,
  }, async () => {
    await inFolder(async (folder) => {
      npm(['pack', '--pack-destination', folder, root], root);
      const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
      writeFileSync(join(folder, 'package.json'), '{"name": "user", "type": "module"}');
      npm(['install', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`], folder);

      const doors = Object.keys(manifest.exports).filter((door) => !door.endsWith('.json'));
      const script = doors
        .map((door) => `console.log(Object.keys(await import('pawl${door.slice(1)}')).length > 0);`)
        .join('\n');
      writeFileSync(join(folder, 'doors.mjs'), script);
      const out = execFileSync(process.execPath, ['doors.mjs'], { cwd: folder, encoding: 'utf8' });
      expect(out.trim().split('\n')).toEqual(doors.map(() => 'true'));

      const workflow =
        'version: 1.0\ntasks:\n  hello:\n    action: core.echo message="hi"\n    next:\n      - publish:\n          - said: <% result() %>\noutput:\n  - said: <% ctx(said) %>\n';
      writeFileSync(join(folder, 'hello.yaml'), workflow);
      const ran = spawnSync('npx', ['pawl', 'run', 'hello.yaml'], {
        cwd: folder,
        env: { ...process.env, PATH: path },
        encoding: 'utf8',
      });
      expect(ran.stderr).toContain('succeeded');
      expect(JSON.parse(ran.stdout)).toEqual({ said: 'hi' });
      expect(ran.status).toBe(0);
    });
  });

  it('when its version is asked for, then it is the one of package.json', () => {
    expect(version).toBe(manifest.version);
  });

  const olderNode = ['/usr/bin/node', '/usr/local/bin/node', process.env.npm_node_execpath ?? '']
    .filter((node) => node !== '')
    .find((node) => {
      const { status, stdout } = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
      return status === 0 && Number(stdout.split('.')[0]) < 24;
    });

  // Needs a Node older than 24 on the machine; where there is none, there is nothing to show.
  it.runIf(olderNode !== undefined)(
    'when it is started on a Node that is too old, then it says what to do and exits with 2',
    () => {
      const { status, stderr } = spawnSync(olderNode ?? '', [bin, 'run', 'x.yaml'], { encoding: 'utf8' });
      expect(status).toBe(2);
      expect(stderr).toContain('pawl needs Node 24');
      expect(stderr).toContain('npm install --save-dev node@24');
      expect(stderr).not.toContain('at ');
    },
  );
});
