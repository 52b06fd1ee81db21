/**
 * What a dependency graph's history may say: which tasks may be scheduled, by what became of those they need. Worked out anew
 * from the document's facts each time, without counts and without order.
 */

import type { Json } from '../../src/base/index.ts';
import type { GraphFacts, GraphTask, TriggerWord } from './graphs.ts';

type Known = 'open' | 'succeeded' | 'failed' | 'canceled' | 'skipped';
/** `cut`: a task it needs failed. */
type State = Known | 'cut' | 'pending';

interface Added {
  readonly name: string;
  readonly needs?: readonly string[];
  readonly before?: readonly string[];
  readonly trigger?: TriggerWord;
}

export class GraphModel {
  readonly #facts: GraphFacts;
  readonly #tasks: Map<string, { needs: Set<string>; trigger: TriggerWord }>;
  /** As the history numbers them. */
  readonly #names: string[];
  readonly #known = new Map<string, Known>();

  constructor(facts: GraphFacts) {
    this.#facts = facts;
    this.#tasks = new Map(
      [...facts.tasks].map(([name, { needs, trigger }]: [string, GraphTask]) => [
        name,
        { needs: new Set(needs), trigger },
      ]),
    );
    this.#names = [...facts.tasks.keys()];
  }

  /** What is wrong with scheduling the task now; undefined where nothing is. */
  scheduled(name: string, open: number): string | undefined {
    const task = this.#tasks.get(name);
    if (task === undefined) return 'there is no such task';
    const before = this.#known.get(name);
    this.#known.set(name, 'open');
    if (before !== undefined) return `it is ${before} already`;
    if (open >= (this.#facts.concurrency ?? Number.POSITIVE_INFINITY)) return `${open} tasks are open`;
    const states = [...task.needs].map((need) => this.#stateOf(need));
    const fits = this.#mayStart(task.trigger, states);
    const shown = [...task.needs].map((need, index) => `${need} ${states[index]}`).join(', ');
    return fits ? undefined : `its trigger is ${task.trigger}, and it needs ${shown}`;
  }

  ended(name: string, status: 'succeeded' | 'failed' | 'canceled', dropped: boolean): void {
    if (dropped) this.#known.delete(name);
    else this.#known.set(name, status);
  }

  noted(note: Json): void {
    if (!Array.isArray(note)) return;
    const [kind, first, second] = note as [string, Json, Json];
    if (kind === 'skipped') this.#known.set(this.#names[first as number]!, 'skipped');
    if (kind === 'rerun') this.#runAgain((first as readonly number[]).map((place) => this.#names[place]!));
    if (kind === 'added') this.#add(this.#names[first as number]!, second as unknown as readonly Added[]);
  }

  /** What is wrong with ending the run so; undefined where nothing is. */
  concluded(): string | undefined {
    for (const name of this.#names) {
      const state = this.#stateOf(name);
      if (state === 'pending' || state === 'open') return `${name} is ${state}`;
      if (state === 'failed' && this.#facts.failure !== 'partial') return `${name} failed`;
    }
    return undefined;
  }

  #add(by: string, tasks: readonly Added[]): void {
    for (const { name, needs, trigger } of tasks) {
      this.#names.push(name);
      if (this.#tasks.has(name)) continue;
      const isAny = trigger === 'any_succeeded' && (needs ?? []).length > 0;
      this.#tasks.set(name, {
        needs: new Set([...(isAny ? [] : [by]), ...(needs ?? [])]),
        trigger: trigger ?? 'all_succeeded',
      });
    }
    for (const { name, before } of tasks) {
      for (const after of before ?? []) {
        const state = this.#stateOf(after);
        if (state !== 'skipped' && state !== 'cut') this.#tasks.get(after)?.needs.add(name);
      }
    }
  }

  #runAgain(names: readonly string[]): void {
    const again = new Set(names);
    for (let size = -1; size !== again.size; ) {
      size = again.size;
      for (const [name, { needs }] of this.#tasks) if ([...needs].some((need) => again.has(need))) again.add(name);
    }
    for (const name of again) this.#known.delete(name);
  }

  #stateOf(name: string): State {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const { needs, trigger } = this.#tasks.get(name)!;
    const states = [...needs].map((need) => this.#stateOf(need));
    if (this.#mayStart(trigger, states)) return 'pending';
    const failed = states.some(isBad);
    if (failed && (trigger === 'all_succeeded' || trigger === 'none_failed')) return 'cut';
    if (states.some((state) => state === 'pending' || state === 'open')) return 'pending';
    return failed ? 'cut' : 'skipped';
  }

  #mayStart(trigger: TriggerWord, states: readonly State[]): boolean {
    const over = states.every((state) => state !== 'pending' && state !== 'open');
    switch (trigger) {
      case 'all_succeeded':
        return states.every((state) => state === 'succeeded');
      case 'all_done':
        return over;
      case 'any_succeeded':
        return states.length === 0 || states.includes('succeeded');
      case 'none_failed':
        return over && !states.some(isBad);
    }
  }
}

function isBad(state: State): boolean {
  return state === 'failed' || state === 'canceled' || state === 'cut';
}
