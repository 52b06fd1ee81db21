import type { Random } from '../base/index.ts';

const batch = 256;

/** Randomness of the operating system, fetched 256 numbers at a time: nanoseconds a number, instead of a call each. */
export function systemRandom(): Random {
  const numbers = new Uint32Array(batch);
  let next = batch;
  return {
    uint32() {
      if (next === batch) {
        crypto.getRandomValues(numbers);
        next = 0;
      }
      return numbers[next++]!;
    },
  };
}
