/**
 * The runs an engine holds in memory, and when each is next due.
 *
 * Ended runs leave at once. Runs that only wait stay while there are few: the longest unused leave first. A run whose
 * child is in memory stays with it.
 */

import { DueHeap, type Instant, type RunId } from '../base/index.ts';
import { isFinal, isWaiting, nextDue } from '../kernel/index.ts';
import type { HotRun } from './hot-run.ts';

interface RunDue {
  readonly at: Instant;
  readonly hot: HotRun;
}

/** Times of runs that have left which are not worth a pass over all. */
const staleMost = 1_024;

export class HotRuns {
  readonly #waitingMost: number;
  readonly #byId = new Map<RunId, HotRun>();
  /** Waiting runs, the longest unused first. */
  readonly #waiting = new Set<HotRun>();
  readonly #due = new DueHeap<RunDue>();

  constructor(waitingMost: number) {
    this.#waitingMost = waitingMost;
  }

  get(run: RunId): HotRun | undefined {
    return this.#byId.get(run);
  }

  values(): Iterable<HotRun> {
    return this.#byId.values();
  }

  add(hot: HotRun): void {
    this.#byId.set(hot.state.id, hot);
    hot.countedBy = this.parentOf(hot);
    if (hot.countedBy !== undefined) hot.countedBy.hotChildren += 1;
  }

  /** The run's parent, where it is in memory. */
  parentOf(hot: HotRun): HotRun | undefined {
    return hot.state.parent && this.#byId.get(hot.state.parent.run);
  }

  /** Sub-workflows of the run that are in memory, and theirs, innermost first. */
  childrenOf(hot: HotRun): readonly HotRun[] {
    if (hot.hotChildren === 0) return [];
    const children = [...this.#byId.values()].filter(({ state }) => state.parent?.run === hot.state.id);
    return children.flatMap((child) => [...this.childrenOf(child), child]);
  }

  /** Takes the run out of memory. */
  remove(hot: HotRun): void {
    if (this.#byId.get(hot.state.id) !== hot) return;
    // Not the parent there is now: one that ended is loaded without its parent, which may have come since.
    if (hot.countedBy !== undefined) hot.countedBy.hotChildren -= 1;
    hot.countedBy = undefined;
    this.#byId.delete(hot.state.id);
    this.#waiting.delete(hot);
    // What is due in years would hold its run in memory until then.
    if (this.#due.size > staleMost + 2 * this.#byId.size) this.#due.keep((due) => this.#holds(due));
  }

  /** The run moved: it is not the longest unused any more. */
  touch(hot: HotRun): void {
    this.#waiting.delete(hot);
  }

  /** Lets go of what memory need not hold, now that the run is durable. Answers the runs that left while they wait. */
  park(hot: HotRun): readonly HotRun[] {
    if (hot.isDirty || this.#byId.get(hot.state.id) !== hot) return [];
    if (isFinal(hot.state.status)) {
      if (hot.hotChildren === 0) this.remove(hot);
      return [];
    }
    this.#noteDue(hot);
    if (!isWaiting(hot.state)) return [];
    this.#waiting.add(hot);
    const left: HotRun[] = [];
    for (const oldest of this.#waiting) {
      if (this.#waiting.size <= this.#waitingMost) break;
      if (oldest.hotChildren > 0 || oldest.isDirty) {
        this.#waiting.delete(oldest);
        continue;
      }
      this.remove(oldest);
      left.push(oldest);
    }
    return left;
  }

  /** When the next run in memory is due. */
  nextDue(): Instant | undefined {
    for (let due = this.#due.peek(); due !== undefined; due = this.#due.peek()) {
      if (this.#holds(due)) return due.at;
      this.#due.pop();
    }
    return undefined;
  }

  /** The runs due at `at`; each is named once. */
  takeDue(at: Instant): readonly HotRun[] {
    const runs: HotRun[] = [];
    for (let due = this.#due.peek(); due !== undefined && due.at <= at; due = this.#due.peek()) {
      this.#due.pop();
      if (!this.#holds(due)) continue;
      due.hot.dueNoted = undefined;
      runs.push(due.hot);
    }
    return runs;
  }

  #noteDue(hot: HotRun): void {
    const at = nextDue(hot.state);
    if (at === hot.dueNoted) return;
    hot.dueNoted = at;
    if (at !== undefined) this.#due.push({ at, hot });
  }

  #holds(due: RunDue): boolean {
    return due.hot.dueNoted === due.at && this.#byId.get(due.hot.state.id) === due.hot;
  }
}
