/** Bugs planted in dependency graphs, and in what every style shares with them: undoing, cached results, decisions. */

import { inspectFlow } from '../../src/definition/index.ts';
import { type DagState, eachUser, enqueue, isOver, letters } from '../../src/kernel/dag/state.ts';
import { Deciding } from '../../src/kernel/deciding.ts';
import type { RunEvent } from '../../src/kernel/events.ts';
import { programOf, type Recorded, type RunState } from '../../src/kernel/index.ts';
import type { Store } from '../../src/store/index.ts';
import { changedEvolve, type PlantedBug, replace } from './planted-bug.ts';

const { definition } = inspectFlow('version: 1.0\ntasks: {a: {needs: []}}');

/** Changes how the DAG program folds: `change` is called after each fold. */
function afterFold(change: (state: DagState, event: Recorded, task: number) => void): () => void {
  return changedEvolve(programOf(definition!), (run: RunState, event, fold) => {
    const task = 'task' in event && event.type !== 'TaskScheduled' ? (run.open.get(event.task)?.spec.route ?? -1) : -1;
    fold();
    change(run.program as DagState, event, task);
  });
}

/** Changes or drops events as the kernel emits them. */
function emitted(change: (event: RunEvent, run: RunState) => RunEvent | undefined): () => void {
  return replace(
    Deciding.prototype,
    'emit',
    (original) =>
      function (event) {
        const changed = change(event, this.run);
        if (changed !== undefined) original.call(this, changed);
      },
  );
}

export const plantedGraphBugs: readonly PlantedBug[] = [
  {
    name: 'graph-join-fires-twice',
    seeds: 60,
    patch: () =>
      afterFold((state, event, task) => {
        if (event.type !== 'TaskEnded' || state.status[task] !== letters.succeeded) return;
        const { inStart } = state.plan.graph;
        if ((inStart[task + 1] ?? 0) - (inStart[task] ?? 0) > 1) enqueue(state, task);
      }),
  },
  {
    name: 'graph-join-does-not-wait',
    seeds: 60,
    patch: () =>
      afterFold((state, event, task) => {
        if (event.type !== 'TaskEnded' || state.status[task] !== letters.succeeded) return;
        eachUser(state, task, (user) => {
          if (state.status[user] === letters.pending) enqueue(state, user);
        });
      }),
  },
  {
    name: 'dependents-of-a-skipped-task-run',
    seeds: 150,
    patch: () =>
      afterFold((state, event) => {
        if (event.type !== 'ProgramNoted' || !Array.isArray(event.note) || event.note[0] !== 'skipped') return;
        eachUser(state, event.note[1] as number, (user) => {
          if (state.status[user] === letters.skipped) enqueue(state, user);
        });
      }),
  },
  {
    name: 'dependents-of-a-failed-task-run',
    seeds: 100,
    patch: () =>
      afterFold((state, event, task) => {
        if (event.type !== 'TaskEnded' || state.status[task] !== letters.failed) return;
        eachUser(state, task, (user) => {
          if (state.status[user] === letters.cutOff && state.left[user] === 0) enqueue(state, user);
        });
      }),
  },
  {
    name: 'graph-ends-while-a-task-could-run',
    seeds: 150,
    patch: () =>
      afterFold((state, event, task) => {
        if (event.type !== 'TaskEnded' || !isOver(state.status[task])) return;
        const last = state.plan.tasks.length - 1;
        // The last task is forgotten where it was ready.
        if (last > 0 && state.status[last] === letters.ready) state.status[last] = letters.pending;
      }),
  },
  {
    name: 'compensation-lost',
    seeds: 60,
    patch: () => emitted((event) => (event.type === 'CompensationArmed' && event.task % 2 === 0 ? undefined : event)),
  },
  {
    name: 'compensation-oldest-first',
    seeds: 200,
    patch: () =>
      emitted((event, run) => {
        if (event.type === 'RunFailing' || event.type === 'CancelRequested') run.undo.reverse();
        return event;
      }),
  },
  {
    name: 'compensation-is-compensated',
    seeds: 400,
    patch: () =>
      emitted((event) =>
        event.type === 'CompensationArmed' ? { ...event, spec: { ...event.spec, compensates: true } } : event,
      ),
  },
  {
    name: 'group-goes-on-after-a-failure',
    seeds: 200,
    patch: () => emitted((event) => (event.type === 'GroupFailed' ? { ...event, group: `${event.group}?` } : event)),
  },
  {
    name: 'decision-recorded-as-another',
    seeds: 600,
    patch: () =>
      emitted((event) =>
        event.type === 'DecisionTaken' && event.choice === 'retry' ? { ...event, choice: 'skip' } : event,
      ),
  },
  {
    name: 'result-reused-under-another-key',
    seeds: 600,
    store: (store) =>
      new Proxy(store, {
        get(target, name) {
          if (name === 'commit') {
            const commit: Store['commit'] = (bundles) =>
              target.commit(
                bundles.map(({ results, ...bundle }) => ({
                  ...bundle,
                  ...(results === undefined ? {} : { results: results.map((one) => ({ ...one, key: 'same' })) }),
                })),
              );
            return commit;
          }
          if (name === 'result') return (_key: string, at: Parameters<Store['result']>[1]) => target.result('same', at);
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
  },
];
