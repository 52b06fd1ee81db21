/** What the expressions of a flow document see at one point of a run. */

import type { Json, JsonObject } from '../../base/index.ts';
import type { Scope } from '../../expression/index.ts';
import type { Desk } from '../program.ts';
import { type FlowState, taskStatus } from './state.ts';

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
    now: desk.at,
    random: () => desk.random(),
  };
}
