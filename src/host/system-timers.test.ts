import { describe, expect, it } from 'vitest';
import { instantOf, plus } from '../base/index.ts';
import { type Sleeper, timersOver } from './system-timers.ts';

interface Sleep {
  readonly callback: () => void;
  readonly delayMs: number;
  unrefs: number;
  unref(): unknown;
}

/** Timers over a clock that the test moves; `wake` ends the one sleep that is under way. */
function arranged(options?: { unref?: boolean }) {
  const sleeps: Sleep[] = [];
  let now = instantOf(1_000_000);
  const sleeper: Sleeper<Sleep> = {
    sleep(callback, delayMs) {
      const sleep: Sleep = { callback, delayMs, unrefs: 0, unref: () => sleep.unrefs++ };
      sleeps.push(sleep);
      return sleep;
    },
    cancel(sleep) {
      sleeps.splice(sleeps.indexOf(sleep), 1);
    },
  };
  const timers = timersOver(sleeper, { now: () => now }, options);
  const wake = (afterMs: number) => {
    now = plus(now, afterMs);
    sleeps.shift()!.callback();
  };
  return { timers, sleeps, wake, now: () => now };
}

describe('given a timer', () => {
  it('when its instant comes, then it calls back once', () => {
    const { timers, sleeps, wake, now } = arranged();
    let calls = 0;
    timers.at(plus(now(), 250), () => calls++);
    expect(sleeps.map((sleep) => sleep.delayMs)).toEqual([250]);
    wake(250);
    expect(calls).toBe(1);
    expect(sleeps).toEqual([]);
  });

  it('when the sleep ends a millisecond early, then it sleeps on and is not early', () => {
    const { timers, sleeps, wake, now } = arranged();
    let calls = 0;
    timers.at(plus(now(), 250), () => calls++);
    wake(249);
    expect(calls).toBe(0);
    expect(sleeps.map((sleep) => sleep.delayMs)).toEqual([1]);
    wake(1);
    expect(calls).toBe(1);
  });

  it('when its instant has passed already, then it calls back, but not at once', () => {
    const { timers, wake, now } = arranged();
    let calls = 0;
    timers.at(plus(now(), -5), () => calls++);
    expect(calls).toBe(0);
    wake(0);
    expect(calls).toBe(1);
  });

  it('when it is years away, then no single sleep is long, and the last ends on its instant', () => {
    const { timers, sleeps, wake, now } = arranged();
    const at = plus(now(), 3 * 60_000 + 17);
    let calledAt: number | undefined;
    timers.at(at, () => {
      calledAt = now();
    });
    timers.at(plus(now(), 2 ** 31 * 1_000), () => {})();
    while (calledAt === undefined) {
      expect(sleeps[0]!.delayMs).toBeLessThanOrEqual(60_000);
      wake(sleeps[0]!.delayMs);
    }
    expect(calledAt).toBe(at);
  });

  it('when it is cancelled between two sleeps, then it never calls back', () => {
    const { timers, sleeps, wake, now } = arranged();
    const cancel = timers.at(plus(now(), 100_000), () => expect.unreachable());
    wake(60_000);
    cancel();
    expect(sleeps).toEqual([]);
  });

  it('when timers are not to keep the process alive, then no sleep of the chain does', () => {
    const { timers, sleeps, wake, now } = arranged({ unref: true });
    timers.at(plus(now(), 100_000), () => {});
    expect(sleeps[0]!.unrefs).toBe(1);
    wake(60_000);
    expect(sleeps[0]!.unrefs).toBe(1);
  });
});
