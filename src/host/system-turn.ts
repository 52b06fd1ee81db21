import type { Turn } from '../base/index.ts';

/**
 * The end of a turn of Node's event loop. `setImmediate` runs after the loop has taken in what had arrived by input and
 * output, so one commit covers all of it, and before it goes to sleep. Nothing else in the project uses `setImmediate`.
 */
export function systemTurn(): Turn {
  return {
    end: (callback) => void setImmediate(callback),
    // A tick asked for by a microtask comes after all microtasks; one asked for elsewhere may come before them.
    settled: (callback) => queueMicrotask(() => process.nextTick(callback)),
  };
}
