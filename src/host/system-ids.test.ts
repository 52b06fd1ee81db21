import { describe, expect, it } from 'vitest';
import { instantOf, parseRunId } from '../base/index.ts';
import { systemIds } from './system-ids.ts';
import { systemRandom } from './system-random.ts';

function idsAt(now: () => number, uint32: () => number = systemRandom().uint32) {
  return systemIds({ clock: { now: () => instantOf(now()) }, random: { uint32 }, generation: 40 });
}

describe('given a source of ids', () => {
  it('when many are made while time passes, stands still and goes back, then each comes after the one before', () => {
    let now = 1_700_000_000_000;
    const steps = [0, 0, 1, 0, 5, -3, 0, 2, 1_000];
    let step = 0;
    const ids = idsAt(() => {
      now += steps[step++ % steps.length]!;
      return now;
    });
    const made = Array.from({ length: 5_000 }, () => ids.runId());
    expect(new Set(made).size).toBe(5_000);
    expect(made.toSorted()).toEqual(made);
  });

  it('when one is made, then it is 20 characters that any path or column takes', () => {
    const id = idsAt(() => 1_700_000_000_000).runId();
    expect(id).toMatch(/^[0-9a-v]{20}$/);
    expect(parseRunId(id)).toBe(id);
  });

  it('when the random part starts at its top, then counting up carries and keeps the order', () => {
    const ids = idsAt(
      () => 1_700_000_000_000,
      () => 2 ** 32 - 1,
    );
    const made = Array.from({ length: 10 }, () => ids.runId());
    expect(made.toSorted()).toEqual(made);
    expect(new Set(made.map((id) => id.slice(0, 9))).size).toBe(1);
  });

  it('when append ids are made, then they are short, and their generation sets them apart', () => {
    const ids = idsAt(() => 0);
    expect([ids.appendId(), ids.appendId()]).toEqual(['14.0', '14.1']);
  });
});

describe('given the source of randomness', () => {
  it('when several batches are drawn, then the numbers are 32 bits and do not repeat', () => {
    const random = systemRandom();
    const drawn = Array.from({ length: 1_000 }, () => random.uint32());
    expect(drawn.every((number) => Number.isInteger(number) && number >= 0 && number < 2 ** 32)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(990);
  });
});
