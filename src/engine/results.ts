/**
 * Results of earlier runs that may take the place of an attempt: asked of the store before the first attempt of a task whose
 * result is cached, without holding up anything else.
 *
 * Two tasks with the same key that start together both run: a result is there once one of them has committed it.
 */

import type { Clock, Hasher, Json, RunId, TaskNumber } from '../base/index.ts';
import type { Effect, OpenTask } from '../kernel/index.ts';
import type { StoredResult, StoreReader } from '../store/index.ts';

type Found = { readonly output: Json; readonly from: { readonly run: RunId; readonly task: TaskNumber } };

export class KeptResults {
  readonly #store: StoreReader;
  readonly #clock: Clock;
  readonly #hasher: Hasher;
  /** By run, then by task: being asked for, or known to be missing. */
  readonly #asked = new Map<RunId, Map<TaskNumber, 'asking' | 'missing'>>();
  #asking = 0;

  constructor(store: StoreReader, clock: Clock, hasher: Hasher) {
    this.#store = store;
    this.#clock = clock;
    this.#hasher = hasher;
  }

  /** True while an answer is awaited. */
  get isAsking(): boolean {
    return this.#asking > 0;
  }

  /**
   * True where the task has to wait for an answer before it may start. `answer` is called once with what was found, or with
   * undefined; the store's faults count as nothing found.
   */
  mustWait(run: RunId, task: OpenTask, answer: (found: Found | undefined) => void): boolean {
    const { cache } = task.spec;
    if (cache === undefined || task.items !== undefined || task.attempt > 0) return false;
    const asked = this.#asked.get(run) ?? new Map<TaskNumber, 'asking' | 'missing'>();
    this.#asked.set(run, asked);
    const known = asked.get(task.task);
    if (known === 'missing') {
      asked.delete(task.task);
      return false;
    }
    if (known === 'asking') return true;
    asked.set(task.task, 'asking');
    this.#asking += 1;
    void this.#ask(cache.key).then((found) => {
      this.#asking -= 1;
      if (found === undefined) asked.set(task.task, 'missing');
      else asked.delete(task.task);
      answer(found);
    });
    return true;
  }

  /** The run is not in memory any more. */
  forget(run: RunId): void {
    this.#asked.delete(run);
  }

  async #ask(key: string): Promise<Found | undefined> {
    try {
      const found = await this.#store.result(this.#hash(key), this.#clock.now());
      return found && { output: JSON.parse(found.output) as Json, from: { run: found.run, task: found.task } };
    } catch {
      return undefined;
    }
  }

  /** What is to be kept of a task that has succeeded. */
  keptOf(run: RunId, { task, cache, output }: Effect & { type: 'keepResult' }): StoredResult {
    const at = this.#clock.now();
    const { key, ttlMs } = cache;
    return {
      key: this.#hash(key),
      run,
      task,
      at,
      output: JSON.stringify(output),
      ...(ttlMs === undefined ? {} : { expiresAt: (at + ttlMs) as typeof at }),
    };
  }

  #hash(key: string): string {
    return this.#hasher.sha256(key).slice(0, 40);
  }
}
