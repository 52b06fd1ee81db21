/** `pawl run` and `pawl start` with workflows in code, of each style, in one process and in two. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Finished, fixtures, inFolder, pawl, type Running, startPawl, until } from './pawl-process.ts';

const many = join(fixtures, 'many.ts');

describe('given a file that exports workflows of every style', () => {
  it.each<[name: string, inputs: string[], output: unknown]>([
    ['order', ['id=seven', 'euros=30'], { id: 'seven', receipt: 'receipt for 30' }],
    ['order', ['{"id": "seven", "euros": 30}'], { id: 'seven', receipt: 'receipt for 30' }],
    ['order', ['{"id": "seven", "euros": 1}', 'euros=30'], { id: 'seven', receipt: 'receipt for 30' }],
    ['order', ['--input', 'id=seven', '--input', 'euros=30'], { id: 'seven', receipt: 'receipt for 30' }],
    ['sums', ['a=1', 'b=2'], 3],
    ['default', ['a=1', 'b=2'], 3],
    ['words', ['"to be or not"'], 4],
    ['naps', ['seconds=0'], 'rested'],
  ])('when "%s" is run with %j, then its output is printed', (name, inputs, output) =>
    inFolder(async (cwd) => {
      const { code, out, err } = await pawl(
        ['run', many, ...(name === 'default' ? [] : ['--workflow', name]), ...inputs],
        { cwd },
      );
      expect(err).toMatch(/succeeded/);
      expect(JSON.parse(out)).toEqual(output);
      expect(code).toBe(0);
    }),
  );

  it.each<[inputs: string[], says: RegExp]>([
    [[], /a: .*expected number/],
    [['--workflow', 'nope'], /exports no workflow "nope"/],
    [['--workflow', 'order', 'id=7', 'euros=0'], /id: .*expected string.*; euros: .*>=1/],
    [['--workflow', 'sums', '7'], /"sums" takes inputs by their names.*not 7/],
    [['--workflow', 'sums', '[1, 2]'], /not a list/],
    [['--workflow', 'order', '{"id":'], /not JSON/],
    [['--workflow', 'order', 'id=a', '[1]'], /it is the whole input/],
    [['--workflow', 'order', 'seven'], /write NAME=VALUE, JSON, or @FILE\.json/],
  ])('when it is run with %j, then what is wrong is said and nothing is written', (inputs, says) =>
    inFolder(async (cwd) => {
      const { code, err } = await pawl(['run', many, ...inputs], { cwd });
      expect(err).toMatch(says);
      expect(code).toBe(2);
      expect((await pawl(['runs'], { cwd })).err).toMatch(/no store file/);
    }),
  );

  it('when it exports several and none as default, then their names are said', () =>
    inFolder(async (cwd) => {
      const { code, err } = await pawl(['run', join(fixtures, 'shop.ts')], { cwd });
      expect(err).toMatch(/exports 3 workflows; choose with --workflow NAME: long, order, pack/);
      expect(code).toBe(2);
    }));

  it('when a function is given one value, then another process that takes the run up has the same', () =>
    inFolder(async (cwd) => {
      expect((await pawl(['run', many, '--workflow', 'waits', '7', '--id', 'one'], { cwd })).code).toBe(4);
      await pawl(['signal', 'one', 'go', '"on"'], { cwd });
      const { out, code } = await pawl(['resume', 'one', '--workflows', many], { cwd });
      expect(JSON.parse(out)).toEqual([7, 'on']);
      expect(code).toBe(0);
    }));
});

/** A process that drives the file for some seconds. */
function driving(cwd: string): Running {
  return startPawl(['run', many, '--workflow', 'naps', 'seconds=20', '--id', 'nap'], { cwd });
}

function inDrivenFolder(work: (cwd: string) => Promise<void>): Promise<void> {
  return inFolder(async (cwd) => {
    const driver = driving(cwd);
    try {
      await until(() => driver.text().includes('sleeps'), 'the file is driven');
      await work(cwd);
    } finally {
      driver.child.kill('SIGKILL');
      await driver.finished;
    }
  });
}

describe('given a file that another process drives', () => {
  it('when a workflow is started by its name, then it runs there', () =>
    inDrivenFolder(async (cwd) => {
      const begun = await pawl(['start', 'order', 'id=seven', 'euros=30', '--id', 'order-7'], { cwd });
      expect([begun.out, begun.code]).toEqual(['order-7\n', 0]);
      const again = await pawl(['start', 'order', 'id=seven', 'euros=30', '--id', 'order-7', '--wait'], { cwd });
      expect(JSON.parse(again.out)).toEqual({ id: 'seven', receipt: 'receipt for 30' });
      expect(again.code).toBe(0);
      const chain = await pawl(['start', 'words', '"to be"', '--wait', '--json'], { cwd });
      expect(JSON.parse(chain.out)).toMatchObject({ status: 'succeeded', output: 2 });
    }));

  it('when a run of a file is asked for, then it runs there, and this command waits for it', () =>
    inDrivenFolder(async (cwd) => {
      const { code, out, err } = await pawl(['run', many, '--workflow', 'sums', 'a=1', 'b=2'], { cwd });
      expect(JSON.parse(out)).toBe(3);
      expect(err).toMatch(/the process that drives .* runs it/);
      expect(code).toBe(0);
    }));

  it.each<[args: string[], code: number, says: RegExp]>([
    [['start', 'nope'], 2, /knows no workflow "nope"; it knows .*order/],
    [['start', 'order', 'id=7'], 2, /id: .*expected string/],
    [['start', 'sums', '7'], 2, /takes inputs by their names/],
    [['start', 'fails', '--wait'], 1, /broken/],
    [['start', 'waits', '1', '--wait'], 4, /waiting/],
    [['start', 'naps', 'seconds=1', '--id', 'nap'], 2, /started before with another/],
    [['start', 'naps', 'seconds=1', '--id', 'a b'], 2, /not the id of a run/],
    [['run', join(fixtures, 'shop.ts'), '--workflow', 'long'], 2, /in use by process \d+.*knows no workflow "long"/],
  ])('when %j is typed, then the exit code is %i and it says why', (args, code, says) =>
    inDrivenFolder(async (cwd) => {
      const done = await pawl(args, { cwd });
      expect(done.err).toMatch(says);
      expect(done.code).toBe(code);
    }),
  );

  it('when that process is killed while a start is waited for, then the next one to drive the file answers', () =>
    inFolder(async (cwd) => {
      const first = driving(cwd);
      await until(() => first.text().includes('sleeps'), 'the file is driven');
      const waiting = startPawl(['start', 'naps', 'seconds=2', '--id', 'other', '--wait'], { cwd });
      await until(async () => (await runsIn(cwd)).includes('other'), 'it was started');
      first.child.kill('SIGKILL');
      await first.finished;
      const second = startPawl(['resume', '--workflows', many], { cwd });
      const { code, out } = await waiting.finished;
      second.child.kill('SIGKILL');
      await second.finished;
      expect([code, JSON.parse(out)]).toEqual([0, 'rested']);
    }));
});

describe('given a file that nobody drives', () => {
  it('when a workflow is started by its name, then what is missing is said', () =>
    inFolder(async (cwd) => {
      await pawl(['run', many, '--workflow', 'sums', 'a=1', 'b=2'], { cwd });
      const { code, err } = await pawl(['start', 'order'], { cwd });
      expect(err).toMatch(/nobody drives .*pawl dev/);
      expect(code).toBe(70);
    }));
});

async function runsIn(cwd: string): Promise<string[]> {
  const { out }: Finished = await pawl(['runs', '--json'], { cwd });
  return (JSON.parse(out) as { id: string }[]).map(({ id }) => id);
}
