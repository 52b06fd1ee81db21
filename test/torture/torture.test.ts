/** A little of every torture, for continuous integration; the counts that the project promises are made by hand. */

import { describe, expect, it } from 'vitest';
import { CannotTorture } from './cannot.ts';
import type { Tally, TortureOptions } from './report.ts';

type Torture = (options: TortureOptions) => Promise<Tally>;

const seed = Number(process.env.TORTURE_SEED ?? 20_260_101);

/** Undefined where this machine lacks what the torture needs. */
async function tortured(torture: Torture, count: number, normal = false): Promise<Tally | undefined> {
  try {
    return await torture({ count, seed, normal, progress: () => {} });
  } catch (error) {
    if (error instanceof CannotTorture) return undefined;
    throw error;
  }
}

const kinds: readonly (readonly [name: string, count: number, load: () => Promise<{ torture: Torture }>])[] = [
  ['kills', 10, () => import('./kill.ts')],
  ['kills of functions', 10, async () => ({ torture: (await import('./kill.ts')).tortureFunctions })],
  ['power cuts', 300, () => import('./power/power.ts')],
  ['disks that fail', 40, () => import('./io/io.ts')],
  ['full disks', 4, () => import('./full.ts')],
  ['jumps of the clock', 20, () => import('./clock.ts')],
  ['malformed rows', 1_000, () => import('./bombs/torture.ts')],
];

describe('given an engine under torture', () => {
  it.each(kinds)(
    'when there are %s, then nothing acknowledged is lost and every run ends',
    { timeout: 120_000 },
    async (_name, count, load) => {
      const { torture } = await load();
      const tally = await tortured(torture, count);
      if (tally === undefined) return;
      expect(tally.violations).toEqual([]);
      expect(tally.trials).toBeGreaterThanOrEqual(count);
    },
  );
});

describe('given a store that does not sync its commits', () => {
  it('when the power is cut, then the torture finds what was lost', { timeout: 120_000 }, async () => {
    const { torture } = await import('./power/power.ts');
    const tally = await tortured(torture, 100, true);
    if (tally !== undefined) expect(tally.violations.length).toBeGreaterThan(0);
  });
});
