/**
 * What an expression can see. Everything is plain data handed in by the caller: an expression reads no clock, no
 * environment and no prototype, so the same template over the same scope gives the same value.
 */

import type { Instant, Json, JsonObject } from '../base/index.ts';

/** The task whose `result()`, `succeeded()`, `failed()` and `completed()` an expression asks about. */
export interface CurrentTask {
  readonly name: string;
  readonly route: number;
  /** What `result()` gives: the action's result once the task has completed, null before. */
  readonly result: Json;
}

export interface Scope {
  /** What `ctx()` shows. Names that begin with `__` stay hidden. */
  readonly variables: JsonObject;
  readonly task?: CurrentTask | undefined;
  /** The current item of a with-items task; absent outside one. A box, since an item may be null. */
  readonly item?: { readonly value: Json } | undefined;
  /** The status of a task, by name, seen from `route`; undefined for a task that has not run. Orquesta's words: `running`, `succeeded`, `failed` … */
  taskStatus(name: string, route: number): string | undefined;
  /** What StackStorm's `task()` shows of a task seen from `route`: `{task_id, task_name, route, status, result}`; undefined for one that has not run. */
  taskDetails?(name: string, route: number): JsonObject | undefined;
  /** What `now()` gives: the instant of the command that is being decided. */
  readonly now: Instant;
  /** StackStorm's `st2kv`: the value kept under a key, undefined where there is none. Without it every key is missing. */
  keyValue?(key: string): Json | undefined;
  /** For StackStorm's `from_yaml_string`, `yaml_dump` and the like. Without it they fail. */
  readonly yaml?: { parse(text: string): Json; write(value: Json): string };
  /** Pseudo-random numbers in [0, 1) from the run's seed: the same sequence each time the same event is decided. */
  random(): number;
}
