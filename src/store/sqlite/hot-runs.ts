/**
 * What the writer remembers of the runs it wrote last: key, revision, row. A run that is found here is appended to
 * without reading anything.
 *
 * H1. While no other connection writes, an entry says what the file says. Whoever rolls back, or sees that another
 *     connection wrote, forgets everything.
 */

import type { RunId } from '../../base/index.ts';
import type { RunRow } from '../store.ts';
import { RecentMap } from './recent-map.ts';
import type { Runs } from './runs.ts';

export interface HotRun {
  readonly key: number;
  revision: number;
  /** Undefined where it was not needed yet. */
  row: RunRow | undefined;
}

/** Bounds memory at about a megabyte; a run beyond it costs one SELECT at its next append. */
const capacity = 2_000;

export class HotRuns {
  readonly #runs: Runs;
  readonly #recent = new RecentMap<RunId, HotRun>(capacity);

  constructor(runs: Runs) {
    this.#runs = runs;
  }

  find(run: RunId): HotRun | undefined {
    const known = this.#recent.get(run);
    if (known !== undefined) return known;
    const position = this.#runs.position(run);
    if (position === undefined) return undefined;
    const { key, revision } = position;
    return this.remember(run, { key, revision, row: undefined });
  }

  remember(run: RunId, hot: HotRun): HotRun {
    this.#recent.set(run, hot);
    return hot;
  }

  forget(run: RunId): void {
    this.#recent.delete(run);
  }

  forgetAll(): void {
    this.#recent.clear();
  }
}
