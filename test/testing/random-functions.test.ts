/** Random functions that keep to the rules bear a crash anywhere: what the kit calls a fault is one, and the engine has none of them. */

import { describe, expect, it } from 'vitest';
import { workflow } from '../../src/index.ts';
import { crashEverywhere, hangs } from '../../src/testing/index.ts';
import { child, randomFunction } from './random-function.ts';

const hanging = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`hangs ${n}`, hangs]));
const mocks = { ...hanging, echo: ({ n }: { n: number }) => n };

describe('given random functions that keep to the rules', () => {
  it('when each is crashed everywhere, then each comes to the same everywhere', { timeout: 60_000 }, async () => {
    let places = 0;
    for (let seed = 0; seed < 60; seed += 1) {
      const { body, signals } = randomFunction(seed);
      const random = workflow('random', async (run) => body(run));
      const report = await crashEverywhere(random, {
        workflows: [child],
        mocks,
        signals,
        repeatable: ['echo'],
        patienceMs: 10_000,
      });
      expect(report.notReached, `seed ${seed}`).toEqual([]);
      places += report.places.length;
    }
    expect(places).toBeGreaterThan(600);
  });
});
