/**
 * Which faults a seed has, how likely each is, and which of them happened.
 *
 * Each kind draws from a stream of its own, so that switching one kind off, or leaving out single faults, leaves the draws of
 * all others as they were: that is what makes shrinking work.
 */

import type { SeededRandom } from '../../src/testing/simulation.ts';

export const faultKinds = [
  'crash',
  'crash_at_port',
  'crash_in_recovery',
  'crash_in_commit',
  'graceful_restart',
  'slow_commit',
  'slow_read',
  'store_full',
  'busy',
  'store_failed',
  'reopen_failed',
  'read_failed',
  'answer_lost',
  'answer_doubled',
  'answer_slow',
  'abort_ignored',
  'clock_forward',
  'clock_back',
  'foreign_writer',
  'action_missing',
  'burst',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface FaultChoice {
  /** Kinds that do not happen. */
  readonly without?: readonly FaultKind[] | undefined;
  /** Single faults that do not happen, as `kind#number`. */
  readonly skip?: readonly string[] | undefined;
}

/** How likely a fault is each time it could happen, at most. */
const mostLikely: { readonly [kind in FaultKind]: number } = {
  crash: 0.02,
  crash_at_port: 0.004,
  crash_in_recovery: 0.25,
  crash_in_commit: 0.03,
  graceful_restart: 0.25,
  slow_commit: 0.3,
  slow_read: 0.5,
  store_full: 0.06,
  busy: 0.06,
  store_failed: 0.04,
  reopen_failed: 0.3,
  read_failed: 0.05,
  answer_lost: 0.1,
  answer_doubled: 0.25,
  answer_slow: 0.3,
  abort_ignored: 0.5,
  clock_forward: 0.05,
  clock_back: 0.05,
  foreign_writer: 0.1,
  action_missing: 0.3,
  burst: 0.06,
};

export class Faults {
  readonly #rates = new Map<FaultKind, number>();
  readonly #streams = new Map<FaultKind, SeededRandom>();
  readonly #counts = new Map<FaultKind, number>();
  readonly #without: ReadonlySet<FaultKind>;
  readonly #skip: ReadonlySet<string>;
  readonly happened: string[] = [];
  /** False in the healthy phase. */
  on = true;

  constructor(random: SeededRandom, choice: FaultChoice) {
    this.#without = new Set(choice.without);
    this.#skip = new Set(choice.skip);
    for (const kind of faultKinds) {
      const exists = random.chance(0.45);
      const rate = random.float() * mostLikely[kind];
      if (exists) this.#rates.set(kind, rate);
      this.#streams.set(kind, random.stream(kind));
    }
  }

  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#counts;
  }

  exists(kind: FaultKind): boolean {
    return this.#rates.has(kind);
  }

  /** Whether the fault happens here and now. */
  strikes(kind: FaultKind): boolean {
    const rate = this.#rates.get(kind);
    if (!this.on || rate === undefined || !this.#streams.get(kind)!.chance(rate)) return false;
    const number = (this.#counts.get(kind) ?? 0) + 1;
    const id = `${kind}#${number}`;
    this.#counts.set(kind, number);
    if (this.#without.has(kind) || this.#skip.has(id)) return false;
    this.happened.push(id);
    return true;
  }

  /** The stream that the details of a fault are drawn from. */
  details(kind: FaultKind): SeededRandom {
    return this.#streams.get(kind)!;
  }
}
