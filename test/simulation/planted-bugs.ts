/**
 * Bugs that are put in on purpose, from outside the production code: a simulation that does not find them finds nothing.
 *
 * Each is what somebody might really write. `seeds` is its budget: so many seeds, from the first on, and one has failed.
 * Budgets are several times what was needed when the bug was planted, so that a change of the workload does not break them.
 */

import type { Instant, Json } from '../../src/base/index.ts';
import { inspectFlow } from '../../src/definition/index.ts';
import { Flights } from '../../src/engine/flights.ts';
import { HotRun } from '../../src/engine/hot-run.ts';
import { HotRuns } from '../../src/engine/hot-runs.ts';
import { Deciding } from '../../src/kernel/deciding.ts';
import type { RunEvent } from '../../src/kernel/events.ts';
import type { FlowState } from '../../src/kernel/flow/state.ts';
import { type Executor, programOf, type Recorded, type RunState } from '../../src/kernel/index.ts';
import type { Bundle, RunAppend, Store } from '../../src/store/index.ts';
import { changedEvolve, type PlantedBug, replace } from './planted-bug.ts';
import { plantedFunctionBugs } from './planted-function-bugs.ts';
import { plantedGraphBugs } from './planted-graph-bugs.ts';
import { workflowOf } from './workflows.ts';

export type { PlantedBug } from './planted-bug.ts';

/** Changes events as the kernel emits them. */
function changedEvents(change: (event: RunEvent, deciding: Deciding) => RunEvent): () => void {
  return replace(
    Deciding.prototype,
    'emit',
    (original) =>
      function (event) {
        original.call(this, change(event, this));
      },
  );
}

const flow = programOf(inspectFlow('version: 1.0\ntasks: {a: {action: core.noop}}').definition!);

/** Changes how the flow program folds. */
function changedFold(change: (run: RunState, event: Recorded, fold: () => void) => void): () => void {
  return changedEvolve(flow, change);
}

function isJoin(run: RunState, name: string): boolean {
  return workflowOf(run.version)?.facts.joins.has(name) === true;
}

function withCommit(store: Store, commit: (bundles: readonly Bundle[]) => ReturnType<Store['commit']>): Store {
  return Object.create(store, { commit: { value: commit } }) as Store;
}

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'commit-acknowledged-before-sync',
    seeds: 20,
    store: (store) =>
      withCommit(store, async (bundles) => {
        void store.commit(bundles).catch(() => undefined);
        return bundles.map(() => ({ committed: true }) as const);
      }),
  },
  {
    name: 'reply-before-durable',
    seeds: 20,
    patch() {
      const descriptor = Object.getOwnPropertyDescriptor(HotRun.prototype, 'outbox')!;
      Object.defineProperty(HotRun.prototype, 'outbox', {
        configurable: true,
        get(this: HotRun) {
          const outbox = descriptor.get!.call(this) as HotRun['outbox'];
          return { ...outbox, releases: { push: (release: (error: unknown) => void) => release(undefined) } };
        },
      });
      return () => Object.defineProperty(HotRun.prototype, 'outbox', descriptor);
    },
  },
  {
    name: 'bundle-not-atomic',
    seeds: 100,
    store: (store) =>
      withCommit(store, async (bundles) => {
        const split = bundles.flatMap((bundle) =>
          bundle.appends.map((append, part): Bundle => {
            const { documents } = bundle;
            const rest = part === 0 && documents !== undefined ? { documents } : {};
            return { appendId: `${bundle.appendId}.${part}`, appends: [append], ...rest };
          }),
        );
        const outcomes = await store.commit(split);
        let next = 0;
        return bundles.map(({ appends }) => {
          const own = outcomes.slice(next, next + appends.length);
          next += appends.length;
          return own.find(({ committed }) => !committed) ?? { committed: true };
        });
      }),
  },
  {
    name: 'row-without-due',
    seeds: 20,
    store: (store) =>
      withCommit(store, (bundles) =>
        store.commit(
          bundles.map((bundle) => ({
            ...bundle,
            appends: bundle.appends.map((append): RunAppend => {
              if (append.row?.dueAt === undefined) return append;
              return { ...append, row: { ...append.row, dueAt: undefined } };
            }),
          })),
        ),
      ),
  },
  {
    name: 'result-changes-when-loaded',
    seeds: 100,
    store: (store) =>
      Object.create(store, {
        load: {
          value: async (run: Parameters<Store['load']>[0]) => {
            const stored = await store.load(run);
            if (stored === undefined || stored.corrupt) return stored;
            const entries = stored.entries.map((entry) => ({
              ...entry,
              payloads: entry.payloads?.replaceAll('"by":"', '"by":"not '),
            }));
            return { ...stored, entries };
          },
        },
      }) as Store,
  },
  {
    name: 'store-not-reopened',
    seeds: 100,
    store: (store) => Object.create(store, { reopen: { value: async () => undefined } }) as Store,
  },
  {
    name: 'clock-is-the-latest-wall-time',
    seeds: 400,
    clock: ({ notBefore, sources }) => {
      let latest = notBefore ?? 0;
      return {
        now() {
          latest = Math.max(latest, Math.floor(sources.wallMs()));
          return latest as Instant;
        },
      };
    },
  },
  {
    name: 'clock-is-the-wall',
    seeds: 100,
    clock: ({ sources }) => ({ now: () => Math.floor(sources.wallMs()) as Instant }),
  },
  {
    name: 'timer-5-ms-early',
    seeds: 20,
    patch: () =>
      changedEvents((event) =>
        event.type === 'WaitStarted' && event.dueAt !== undefined
          ? { ...event, dueAt: (event.dueAt - 5) as Instant }
          : event,
      ),
  },
  {
    name: 'timer-of-a-run-out-of-memory-forgotten',
    seeds: 100,
    patch: () =>
      replace(
        HotRuns.prototype,
        'park',
        (original) =>
          function (hot) {
            original.call(this, hot);
            return [];
          },
      ),
  },
  {
    name: 'cancel-skips-children',
    seeds: 200,
    patch: () =>
      replace(
        Deciding.prototype,
        'tellChildren',
        (original) =>
          function (command) {
            if (command !== 'Cancel' && command !== 'Terminate') original.call(this, command);
          },
      ),
  },
  {
    name: 'signal-nobody-waits-for-dropped',
    seeds: 20,
    patch: () =>
      replace(
        Deciding.prototype,
        'signal',
        (original) =>
          function (name, payload, id) {
            const isAwaited = [...this.run.open.values()].some((task) =>
              [...(task.waits?.values() ?? [])].some(({ signal }) => signal === name),
            );
            if (isAwaited) original.call(this, name, payload, id);
          },
      ),
  },
  {
    name: 'signals-last-in-first-out',
    seeds: 100,
    patch: () =>
      replace(
        Deciding.prototype,
        'signal',
        (original) =>
          function (name, payload, id) {
            original.call(this, name, payload, id);
            const queue = this.run.signals.get(name);
            if (queue !== undefined && queue.length > 1) queue.unshift(queue.pop() as Json);
          },
      ),
  },
  {
    name: 'signal-taken-twice',
    seeds: 60,
    patch: () =>
      replace(
        Deciding.prototype,
        'signal',
        (original) =>
          function (name, payload, id) {
            original.call(this, name, payload, id);
            if (id !== undefined) this.run.signalIds.delete(id);
          },
      ),
  },
  {
    name: 'answer-not-fenced',
    seeds: 1_500,
    functions: false,
    executor: (executor) => {
      const latest = new Map<string, Parameters<Executor['start']>[1]>();
      return Object.create(executor, {
        start: {
          value: (...[order, done, log, progress]: Parameters<Executor['start']>) => {
            const place = `${order.run} ${order.task}.${order.item ?? ''}`;
            latest.set(place, done);
            executor.start(order, (outcome) => latest.get(place)?.(outcome), log, progress);
          },
        },
        free: { value: () => executor.free() },
        has: { value: (action: string) => executor.has(action) },
        abort: { value: (order: Parameters<Executor['abort']>[0]) => executor.abort(order) },
        onFree: { value: (callback: () => void) => executor.onFree(callback) },
        close: { value: (graceMs: number) => executor.close(graceMs) },
      }) as Executor;
    },
  },
  {
    name: 'join-fires-twice',
    seeds: 40,
    patch: () => {
      const copies = new WeakSet<object>();
      return changedFold((run, event, fold) => {
        const state = run.program as FlowState;
        const staged =
          event.type === 'TaskScheduled' && isJoin(run, event.spec.name)
            ? state.staged.find(({ name, route }) => name === event.spec.name && route === (event.spec.route ?? 0))
            : undefined;
        fold();
        if (staged === undefined || copies.has(staged)) return;
        const copy = { ...staged, ready: true };
        copies.add(copy);
        state.staged.push(copy);
      });
    },
  },
  {
    name: 'join-does-not-wait',
    seeds: 40,
    patch: () =>
      changedFold((run, event, fold) => {
        fold();
        if (event.type !== 'ProgramNoted') return;
        for (const staged of (run.program as FlowState).staged) if (isJoin(run, staged.name)) staged.ready = true;
      }),
  },
  {
    name: 'retry-without-limit',
    seeds: 100,
    patch: () =>
      changedFold((run, event, fold) => {
        fold();
        const task = event.type === 'RetryScheduled' ? run.open.get(event.task) : undefined;
        if (task !== undefined && task.spec.kind !== 'workflow') task.retries = -1;
      }),
  },
  {
    name: 'retry-without-delay',
    seeds: 40,
    patch: () =>
      changedEvents((event, { at }) => (event.type === 'RetryScheduled' ? { ...event, notBefore: at } : event)),
  },
  {
    name: 'attempts-of-the-dead-not-lost',
    seeds: 40,
    patch: () => replace(Flights.prototype, 'of', () => () => Object.assign([], { some: () => true })),
  },
  {
    name: 'attempts-of-the-living-lost',
    seeds: 200,
    patch: () => replace(Flights.prototype, 'of', () => () => []),
  },
  {
    name: 'worker-never-given-up',
    seeds: 3_000,
    patch: () =>
      replace(
        Deciding.prototype,
        'loseAttempt',
        (original) =>
          function (task, item) {
            if (task.spec.once !== undefined) original.call(this, task, item);
            else this.emit({ type: 'AttemptLost', task: task.task, item });
          },
      ),
  },
  {
    name: 'paused-run-goes-on',
    seeds: 60,
    patch: () =>
      replace(
        Deciding.prototype,
        'mayBegin',
        (original) =>
          function (task) {
            return original.call(this, task) || this.run.status === 'pausing' || this.run.status === 'paused';
          },
      ),
  },
  {
    name: 'start-of-another-input-attaches',
    seeds: 60,
    hasher: (hasher) => ({ sha256: (text) => (text.startsWith('[') ? 'the same'.padEnd(40) : hasher.sha256(text)) }),
  },
  {
    name: 'ended-tasks-heard-together',
    seeds: 300,
    patch: () => {
      let inside = 0;
      const undo = [
        replace(
          Deciding.prototype,
          'passTime',
          (original) =>
            function () {
              inside += 1;
              original.call(this);
              inside -= 1;
            },
        ),
        replace(
          Deciding.prototype,
          'hear',
          (original) =>
            function () {
              if (inside === 0) original.call(this);
            },
        ),
      ];
      return () => {
        for (const one of undo) one();
      };
    },
  },
  ...plantedGraphBugs,
  ...plantedFunctionBugs,
];
