/** Durable functions from the command line, in processes that are killed. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { fixtures, inFolder, pawl, startPawl, until } from './pawl-process.ts';

const shop = join(fixtures, 'shop.ts');

function inShop(
  work: (shop: { cwd: string; env: NodeJS.ProcessEnv; marks(): string[] }) => Promise<void>,
): Promise<void> {
  return inFolder(async (cwd) => {
    const path = join(cwd, 'marks');
    writeFileSync(path, '');
    await work({ cwd, env: { MARKS: path }, marks: () => readFileSync(path, 'utf8').split('\n').slice(0, -1) });
  });
}

describe('given a durable function in a file of code', () => {
  it('when its process is killed while it waits, then another goes on with it and nothing runs twice', () =>
    inShop(async ({ cwd, env, marks }) => {
      const args = ['run', shop, '--workflow', 'order', '--actions', shop, '--id', 'one'];
      const first = startPawl([...args, '--input', 'id=7', '--input', 'euros=30'], { cwd, env });
      await until(() => first.text().includes('waits for signal'), 'the order waits');
      first.child.kill('SIGKILL');
      await first.finished;
      const resume = () => pawl(['resume', 'one', '--workflows', shop, '--actions', shop], { cwd, env });
      expect((await resume()).err).toMatch(/waiting/);
      // The process that gives the signal has not the code; it is heard of by the next that has.
      expect((await pawl(['signal', 'one', 'paid', '"cash"'], { cwd, env })).code).toBe(0);
      const { code, out } = await resume();
      expect(code).toBe(0);
      expect(JSON.parse(out)).toEqual({ receipt: 'receipt for 30', paid: 'cash', parcel: 'parcel 7' });
      expect(marks()).toEqual(['charge', 'wrap']);
    }));

  it(
    'when its process is killed again and again, then no step that ended runs again, and the result is right',
    { timeout: 120_000 },
    () =>
      inShop(async ({ cwd, env, marks }) => {
        const began = await pawl(['run', shop, '--workflow', 'long', '--id', 'one', '--detach'], { cwd, env });
        expect(began.code).toBe(0);
        let kills = 0;
        for (let code: number | null = null; code === null; ) {
          const at = marks().length;
          const process = startPawl(['resume', 'one', '--workflows', shop], { cwd, env });
          await Promise.race([process.finished, until(() => marks().length > at, 'it goes on')]);
          await Promise.race([process.finished, delay((kills * 37) % 60)]);
          if (marks().length > at && process.child.kill('SIGKILL')) kills += 1;
          ({ code } = await process.finished);
          if (code !== null) expect(code).toBe(0);
        }
        expect(kills).toBeGreaterThan(5);
        const steps = marks().map(Number);
        // A step that another follows had ended: it must not come back.
        expect(steps).toEqual(steps.toSorted((a, b) => a - b));
        expect(new Set(steps).size).toBe(100);
        expect(steps.length).toBeLessThanOrEqual(100 + kills);
        const shown = await pawl(['show', 'one', '--json'], { cwd, env });
        expect(JSON.parse(shown.out)).toMatchObject({ status: 'succeeded', output: 4_950 });
      }),
  );

  it('when a plan of it is asked for, then that there is none is said', () =>
    inShop(async ({ cwd, env }) => {
      const { code, err } = await pawl(['plan', shop, '--workflow', 'long'], { cwd, env });
      expect(code).toBe(2);
      expect(err).toMatch(/"long" is a durable function/);
    }));
});
