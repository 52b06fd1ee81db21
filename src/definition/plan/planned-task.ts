/** What a plan repeats of a task's definition. */

import { preferredKind } from '../../graph/index.ts';
import { type DagTask, ownAction, type Resources } from '../dag.ts';
import type { FlowTask } from '../flow.ts';
import type { PlannedTask } from './execution-plan.ts';
import type { PlannedGraph } from './planned-graph.ts';

export function plannedTask(
  { names, tasks, all, conditional }: PlannedGraph,
  number: number,
): Omit<PlannedTask, 'estimateMs' | 'soonestMs' | 'startMs' | 'endMs' | 'slackMs' | 'critical'> {
  const task = tasks[number]!;
  const needs: string[] = [];
  const prefers: string[] = [];
  for (let row = all.inStart[number]!; row < all.inStart[number + 1]!; row += 1)
    (all.inKind[row] === preferredKind ? prefers : needs).push(names[all.inFrom[row]!]!);
  const action = actionName(task);
  const { priority } = task;
  return {
    name: names[number]!,
    ...(action === undefined ? {} : { action }),
    ...(priority === undefined ? {} : { priority }),
    ...('needs' in task ? ofGraph(task) : {}),
    needs,
    prefers,
    conditional: conditional[number]!,
  };
}

function ofGraph(task: DagTask): Pick<PlannedTask, 'title' | 'type' | 'workerType' | 'resources' | 'trigger'> {
  const { title, type, workerType, resources, trigger } = task;
  return {
    ...(title === undefined ? {} : { title }),
    ...(type === undefined ? {} : { type }),
    ...(workerType === undefined ? {} : { workerType }),
    ...(resources === undefined ? {} : { resources }),
    trigger,
  };
}

/** Absent where the task has none, an expression gives it, or the task is code of its own. */
export function actionName({ action }: DagTask | FlowTask): string | undefined {
  if (action === undefined || !action.constant || typeof action.source !== 'string') return undefined;
  return action.source.startsWith(ownAction) ? undefined : action.source;
}

/** What the definition says of how long it takes; a task that calls nothing is over at once. */
export function declaredMs(task: DagTask | FlowTask): number | undefined {
  if ('estimateMs' in task && task.estimateMs !== undefined) return task.estimateMs;
  const callsNothing = task.action === undefined || actionName(task) === 'core.noop';
  return callsNothing && task.delay === undefined && task.with === undefined ? 0 : undefined;
}

export function resourcesOf(task: DagTask | FlowTask): Resources | undefined {
  return 'needs' in task ? task.resources : undefined;
}
