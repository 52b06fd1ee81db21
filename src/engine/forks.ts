/** What a fork begins with: the history of another run, up to a point of it. */

import { PawlError, type RunId, type TaskNumber, type WorkflowVersion } from '../base/index.ts';
import type { Outcome, Recorded } from '../kernel/index.ts';
import type { StoreReader } from '../store/index.ts';
import { checkpointsOf, noForkAt, pinnedIn } from './checkpoints.ts';
import type { ForkMessage } from './message.ts';
import type { Programs, Workflow } from './programs.ts';
import { storedHistory } from './view.ts';

export type Fork = Pick<ForkMessage, 'workflow' | 'history' | 'from' | 'edited'>;

export interface ForkSource {
  readonly run: RunId;
  readonly store: StoreReader;
  readonly programs: Programs;
}

/**
 * Up to its last commit that ended at `revision` or before.
 *
 * @throws PawlError `not_found`, `store_corrupt`. `bad_input`: no commit ended so early, or the run had ended there.
 */
export async function forkAtRevision(source: ForkSource, revision: number): Promise<Fork> {
  const { run, store } = source;
  const points = await checkpointsOf(run, store);
  const point = points.findLast((one) => one.revision <= revision);
  if (point === undefined || point.final) throw noForkAt(run, revision, points);
  const history = (await storedHistory(run, store)).slice(0, point.revision);
  return { ...(await workflowOf(source, history)), from: { run, revision: point.revision }, edited: undefined };
}

/**
 * Up to where a call of its function came to an end: the call is made again, or, with an outcome, has come to that. Where it waits in
 * that call, all of its history.
 *
 * @throws PawlError `not_found`, `store_corrupt`. `bad_input`: it has no such call.
 */
export async function forkAtCall(source: ForkSource, call: number | string, outcome?: Outcome): Promise<Fork> {
  const { run, store } = source;
  const whole = await storedHistory(run, store);
  const { task, revision } = endOfCall(run, whole, call);
  const found = await workflowOf(source, whole.slice(0, revision));
  return { ...found, from: { run, revision }, edited: outcome && { task, outcome } };
}

async function workflowOf(
  { run, store, programs }: ForkSource,
  history: Recorded[],
): Promise<{ readonly workflow: Workflow; readonly history: readonly Recorded[] }> {
  const version = versionIn(history);
  const workflow = version === undefined ? undefined : await programs.load(version, store);
  if (workflow === undefined) {
    const message = `run "${run}" was of version ${version} there, which is neither registered here nor kept any more; fork it at a later place`;
    throw new PawlError('bad_input', message);
  }
  for (const pinned of pinnedIn(history)) await programs.load(pinned, store);
  return { workflow, history };
}

/** What a run was of at the end of such a history: one that begins anew may do so as another version. */
function versionIn(history: readonly Recorded[]): WorkflowVersion | undefined {
  const begun = history.findLast(({ type }) => type === 'RunStarted' || type === 'RunRenewed');
  return begun?.type === 'RunStarted' || begun?.type === 'RunRenewed' ? begun.version : undefined;
}

/** Where a call of a function ended in its history, or the end of it where the run waits in that call; of several of that name, the last that ended. */
function endOfCall(
  run: RunId,
  history: readonly Recorded[],
  call: number | string,
): { readonly task: TaskNumber; readonly revision: number } {
  const tasks = new Set<TaskNumber>();
  for (const event of history) {
    if (event.type !== 'TaskScheduled' || event.spec.undoes !== undefined) continue;
    const isMeant = typeof call === 'number' ? event.spec.route === call : event.spec.name === call;
    if (isMeant) tasks.add(event.task);
  }
  let end = history.findLastIndex((event) => event.type === 'TaskEnded' && tasks.has(event.task));
  const ended = history[end];
  const open = [...tasks].at(-1);
  const isOver =
    history.findLastIndex(({ type }) => type === 'RunEnded') >
    history.findLastIndex(({ type }) => type === 'RunReopened');
  if (ended === undefined && open !== undefined && !isOver) return { task: open, revision: history.length };
  if (ended?.type !== 'TaskEnded')
    throw new PawlError(
      'bad_input',
      `run "${run}" has no call ${JSON.stringify(call)} that has ended, or that it waits in`,
    );
  // A signal it took is taken again.
  for (let before = history[end - 1]; before?.type === 'SignalConsumed' && before.task === ended.task; end -= 1)
    before = history[end - 2];
  return { task: ended.task, revision: end };
}
