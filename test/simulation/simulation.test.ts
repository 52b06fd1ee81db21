/** A small share of the simulation on every run of the tests, and the test of the test: planted bugs must be found. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plantedBugs } from './planted-bugs.ts';
import { shrink } from './shrink.ts';
import { runSeeds } from './tally.ts';
import { type SeedOptions, simulateSeed } from './world.ts';

const folder = join(import.meta.dirname, 'regressions');
const regressions = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as SeedOptions & { seed: number; was: string });

describe('given production code in a world that breaks', () => {
  it('when 300 seeds run, then nothing that was promised is broken, and each gives one history', async () => {
    const failures: string[] = [];
    const tally = await runSeeds({
      first: 1,
      end: 301,
      step: 1,
      onFailure: (seed, faults) => failures.push(`npm run simulate -- --seed ${seed} --shrink  (${faults[0]})`),
    });
    expect(failures).toEqual([]);
    expect(tally.events).toBeGreaterThan(20_000);
  }, 60_000);

  it.each(regressions)(
    'when seed $seed runs, then it is not as it was: $was',
    async ({ seed, was: _was, ...options }) => {
      expect((await simulateSeed(seed, options)).faults).toEqual([]);
    },
  );
});

describe('given a bug planted in it', () => {
  it.each(plantedBugs)(
    'when it is $name, then one of $seeds seeds finds it',
    async (bug) => {
      let found = 0;
      for (let seed = 1; seed <= bug.seeds && found === 0; seed += 1) {
        if ((await simulateSeed(seed, { bug })).faults.length > 0) found = seed;
      }
      expect(found).toBeGreaterThan(0);
      // What was changed is as it was: the same seed is clean without the bug.
      expect((await simulateSeed(found)).faults).toEqual([]);
    },
    60_000,
  );

  it('when a seed has found it, then the seed can be made smaller and fails still', async () => {
    const bug = plantedBugs.find(({ name }) => name === 'join-does-not-wait');
    let seed = 1;
    while ((await simulateSeed(seed, { bug })).faults.length === 0) seed += 1;
    const smaller = await shrink(seed, bug, () => undefined);
    const [before, after] = [await simulateSeed(seed, { bug }), await simulateSeed(seed, { ...smaller, bug })];
    expect(after.faults.length).toBeGreaterThan(0);
    expect(after.struck.length).toBeLessThanOrEqual(before.struck.length);
  }, 60_000);
});
