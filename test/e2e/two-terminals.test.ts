import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtures, inFolder, pawl, startPawl, until } from './pawl-process.ts';

const workflow = join(fixtures, 'talk.yaml');

async function shown(
  cwd: string,
  run = 'r',
): Promise<{ status: string; tasks: { name: string; status: string }[]; [key: string]: unknown }> {
  return JSON.parse((await pawl(['show', run, '--json'], { cwd })).out);
}

async function taskStatus(cwd: string, task: string): Promise<string | undefined> {
  const found = (await shown(cwd)).tasks.filter((one) => one.name === task);
  return found[found.length - 1]?.status;
}

describe('given a process that drives a file', () => {
  it('when another shows, signals, answers, pauses, resumes and cancels its run, then each is done and durable when answered', async () => {
    await inFolder(async (cwd) => {
      const owner = startPawl(['run', workflow, '--id', 'r'], { cwd });
      await until(() => owner.text().includes('1.0 h') || owner.text().includes('1 h'), 'the run waits');

      const signal = await pawl(['signal', 'r', 'news', '{"n": 1}'], { cwd });
      expect(signal).toMatchObject({ code: 0, err: '' });
      expect(await taskStatus(cwd, 'hear')).toBe('succeeded');

      expect(await pawl(['pause', 'r', '--json'], { cwd })).toMatchObject({
        code: 0,
        out: '{"id":"r","status":"paused"}\n',
      });
      expect((await pawl(['answer', 'r', 'ask', '{"yes": true}'], { cwd })).code).toBe(0);
      const paused = await shown(cwd);
      expect(paused.status).toBe('paused');
      expect(paused.tasks.some((task) => task.name === 'meet')).toBe(false);

      expect((await pawl(['resume', 'r'], { cwd })).code).toBe(0);
      await until(async () => (await taskStatus(cwd, 'meet')) === 'succeeded', 'the join runs');
      expect((await pawl(['history', 'r'], { cwd })).out).toContain('PauseRequested');

      expect((await pawl(['cancel', 'r', '--reason', 'enough'], { cwd })).code).toBe(0);
      const finished = await owner.finished;
      expect(finished.code).toBe(3);
      expect(JSON.parse(finished.out)).toEqual({ met: { heard: { n: 1 }, answered: { yes: true } } });
      expect(await shown(cwd)).toMatchObject({ status: 'canceled', reason: 'enough' });
    });
  });

  it('when it is stopped and answers nobody, then another still shows its run and history, from the file', async () => {
    await inFolder(async (cwd) => {
      const owner = startPawl(['run', workflow, '--id', 'r'], { cwd });
      await until(() => owner.text().includes('1.0 h') || owner.text().includes('1 h'), 'the run waits');
      const before = [await pawl(['show', 'r', '--json'], { cwd }), await pawl(['history', 'r', '--json'], { cwd })];
      owner.child.kill('SIGSTOP');
      const after = [await pawl(['show', 'r', '--json'], { cwd }), await pawl(['history', 'r', '--json'], { cwd })];
      owner.child.kill('SIGKILL');
      await owner.finished;

      expect(after).toEqual(before);
      expect(after.map(({ code }) => code)).toEqual([0, 0]);
    });
  });

  it('when another wants to run beside it, then it is told who holds the file and what it can do', async () => {
    await inFolder(async (cwd) => {
      const owner = startPawl(['run', workflow, '--id', 'r'], { cwd });
      await until(() => owner.text().includes('May it go on?'), 'the run waits');
      const second = await pawl(['run', workflow], { cwd });
      expect(second.code).toBe(2);
      expect(second.err).toContain(`process ${owner.child.pid}`);
      expect(second.err).toContain('--db');
      owner.child.kill('SIGKILL');
      await owner.finished;
    });
  });

  it('when it is killed, then the next command finds the file free at once and nothing is lost', async () => {
    await inFolder(async (cwd) => {
      const owner = startPawl(['run', workflow, '--id', 'r'], { cwd });
      await until(() => owner.text().includes('May it go on?'), 'the run waits');
      expect((await pawl(['signal', 'r', 'news', '1'], { cwd })).code).toBe(0);
      owner.child.kill('SIGKILL');
      await owner.finished;

      expect((await pawl(['answer', 'r', 'ask', 'true'], { cwd })).code).toBe(0);
      const resumed = startPawl(['resume'], { cwd });
      await until(async () => (await taskStatus(cwd, 'meet')) === 'succeeded', 'the join runs');
      expect((await pawl(['terminate', 'r'], { cwd })).code).toBe(0);
      expect((await resumed.finished).code).toBe(3);
    });
  });

  it('when it is interrupted once, then it stops gracefully and the run goes on later', async () => {
    await inFolder(async (cwd) => {
      const owner = startPawl(['run', workflow, '--id', 'r'], { cwd });
      await until(() => owner.text().includes('May it go on?'), 'the run waits');
      owner.child.kill('SIGINT');
      expect((await owner.finished).code).toBe(130);
      expect((await shown(cwd)).status).toBe('waiting');
      expect((await pawl(['cancel', 'r'], { cwd })).code).toBe(0);
      expect((await shown(cwd)).status).toBe('canceled');
    });
  });
});
