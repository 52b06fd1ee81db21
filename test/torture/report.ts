/** What a kind of torture tells while it goes on, and what it found in the end. */

export interface TortureOptions {
  /** Trials to make, of whatever a trial is for the kind. */
  readonly count: number;
  readonly seed: number;
  /** Where progress goes. */
  readonly progress: (text: string) => void;
  /** True: over a store that does not sync its commits (`synchronous: 'normal'`), to see the harness find what that loses. */
  readonly normal?: boolean;
}

/** One fault, and the seed that shows it again. */
export interface Violation {
  readonly seed: number;
  readonly fault: string;
}

export interface Tally {
  readonly trials: number;
  readonly violations: readonly Violation[];
  /** What happened how often, so that one can see that the trials were trials. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Counts by name. */
export class Counts {
  readonly #counts = new Map<string, number>();

  add(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  most(name: string, value: number): void {
    this.#counts.set(name, Math.max(this.#counts.get(name) ?? 0, value));
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  all(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Runs trials on several lanes at once, since most of a trial is waiting. */
export async function onLanes(lanes: number, trials: number, trial: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < trials) {
      next += 1;
      await trial(next - 1);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, trials) }, lane));
}
