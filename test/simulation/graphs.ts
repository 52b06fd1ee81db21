/** Random dependency graphs, and what the oracle may know of them without asking the DAG program. */

import type { Json, JsonObject } from '../../src/base/index.ts';
import type { SeededRandom } from '../../src/testing/simulation.ts';

export type TriggerWord = 'all_succeeded' | 'all_done' | 'any_succeeded' | 'none_failed';

export interface GraphTask {
  /** Tasks it waits for. */
  readonly needs: readonly string[];
  readonly trigger: TriggerWord;
}

export interface GraphFacts {
  readonly failure: 'stop' | 'skip' | 'partial';
  readonly tasks: ReadonlyMap<string, GraphTask>;
  readonly concurrency: number | undefined;
}

const triggers: readonly TriggerWord[] = [
  'all_succeeded',
  'all_succeeded',
  'all_succeeded',
  'all_done',
  'any_succeeded',
  'none_failed',
];

/** A document whose tasks need each other; `work` makes what a task does. */
export function randomGraph(
  random: SeededRandom,
  work: (random: SeededRandom) => JsonObject,
): { readonly text: string; readonly facts: GraphFacts } {
  const count = random.between(1, 8);
  const names = Array.from({ length: count }, (_, index) => `g${index}`);
  const tasks: { [name: string]: JsonObject } = {};
  const facts = new Map<string, GraphTask>();
  const conditional = random.chance(0.4);
  names.forEach((name, place) => {
    const earlier = names.slice(0, place);
    const needs = new Set<string>();
    for (let need = random.below(4); need > 0 && earlier.length > 0; need -= 1) needs.add(random.pick(earlier));
    const preferred = earlier.filter((one) => !needs.has(one) && random.chance(0.1));
    const trigger = needs.size > 0 ? random.pick(triggers) : 'all_succeeded';
    facts.set(name, { needs: [...needs], trigger });
    const written: Json[] = [...needs, ...preferred.map((task) => ({ task, kind: 'preferred' }))];
    tasks[name] = {
      ...work(random),
      ...policies(random, true),
      ...(written.length > 0 || place === 0 ? { needs: written } : {}),
      ...(trigger === 'all_succeeded' ? {} : { trigger }),
      ...(conditional && random.chance(0.25) ? { when: `<% ctx(k) mod 2 = ${random.below(2)} %>` } : {}),
      ...(random.chance(0.12) ? { expand: added(name, names.slice(place + 1), random) } : {}),
    };
  });
  const failure = random.pick(['stop', 'skip', 'skip', 'partial'] as const);
  const concurrency = random.chance(0.25) ? random.between(1, 3) : undefined;
  const text = JSON.stringify({
    version: '1.0',
    input: ['k'],
    vars: [{ n: 0 }],
    failure,
    ...(concurrency === undefined ? {} : { concurrency }),
    tasks,
  });
  return { text, facts: { failure, tasks: facts, concurrency } };
}

/** One or two tasks, in a row or beside each other, perhaps before one that was there. */
function added(by: string, later: readonly string[], random: SeededRandom): string {
  const first = { name: `${by}x`, action: 'work.do', input: { x: 1 } };
  const before = later.length > 0 && random.chance(0.4) ? { before: [random.pick(later)] } : {};
  const second = { name: `${by}y`, action: 'work.do', ...(random.chance(0.5) ? { needs: [`${by}x`] } : {}), ...before };
  const list = random.chance(0.5) ? [first] : [first, second];
  return `<% ${yaqlOf(list)} %>`;
}

/** Plain data as YAQL writes it. */
function yaqlOf(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(yaqlOf).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `dict(${Object.entries(value)
      .map(([key, item]) => `${key} => ${yaqlOf(item)}`)
      .join(', ')})`;
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}

/** What a task of any style may say of failing, undoing and caching. */
export function policies(random: SeededRandom, often: boolean): JsonObject {
  const at = often ? 1 : 0.3;
  return {
    ...(random.chance(0.25 * at)
      ? { compensate: { action: 'work.do', input: { undo: '<% result() %>' }, retry: { count: random.below(3) } } }
      : {}),
    ...(random.chance(0.12 * at) ? { intervention: true } : {}),
    ...(random.chance(0.12 * at) ? { fallback: { action: 'work.do', input: { fallback: 1 } } } : {}),
    ...(random.chance(0.1 * at) ? { deadline: random.between(2, 20) } : {}),
    ...(random.chance(0.15 * at) ? { group: random.pick(['u', 'v']) } : {}),
    ...(random.chance(0.12 * at)
      ? { cache: { key: random.pick(['<% 1 %>', '<% 2 %>']), ttl: random.pick([5, 600]) } }
      : {}),
  };
}
