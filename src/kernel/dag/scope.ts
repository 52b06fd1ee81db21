/** What templates and code of a dependency graph see: inputs, variables, and the results of the tasks they need, by name. */

import { type Instant, type Json, type JsonObject, setOwn } from '../../base/index.ts';
import type { Scope } from '../../expression/index.ts';
import type { Desk } from '../program.ts';
import { type DagState, eachNeed, letters, nameAt, numberOf } from './state.ts';

const words: { readonly [letter: number]: string } = {
  [letters.pending]: 'requested',
  [letters.ready]: 'requested',
  [letters.open]: 'running',
  [letters.succeeded]: 'succeeded',
  [letters.failed]: 'failed',
  [letters.canceled]: 'canceled',
  [letters.skipped]: 'skipped',
  [letters.cutOff]: 'skipped',
};

export function wordOf(letter: number): string {
  return words[letter] ?? 'unknown';
}

/** Inputs and variables, and the result of each task that `task` needs; null for one that gave none. */
export function variablesFor(state: DagState, task: number): JsonObject {
  const variables: { [name: string]: Json } = { ...state.variables };
  eachNeed(state, task, (need) => setOwn(variables, nameAt(state, need), state.results.get(need) ?? null));
  return variables;
}

/** Inputs and variables, and every result that is kept. */
export function variablesForOutput(state: DagState): JsonObject {
  const variables: { [name: string]: Json } = { ...state.variables };
  const { kept } = state.plan;
  for (let task = 0; task < kept.length; task += 1) {
    if (kept[task] === 1) setOwn(variables, nameAt(state, task), state.results.get(task) ?? null);
  }
  for (const [task, result] of state.results) setOwn(variables, nameAt(state, task), result);
  return variables;
}

export interface DagView {
  readonly variables: JsonObject;
  readonly task?: { readonly name: string; readonly route: number; readonly result: Json } | undefined;
  readonly item?: { readonly value: Json } | undefined;
  readonly ownStatus?: string | undefined;
}

export class DagScope implements Scope {
  readonly variables: JsonObject;
  readonly task: DagView['task'];
  readonly item: DagView['item'];
  readonly #state: DagState;
  readonly #desk: Desk;
  readonly #ownStatus: string | undefined;

  constructor(state: DagState, desk: Desk, view: DagView) {
    this.variables = view.variables;
    this.task = view.task;
    this.item = view.item;
    this.#ownStatus = view.ownStatus;
    this.#state = state;
    this.#desk = desk;
  }

  get now(): Instant {
    return this.#desk.at;
  }

  taskStatus(name: string): string | undefined {
    if (this.#ownStatus !== undefined && name === this.task?.name) return this.#ownStatus;
    const task = numberOf(this.#state, name);
    return task === undefined ? undefined : wordOf(this.#state.status[task]!);
  }

  random(): number {
    return this.#desk.random();
  }
}
