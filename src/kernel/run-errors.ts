/** What went wrong in a run, in order of occurrence; an error that says the same as an earlier one is not kept twice. */

import { canonicalJson, type Json } from '../base/index.ts';
import type { RunError } from './task.ts';

export class RunErrors {
  #list: RunError[] = [];
  #known = new Set<string>();

  get list(): readonly RunError[] {
    return this.#list;
  }

  add(error: RunError): void {
    const key = keyOf(error);
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.#list.push(error);
  }

  clear(): void {
    this.#list = [];
    this.#known.clear();
  }

  /** Forgets the errors of a task, as a rerun of it does. */
  forget(task: string): void {
    this.#list = this.#list.filter((error) => error.task !== task);
    this.#known = new Set(this.#list.map(keyOf));
  }
}

function keyOf(error: RunError): string {
  const { kind, message, task, route, transition, result } = error;
  const parts: Json = [kind, message, task ?? null, route ?? null, transition ?? null, result ?? null];
  return canonicalJson(parts);
}
