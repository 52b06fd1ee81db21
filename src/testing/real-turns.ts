/**
 * Turns of the real event loop, and patience in real time: taken when this module is loaded, so that a test which puts fake timers
 * in their place does not stop the engine.
 */

import type { Turn } from '../base/index.ts';

const { setImmediate: immediate, setTimeout: timeout, clearTimeout: clear } = globalThis;
const { nextTick } = process;

export const realTurn: Turn = {
  end: (callback) => void immediate(callback),
  settled: (callback) => queueMicrotask(() => nextTick(callback)),
};

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => immediate(resolve));
}

/** True once `happened` resolves; false where it has not in so many milliseconds of real time. */
export async function happensWithin(happened: Promise<unknown>, patienceMs: number): Promise<boolean> {
  let timer: ReturnType<typeof timeout> | undefined;
  try {
    const over = new Promise<boolean>((resolve) => {
      if (patienceMs === Number.POSITIVE_INFINITY) return;
      timer = timeout(() => resolve(false), patienceMs);
    });
    return await Promise.race([happened.then(() => true), over]);
  } finally {
    clear(timer);
  }
}
