/**
 * New ids.
 *
 * A run id is 20 characters of `0-9a-v`: 9 of milliseconds since the epoch, 11 of randomness, so that sorting the text
 * sorts by time (until the year 3084). Within one millisecond the random part counts up, so ids of one source are
 * strictly ascending even when the clock stands. Two processes meet with a chance of about 2^-54 for each pair of ids
 * they make in the same millisecond; a store refuses the second. An id is a name and no secret: the next one can be guessed.
 *
 * An append id is `generation.count` in base 36, mostly six characters, since one stands in every row of the journal. It
 * is unique as long as no two openings of a store share a generation, which the store sees to, and each makes one source.
 */

import { assert, type Clock, type Ids, parseRunId, type Random, type RunId } from '../base/index.ts';

const digits = '0123456789abcdefghijklmnopqrstuv';
const lowBits = 30;
const lowMax = 2 ** lowBits - 1;
/** One bit less than fits, so that counting up never overflows into the time. */
const highStart = 2 ** 24;

export interface SystemIdsOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The store's: `store.generation`. */
  readonly generation: number;
}

export function systemIds({ clock, random, generation }: SystemIdsOptions): Ids {
  assert(Number.isSafeInteger(generation) && generation >= 0, `generation ${generation} is not a whole number`);
  const appendPrefix = `${generation.toString(36)}.`;
  let appends = 0;
  let latestMs = -1;
  let prefix = '';
  let high = 0;
  let low = 0;

  function startMillisecond(ms: number): void {
    latestMs = ms;
    high = random.uint32() % highStart;
    low = random.uint32() % (lowMax + 1);
    prefix = base32(ms, 9) + base32(high, 5);
  }

  function countUp(): void {
    if (low < lowMax) {
      low += 1;
      return;
    }
    low = 0;
    high += 1;
    prefix = base32(latestMs, 9) + base32(high, 5);
  }

  return {
    runId(): RunId {
      const ms = clock.now();
      if (ms > latestMs) startMillisecond(ms);
      else countUp();
      const id = parseRunId(prefix + base32(low, 6));
      assert(id !== undefined, 'a new run id is well formed');
      return id;
    },
    appendId: () => appendPrefix + (appends++).toString(36),
  };
}

/** `value` in exactly `length` base-32 digits. */
function base32(value: number, length: number): string {
  let text = '';
  let rest = value;
  for (let place = 0; place < length; place++) {
    text = digits.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
