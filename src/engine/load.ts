/** Brings a run from the store into memory: its snapshot and the events after it, its parents, the workflows it may need. */

import { assert, type Instant, isPawlError, PawlError, type RunId, type TaskNumber } from '../base/index.ts';
import {
  assertConsistent,
  decodeEvents,
  evolve,
  isFinal,
  newRun,
  type OpenTask,
  outlives,
  type Program,
  type RunState,
  thawRun,
  unitKind,
} from '../kernel/index.ts';
import type { RunRow, StoredRun, StoreReader } from '../store/index.ts';
import type { Programs, Workflow } from './programs.ts';

export interface LoadedRun {
  readonly state: RunState;
  readonly program: Program;
  readonly row: RunRow;
  readonly workflow: Workflow;
}

/** The id of the run that a task, or one item of it, starts: the same each time it is asked, another for each retry. */
export function childRunId(parent: RunId, task: TaskNumber, item: number | undefined, round = 0): RunId {
  return `${parent}/${task}${item === undefined ? '' : `.${item}`}${round === 0 ? '' : `:${round}`}` as RunId;
}

/** The child runs that open tasks of the run wait for. */
export function childrenAwaited(state: RunState): readonly RunId[] {
  return [...state.open.values()].flatMap((task) => childrenOf(state, task));
}

/** The child runs that go when the run fails or is canceled, and how each of them is told. */
export function childrenLeaving(
  state: RunState,
): readonly { readonly run: RunId; readonly command: 'Cancel' | 'Terminate' }[] {
  return [...state.open.values()].flatMap((task) => {
    const { onLeave } = task.spec;
    if (outlives(task.spec) || onLeave === 'abandon') return [];
    const command = onLeave === 'terminate' ? 'Terminate' : 'Cancel';
    return childrenOf(state, task).map((run) => ({ run, command }) as const);
  });
}

/** The child runs of these tasks that are told when they are left. */
export function childrenTold(state: RunState, tasks: Iterable<TaskNumber>): readonly RunId[] {
  const children: RunId[] = [];
  for (const number of tasks) {
    const task = state.open.get(number);
    if (task !== undefined && task.spec.onLeave !== 'abandon') children.push(...childrenOf(state, task));
  }
  return children;
}

/** True where time ends the task, or a wait of it, by then. */
export function isDueBy({ spec, waits }: OpenTask, at: Instant): boolean {
  if (unitKind(spec) !== 'workflow' || waits === undefined) return false;
  if (spec.deadlineAt !== undefined && spec.deadlineAt <= at) return true;
  return [...waits.values()].some(({ dueAt }) => dueAt !== undefined && dueAt <= at);
}

function childrenOf(state: RunState, task: OpenTask): readonly RunId[] {
  if (task.waits === undefined || unitKind(task.spec) !== 'workflow') return [];
  return [...task.waits.keys()].map((item) =>
    childRunId(state.id, task.task, item < 0 ? undefined : item, task.retries),
  );
}

/**
 * The run and those above it that are open, outermost first; undefined where there is no such run.
 *
 * @throws PawlError `store_corrupt`: its rows are damaged, or its history is not one that can have happened.
 */
export async function loadRun(
  run: RunId,
  store: StoreReader,
  programs: Programs,
): Promise<readonly LoadedRun[] | undefined> {
  const stored = await store.load(run);
  if (stored === undefined) return undefined;
  const loaded = await foldStored(run, stored, store, programs);
  const { parent } = loaded.state;
  if (parent === undefined || isFinal(loaded.state.status)) return [loaded];
  const above = await loadRun(parent.run, store, programs);
  return [...(above ?? []), loaded];
}

/** Folds what the store holds of a run. */
export async function foldStored(
  run: RunId,
  stored: StoredRun,
  store: StoreReader,
  programs: Programs,
): Promise<LoadedRun> {
  if (stored.corrupt) {
    throw new PawlError('store_corrupt', `run "${run}" cannot be read: ${stored.reason}. Other runs are not affected`);
  }
  const { row, snapshot, entries } = stored;
  const workflow = await programs.load(row.version, store);
  if (workflow === undefined) {
    throw new PawlError(
      'store_corrupt',
      `run "${run}" needs version ${row.version} of "${row.workflow}", which the store does not hold`,
    );
  }
  const { program } = workflow;
  try {
    const state = snapshot === undefined ? newRun(run) : thawRun(run, snapshot.state, program);
    for (const entry of entries) {
      for (const event of decodeEvents(entry, entry.at)) evolve(state, event, program);
      assert(state.revision === entry.to, `the entry that ends at revision ${entry.to} ends at ${state.revision}`);
    }
    assertConsistent(state, program);
    for (const version of Object.values(state.pinned)) await programs.load(version, store);
    return { state, program, row, workflow };
  } catch (error) {
    // What cannot be read now says nothing about the history.
    if (isPawlError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new PawlError('store_corrupt', `the history of run "${run}" cannot be folded: ${reason}`, { cause: error });
  }
}
