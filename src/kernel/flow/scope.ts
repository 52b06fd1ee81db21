/** What the expressions of a flow document see at one point of a run. */

import type { Instant, Json, JsonObject } from '../../base/index.ts';
import type { Scope } from '../../expression/index.ts';
import type { Desk } from '../program.ts';
import { type FlowState, latestSeen, taskStatus } from './state.ts';

export interface Viewpoint {
  readonly variables: JsonObject;
  readonly task?: { readonly name: string; readonly route: number; readonly result: Json } | undefined;
  readonly item?: { readonly value: Json } | undefined;
  /** The status the viewpoint's own task is seen to have, where it is not the recorded one. */
  readonly ownStatus?: string | undefined;
}

export function scopeAt(state: FlowState, desk: Desk, view: Viewpoint): Scope {
  return new FlowScope(state, desk, view);
}

/** A class, since one is made for every template that is rendered. */
class FlowScope implements Scope {
  readonly variables: JsonObject;
  readonly task: Viewpoint['task'];
  readonly item: Viewpoint['item'];
  readonly #state: FlowState;
  readonly #desk: Desk;
  readonly #view: Viewpoint;

  constructor(state: FlowState, desk: Desk, view: Viewpoint) {
    this.variables = view.variables;
    this.task = view.task;
    this.item = view.item;
    this.#state = state;
    this.#desk = desk;
    this.#view = view;
  }

  get now(): Instant {
    return this.#desk.at;
  }

  taskStatus(name: string, route: number): string | undefined {
    const { ownStatus, task } = this.#view;
    if (ownStatus !== undefined && name === task?.name && route === task.route) return ownStatus;
    return taskStatus(this.#state, name, route);
  }

  taskDetails(name: string, route: number): JsonObject | undefined {
    return detailsOf(this.#state, this.#view, name, route);
  }

  random(): number {
    return this.#desk.random();
  }
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
