/**
 * A store that fails as disks and processes do, under a simulation's hand.
 *
 * The disk (`SimulatedDisk`) outlives processes: it keeps every bundle in order and knows how far it is synced. A process
 * opens a handle on it (`open`). A commit takes time, is applied bundle by bundle, and is answered once it is synced; what a
 * crash finds applied and not synced is cut off at any bundle. What is applied can be read at once, also before the answer.
 *
 * The inner store does the real work: the memory store, or any other that `make` gives. After a cut a new one is filled from
 * the bundles that are left.
 */

import { PawlError, type RunId } from '../base/index.ts';
import type { Bundle, Outcome, Store } from '../store/index.ts';

/** What the simulation decides about each call. Times are in milliseconds. */
export interface StoreConduct {
  /** Resolves after that much simulated time. */
  pause(ms: number): Promise<void>;
  /** Before a commit is applied, and from then until it is synced. */
  commitDelayMs(): number;
  syncDelayMs(): number;
  readDelayMs(): number;
  /** The fault of a call that writes, if it has one. */
  writeFault(): 'store_full' | 'busy' | 'store_failed' | undefined;
  /** Of so many bundles of a commit that fails with unknown outcome, how many are applied. */
  appliedOf(bundles: number): number;
  readFault(): 'busy' | undefined;
  reopenFails(): boolean;
  /** A place where the process may die; true where it just did. */
  mayDie(place: 'before_apply' | 'between_bundles' | 'before_sync' | 'after_sync'): boolean;
}

export class SimulatedDisk {
  readonly #make: () => Promise<Store>;
  /** Called with each bundle once nothing can undo it, in order. */
  readonly #onDurable: (bundle: Bundle) => void;
  readonly #log: Bundle[] = [];
  readonly #revisions = new Map<RunId, number>();
  #inner: Store;
  #synced = 0;
  #generation = 0;

  private constructor(make: () => Promise<Store>, inner: Store, onDurable: (bundle: Bundle) => void) {
    this.#make = make;
    this.#inner = inner;
    this.#onDurable = onDurable;
  }

  static async create(make: () => Promise<Store>, onDurable: (bundle: Bundle) => void): Promise<SimulatedDisk> {
    return new SimulatedDisk(make, await make(), onDurable);
  }

  /** What is on the disk now, for reading. */
  get contents(): Store {
    return this.#inner;
  }

  get unsynced(): number {
    return this.#log.length - this.#synced;
  }

  get appliedCount(): number {
    return this.#log.length;
  }

  /** A handle for a new process. */
  open(conduct: StoreConduct): Store {
    this.#generation += 1;
    return handleOn(this, this.#generation, conduct);
  }

  nextGeneration(): number {
    this.#generation += 1;
    return this.#generation;
  }

  async apply(bundle: Bundle): Promise<Outcome> {
    const isNew = bundle.appends.every(({ run, expected }) => (this.#revisions.get(run) ?? 0) === expected);
    const [outcome] = await this.#inner.commit([bundle]);
    if (isNew && outcome?.committed === true) {
      this.#log.push(bundle);
      for (const { run, expected, count } of bundle.appends) this.#revisions.set(run, expected + count);
    }
    return outcome!;
  }

  sync(upTo = this.#log.length): void {
    while (this.#synced < Math.min(upTo, this.#log.length)) {
      const bundle = this.#log[this.#synced]!;
      this.#synced += 1;
      this.#onDurable(bundle);
    }
  }

  /** The process died: of what was not synced, the first `kept` bundles are there. */
  async cut(kept: number): Promise<void> {
    const length = this.#synced + kept;
    if (length < this.#log.length) {
      this.#log.length = length;
      this.#inner = await this.#make();
      this.#revisions.clear();
      await this.#inner.commit(this.#log);
      for (const { appends } of this.#log)
        for (const { run, expected, count } of appends) this.#revisions.set(run, expected + count);
    }
    this.sync();
  }
}

const reads = new Set([
  'load',
  'history',
  'list',
  'open',
  'due',
  'nextDue',
  'document',
  'result',
  'unreadable',
  'lastInstant',
  'logs',
  'readMeta',
  'nextEnded',
  'find',
  'nextExpiry',
]);

const writes = ['appendLogs', 'writeMeta', 'remove', 'sweep', 'removeEnded', 'dropResults'] as const;

function handleOn(disk: SimulatedDisk, firstGeneration: number, conduct: StoreConduct): Store {
  let last: Promise<unknown> = Promise.resolve();
  let failed = false;
  let closed = false;
  let generation = firstGeneration;

  function assertUsable(): void {
    if (closed) throw new PawlError('closed', 'the simulated store is closed');
    if (failed) throw new PawlError('store_failed', 'the simulated store has failed: reopen it');
  }

  function inTurn<T>(write: () => Promise<T>): Promise<T> {
    const done = last.then(write);
    last = done.catch(() => undefined);
    return done;
  }

  /** Never resolves: the process is gone. */
  const forever = new Promise<never>(() => {});

  async function commit(bundles: readonly Bundle[]): Promise<readonly Outcome[]> {
    assertUsable();
    await conduct.pause(conduct.commitDelayMs());
    if (conduct.mayDie('before_apply')) return forever;
    const fault = conduct.writeFault();
    if (fault === 'store_full' || fault === 'busy') throw new PawlError(fault, `simulated: ${fault}`);
    const applied = fault === undefined ? bundles.length : conduct.appliedOf(bundles.length);
    const outcomes: Outcome[] = [];
    for (const bundle of bundles.slice(0, applied)) {
      if (outcomes.length > 0 && conduct.mayDie('between_bundles')) return forever;
      outcomes.push(await disk.apply(bundle));
    }
    const reached = disk.appliedCount;
    if (fault !== undefined) {
      failed = true;
      throw new PawlError('store_failed', 'simulated: the outcome of a commit is unknown');
    }
    if (conduct.mayDie('before_sync')) return forever;
    await conduct.pause(conduct.syncDelayMs());
    disk.sync(reached);
    if (conduct.mayDie('after_sync')) return forever;
    return outcomes;
  }

  async function reopen(): Promise<void> {
    await conduct.pause(conduct.commitDelayMs());
    if (conduct.reopenFails()) throw new PawlError('store_failed', 'simulated: the store cannot be opened again');
    generation += 1;
    failed = false;
    disk.sync();
  }

  async function writing(name: (typeof writes)[number], args: unknown[]): Promise<unknown> {
    assertUsable();
    await conduct.pause(conduct.commitDelayMs());
    const fault = conduct.writeFault();
    if (fault === 'store_failed') failed = true;
    if (fault !== undefined) throw new PawlError(fault, `simulated: ${fault}`);
    return (disk.contents[name] as (...given: unknown[]) => Promise<unknown>)(...args);
  }

  async function reading(name: string, args: unknown[]): Promise<unknown> {
    assertUsable();
    const delayMs = conduct.readDelayMs();
    if (delayMs > 0) await conduct.pause(delayMs);
    assertUsable();
    const fault = conduct.readFault();
    if (fault !== undefined) throw new PawlError(fault, `simulated: ${fault}`);
    const inner = disk.contents as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
    return inner[name]!(...args);
  }

  const own: Record<string, unknown> = {
    durability: 'sqlite-full',
    commit: (bundles: readonly Bundle[]) => inTurn(() => commit(bundles)),
    reopen: () => inTurn(reopen),
    close: () =>
      inTurn(async () => {
        closed = true;
      }),
  };
  for (const name of writes) own[name] = (...args: unknown[]) => inTurn(() => writing(name, args));
  for (const name of reads) own[name] = (...args: unknown[]) => reading(name, args);
  Object.defineProperty(own, 'generation', { get: () => generation });
  // Every member of the interface stands above; the record has lost their types.
  return own as unknown as Store;
}
