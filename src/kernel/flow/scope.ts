/** What the expressions of a flow document see at one point of a run. */

import type { Json, JsonObject } from '../../base/index.ts';
import type { Scope } from '../../expression/index.ts';
import type { Desk } from '../program.ts';
import { type FlowState, latestSeen, taskStatus } from './state.ts';

export interface Viewpoint {
  readonly variables: JsonObject;
  readonly task?: { readonly name: string; readonly route: number; readonly result: Json };
  readonly item?: { readonly value: Json };
  /** The status the viewpoint's own task is seen to have, where it is not the recorded one. */
  readonly ownStatus?: string;
}

export function scopeAt(state: FlowState, desk: Desk, view: Viewpoint): Scope {
  const { task, item, ownStatus } = view;
  return {
    variables: view.variables,
    ...(task === undefined ? {} : { task }),
    ...(item === undefined ? {} : { item }),
    taskStatus(name, route) {
      if (ownStatus !== undefined && name === task?.name && route === task.route) return ownStatus;
      return taskStatus(state, name, route);
    },
    taskDetails: (name, route) => detailsOf(state, view, name, route),
    now: desk.at,
    random: () => desk.random(),
  };
}

/** What `task()` shows: the latest instance, with the result of the viewpoint's own task where that has just ended. */
function detailsOf(state: FlowState, view: Viewpoint, name: string, route: number): JsonObject | undefined {
  const entry = latestSeen(state, name, route);
  if (entry === undefined) return undefined;
  const own = view.ownStatus !== undefined && view.task?.name === entry.name && view.task.route === entry.route;
  const status = own ? (view.ownStatus ?? entry.status) : entry.status;
  const result = entry.result ?? (own ? (view.task?.result ?? null) : null);
  return { task_id: entry.name, task_name: entry.name, route: entry.route, status, result };
}
