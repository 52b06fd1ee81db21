import { describe, expect, it } from 'vitest';
import { instantOf } from '../base/index.ts';
import { systemClock, type TimeSources } from './system-clock.ts';

const day = 24 * 3_600_000;

/** A machine whose clocks the test moves. */
function machine() {
  const state = { wall: 1_700_000_000_000, monotonic: 5_000, uptime: 90_000 };
  const sources: TimeSources = {
    wallMs: () => state.wall,
    monotonicMs: () => state.monotonic,
    uptimeMs: () => state.uptime,
  };
  const pass = (ms: number) => {
    state.wall += ms;
    state.monotonic += ms;
    state.uptime += ms;
  };
  return { state, sources, pass };
}

describe('given a clock that was started with the wall clock right', () => {
  it('when time passes, then it moves by that time', () => {
    const { sources, pass } = machine();
    const clock = systemClock({ sources });
    expect(clock.now()).toBe(1_700_000_000_000);
    pass(1_234.9);
    expect(clock.now()).toBe(1_700_000_001_234);
  });

  it.each([day, -day, 3_600_000, -1_000])('when the wall clock jumps by %d ms, then it takes no notice', (jump) => {
    const { state, sources, pass } = machine();
    const clock = systemClock({ sources });
    state.wall += jump;
    pass(10);
    expect(clock.now()).toBe(1_700_000_000_010);
    expect(clock.wallAheadMs()).toBe(jump);
  });

  it('when the wall clock jumps a day forward and back, then it does not stand still', () => {
    const { state, sources, pass } = machine();
    const clock = systemClock({ sources });
    state.wall += day;
    pass(10);
    clock.now();
    state.wall -= day;
    pass(10);
    expect(clock.now()).toBe(1_700_000_000_020);
  });

  it('when the machine sleeps for an hour, then that hour has passed within a second of waking', () => {
    const { state, sources, pass } = machine();
    const clock = systemClock({ sources });
    pass(500);
    state.wall += 3_600_000;
    state.uptime += 3_600_000;
    pass(1_000);
    expect(clock.now()).toBe(1_700_003_601_500);
    expect(clock.wallAheadMs()).toBe(0);
    pass(5_000);
    expect(clock.now()).toBe(1_700_003_606_500);
  });

  it('when uptime is coarse, then the clock neither jumps nor goes back', () => {
    const { state, sources, pass } = machine();
    const coarse = { ...sources, uptimeMs: () => Math.round(state.uptime / 1_000) * 1_000 };
    const clock = systemClock({ sources: coarse });
    for (let step = 1; step <= 1_000; step++) {
      pass(333);
      expect(clock.now()).toBe(1_700_000_000_000 + step * 333);
    }
  });
});

describe('given a store whose last instant is ahead of the wall clock', () => {
  it('when the clock starts, then it goes on from that instant by elapsed time', () => {
    const { sources, pass } = machine();
    const clock = systemClock({ sources, notBefore: instantOf(1_700_000_000_000 + day) });
    expect(clock.now()).toBe(1_700_000_000_000 + day);
    pass(5);
    expect(clock.now()).toBe(1_700_000_000_005 + day);
    expect(clock.wallAheadMs()).toBe(-day);
  });
});

describe('given the real machine', () => {
  it('when the clock starts, then it shows the time', () => {
    const before = Date.now();
    const now = systemClock().now();
    expect(now).toBeGreaterThanOrEqual(before - 1);
    expect(now).toBeLessThanOrEqual(Date.now() + 1);
  });
});
