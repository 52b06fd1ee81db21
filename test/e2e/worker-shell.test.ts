import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processIdentity } from '../../src/host/index.ts';
import { inFolder, pawl, type Running, startPawl, until } from './pawl-process.ts';

/** A workflow of one task in `folder`. */
function workflow(folder: string, task: object): string {
  const file = join(folder, 'flow.yaml');
  writeFileSync(file, JSON.stringify({ version: '1.0', tasks: { a: task } }));
  return file;
}

const shell = (cmd: string): object => ({ action: 'core.local', input: { cmd } });

function lives(pid: number): boolean {
  return ![undefined, 'ended'].includes(processIdentity(pid).start);
}

/** The pid that a command wrote to `file`, once it has. */
async function pidIn(file: string): Promise<number> {
  await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), `${file} is written`);
  return Number(readFileSync(file, 'utf8').trim().split('\n').pop());
}

async function ended(running: Running, signal: NodeJS.Signals): Promise<number | null> {
  running.child.kill(signal);
  return (await running.finished).code;
}

interface Told {
  readonly type: string;
  readonly at: number;
}

describe('given twelve shell tasks of 0.2 s', () => {
  it('when they may run at once, then they take about 0.2 s', async () => {
    await inFolder(async (cwd) => {
      const file = workflow(cwd, { with: 'x in <% range(12) %>', ...shell('sleep 0.2') });
      expect(await pawl(['run', file, '--allow-shell', '--id', 'r'], { cwd })).toMatchObject({ code: 0 });
      const { out } = await pawl(['history', 'r', '--json'], { cwd });
      const events = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Told);
      const started = events.find(({ type }) => type === 'AttemptStarted')!;
      const tookMs = events.find(({ type }) => type === 'RunEnded')!.at - started.at;

      console.info(`twelve shell tasks of 0.2 s: ${tookMs} ms`);
      expect(tookMs).toBeLessThan(1_000);
    });
  });
});

describe('given a shell task that prints a gigabyte', () => {
  it('when it runs, then memory stays bounded, the result is cut with a note, and the log has the rest up to its limit', async () => {
    await inFolder(async (cwd) => {
      const file = join(cwd, 'flow.yaml');
      const published = { publish: [{ end: '<% result().stdout.substring(1048570) %>' }] };
      const task = { ...shell('yes 0123456789 | head -c 1000000000'), next: [published] };
      writeFileSync(file, JSON.stringify({ version: '1.0', tasks: { a: task }, output: [{ end: '<% ctx(end) %>' }] }));
      const running = startPawl(['run', file, '--allow-shell', '--id', 'r', '--json'], { cwd });
      let peakKiB = 0;
      const look = setInterval(() => {
        const status = `/proc/${running.child.pid}/status`;
        if (existsSync(status))
          peakKiB = Math.max(peakKiB, Number(/VmHWM:\s*([0-9]+)/.exec(readFileSync(status, 'utf8'))?.[1] ?? 0));
      }, 20);
      const { code, out } = await running.finished;
      clearInterval(look);
      const logs = await pawl(['logs', 'r', 'a'], { cwd });

      console.info(`a gigabyte of output: peak RSS ${Math.round(peakKiB / 1024)} MiB`);
      expect(code).toBe(0);
      expect(out).toContain('[cut: 1000000000 bytes were written');
      expect(peakKiB).toBeLessThan(400 * 1024);
      expect(logs.out.length).toBeGreaterThan(16_000_000);
      expect(logs.out.length).toBeLessThan(17_000_000);
    });
  });
});

describe('given a shell task under way', () => {
  const forever = 'echo $$ >> pid; while :; do sleep 0.05; done';

  it('when its run is canceled from another terminal, then all it has started ends', async () => {
    await inFolder(async (cwd) => {
      const running = startPawl(['run', workflow(cwd, shell(forever)), '--allow-shell', '--id', 'r'], { cwd });
      const pid = await pidIn(join(cwd, 'pid'));
      expect(await pawl(['cancel', 'r'], { cwd })).toMatchObject({ code: 0 });

      expect((await running.finished).code).toBe(3);
      expect(lives(pid)).toBe(false);
    });
  });

  it('when Ctrl-C is pressed twice, then nothing it has started is left', async () => {
    await inFolder(async (cwd) => {
      const cmd = `trap '' TERM INT; ${forever}`;
      const running = startPawl(['run', workflow(cwd, shell(cmd)), '--allow-shell', '--id', 'r'], { cwd });
      const pid = await pidIn(join(cwd, 'pid'));
      running.child.kill('SIGINT');
      await until(() => running.text().includes('stopping'), 'the process says that it stops');

      expect(await ended(running, 'SIGINT')).toBe(130);
      await until(() => !lives(pid), 'the command is gone');
    });
  });
});

describe.runIf(process.platform === 'linux')('given shell tasks whose engine was killed', () => {
  const cmd = 'echo $$ >> pid; if [ $PAWL_ATTEMPT -gt 1 ]; then exit 0; fi; while :; do sleep 0.05; done';

  it('when one is repeated, then what the earlier attempt left is killed, and nothing else', async () => {
    await inFolder(async (cwd) => {
      await inFolder(async (elsewhere) => {
        const args = ['--allow-shell', '--id', 'r'];
        const other = startPawl(['run', workflow(elsewhere, shell(cmd)), ...args], { cwd: elsewhere });
        const otherPid = await pidIn(join(elsewhere, 'pid'));
        const first = startPawl(['run', workflow(cwd, shell(cmd)), ...args], { cwd });
        const pid = await pidIn(join(cwd, 'pid'));
        await ended(first, 'SIGKILL');
        expect(lives(pid)).toBe(true);

        expect(await pawl(['resume', '--allow-shell'], { cwd })).toMatchObject({ code: 0 });
        expect(lives(pid)).toBe(false);
        expect(lives(otherPid)).toBe(true);
        expect((await pawl(['logs', 'r', 'a'], { cwd })).out).toMatch(
          /killed what an earlier attempt had left running: [12] /,
        );

        const canceled = await pawl(['cancel', 'r'], { cwd: elsewhere });
        expect(canceled.code, canceled.err).toBe(0);
        await other.finished;
        expect(lives(otherPid)).toBe(false);
      });
    });
  });
});
