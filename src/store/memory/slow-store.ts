/**
 * A store whose commits take their time, for tests: what a caller may not rely on is that a commit is done when it was
 * handed in, or that its answer comes in the same turn.
 *
 * Calls that write go one after another, in the order they came: each waits for `before`, is done, waits for `after`, and
 * is answered then. A commit that is under way can therefore be there already and not be answered yet. Reads do not wait.
 */

import type { Bundle, LogChunk, Outcome, Store } from '../store.ts';

export interface Slowness {
  /** Awaited before a write is done. */
  before(): Promise<void>;
  /** Awaited before its answer is given. */
  after(): Promise<void>;
}

/** `store`, slowed down. Everything else is its own. */
export function slowStore(store: Store, slowness: Slowness): Store {
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(write: () => Promise<T>): Promise<T> {
    const done = last.then(async () => {
      await slowness.before();
      const answer = await write();
      await slowness.after();
      return answer;
    });
    last = done.catch(() => undefined);
    return done;
  }

  const slow: Partial<Store> = {
    commit: (bundles: readonly Bundle[]): Promise<readonly Outcome[]> => inTurn(() => store.commit(bundles)),
    transact: (decide) => inTurn(() => store.transact(decide)),
    appendLogs: (chunks: readonly LogChunk[]) => inTurn(() => store.appendLogs(chunks)),
    writeMeta: (key, value) => inTurn(() => store.writeMeta(key, value)),
    remove: (run) => inTurn(() => store.remove(run)),
    sweep: (sweep) => inTurn(() => store.sweep(sweep)),
    removeEnded: (runs, spare) => inTurn(() => store.removeEnded(runs, spare)),
    dropResults: (at, limit) => inTurn(() => store.dropResults(at, limit)),
    reopen: () => inTurn(() => store.reopen()),
    close: () => inTurn(() => store.close()),
  };
  return new Proxy(store, {
    get(target, name) {
      const own = slow[name as keyof Store] ?? target[name as keyof Store];
      return typeof own === 'function' && !Object.hasOwn(slow, name) ? own.bind(target) : own;
    },
  });
}
