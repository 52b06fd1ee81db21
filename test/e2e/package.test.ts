/** The package as it is published: its doors, its command, and what a newcomer does with it in the first hour. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../../src/version.ts';
import { inFolder, until } from './pawl-process.ts';

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

let packed: string;
let tarball: string;

// Packing builds; two builds at a time would be in each other's way, so all that needs the package is in this file.
beforeAll(() => {
  packed = mkdtempSync(join(tmpdir(), 'pawl-packed-'));
  npm(['pack', '--pack-destination', packed, root], root);
  tarball = join(packed, readdirSync(packed).find((name) => name.endsWith('.tgz')) ?? '');
}, 120_000);

afterAll(() => rmSync(packed, { recursive: true, force: true }));

describe('given the package as it is published', () => {
  it('when it is installed into an empty folder, then every door opens and the command runs a workflow', {
    timeout: 180_000,
  }, async () => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, 'package.json'), '{"name": "user", "type": "module"}');
      npm(['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], folder);

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

/** A program as a shell of the project has it, in a process group of its own as a terminal gives it. */
function startIn(cwd: string, command: string, args: readonly string[]) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, PATH: path, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { pid: child.pid ?? 0, text: () => text, ended };
}

function isGroupThere(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The command lines of a README's `sh` blocks. */
function commandsIn(readme: string): string[] {
  return [...readme.matchAll(/^```sh\n((?:.*\n)*?)^```$/gm)].flatMap(([, block = '']) => block.trim().split('\n'));
}

/** `npm start` of the template: an order comes in over HTTP, and the file is let go of in the end. */
async function takesAnOrder(project: string): Promise<void> {
  const server = startIn(project, 'env', ['PORT=0', 'npm', 'start']);
  try {
    const url = (): string | undefined => /http:\/\/localhost:\d+/.exec(server.text())?.[0];
    await until(() => url() !== undefined, 'the server listens', 20_000);
    const response = await fetch(url() ?? '', { method: 'POST', body: '{"id": "H1", "euros": 3}' });
    expect(response.status).toBe(202);
    const run = (await response.text()).trim();
    const signal = `npx pawl signal ${run} packed '{"by": "Ada"}' && npx pawl show ${run} --json`;
    const out = execFileSync('/bin/sh', ['-c', signal], {
      cwd: project,
      env: { ...process.env, PATH: path },
    }).toString();
    expect(out).toContain('"status":"succeeded"');
    expect((await fetch(url() ?? '', { method: 'POST', body: 'no JSON' })).status).toBe(400);
  } finally {
    process.kill(-server.pid, 'SIGINT');
  }
  await server.ended;
  await until(() => !isGroupThere(server.pid), 'no process is left');
}

describe('given a newcomer in an empty folder, who has the package alone', () => {
  it.each(['function', 'approval', 'etl'])(
    'when a project is made from the template "%s", then its tests, its types, pawl dev and its README work as they say',
    { timeout: 120_000 },
    (template) =>
      inFolder(async (folder) => {
        npm(
          [
            'exec',
            '--yes',
            '--prefer-offline',
            `--package=${tarball}`,
            '--',
            'pawl',
            'new',
            'first',
            '--template',
            template,
          ],
          folder,
        );
        const project = join(folder, 'first');
        // The version that package.json names is not published yet: the same one is here.
        expect(JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).dependencies.pawl).toBe(version);
        npm(['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], project);
        expect(npm(['test'], project)).toMatch(/pass [1-9]/);
        npm(['run', 'check'], project);

        const dev = startIn(project, 'npm', ['run', 'dev']);
        try {
          await until(() => dev.text().includes('driving'), 'pawl dev drives the folder', 20_000);
          const readme = readFileSync(join(project, 'README.md'), 'utf8');
          expect(readme).not.toMatch(/\{\{/);
          for (const line of commandsIn(readme)) {
            const { status, stderr } = spawnSync('/bin/sh', ['-c', line], {
              cwd: project,
              env: { ...process.env, PATH: path },
              encoding: 'utf8',
            });
            expect([line, status, status === 0 ? '' : stderr]).toEqual([line, 0, '']);
          }
          await until(() => / succeeded in /.test(dev.text()), 'a run has ended');
        } finally {
          // As Ctrl-C does: to everything in the terminal.
          process.kill(-dev.pid, 'SIGINT');
        }
        await dev.ended;
        expect(dev.text()).toMatch(/stopping/);
        await until(() => !isGroupThere(dev.pid), 'no process is left');
        if (template === 'function') await takesAnOrder(project);
      }),
  );

  it('when the folder holds something already, then nothing is written', () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, 'mine.txt'), 'mine');
      const { status, stderr } = spawnSync(process.execPath, [bin, 'new', '.'], { cwd: folder, encoding: 'utf8' });
      expect(stderr).toMatch(/not empty \(mine\.txt\); nothing was written/);
      expect(status).toBe(2);
      expect(readdirSync(folder)).toEqual(['mine.txt']);
    }));

  it('when the template is none or the folder is a file, then that is said', () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, 'file'), '');
      const made = (...args: string[]) =>
        spawnSync(process.execPath, [bin, 'new', ...args], { cwd: folder, encoding: 'utf8' });
      expect(made('x', '--template', 'blog').stderr).toMatch(/no template "blog"; there are function, approval, etl/);
      expect(made('file').stderr).toMatch(/file is a file/);
      expect(made('file/below').stderr).toMatch(/cannot write to|is a file/);
      expect(readdirSync(folder)).toEqual(['file']);
    }));
});
