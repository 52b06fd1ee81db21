/** Random flow documents, and what the oracle may know of them without asking the flow program. */

import type { Json, JsonObject } from '../../src/base/index.ts';
import type { SeededRandom } from '../../src/testing/simulation.ts';
import type { FunctionPlan } from './functions.ts';
import { type GraphFacts, policies, randomGraph } from './graphs.ts';

type When = 'always' | 'succeeded' | 'failed' | 'completed' | 'counter' | 'result';

export interface JoinRule {
  /** Distinct tasks that must have led here. */
  readonly needs: number;
  /** What leads here: by which task, on which outcome. */
  readonly from: readonly { readonly source: string; readonly when: When }[];
  readonly inCycle: boolean;
  /** The fields of its input that must hold the results recorded of these tasks. */
  readonly shows: { readonly [field: string]: string };
}

export interface DocumentFacts {
  readonly joins: ReadonlyMap<string, JoinRule>;
  /** Without entry points a start needs to be told where to begin. */
  readonly from: readonly string[] | undefined;
  /** Where the document is a dependency graph. */
  readonly graph?: GraphFacts;
  /** Where it is no document, but a durable function. */
  readonly plan?: FunctionPlan;
}

export interface RandomDocument {
  readonly text: string;
  readonly facts: DocumentFacts;
}

interface Edge {
  readonly source: string;
  readonly target: string;
  readonly when: When;
}

const names = ['a', 'b', 'c', 'd', 'e', 'f'];

const conditions: { readonly [when in When]: string | undefined } = {
  always: undefined,
  succeeded: '<% succeeded() %>',
  failed: '<% failed() %>',
  completed: '<% completed() %>',
  counter: '<% ctx(n) < 4 %>',
  result: '<% result() = 1 %>',
};

/** A document; `depth` is how many levels of sub-workflows it may start, by the names `child1.yaml`, `child2.yaml`. */
export function randomDocument(random: SeededRandom, depth: number): RandomDocument {
  if (random.chance(0.35)) {
    const { text, facts } = randomGraph(random, (draw) => ({
      ...work(draw, depth, draw.chance(0.5)),
      ...policy(draw),
    }));
    return { text, facts: { joins: new Map(), from: undefined, graph: facts } };
  }
  return random.chance(0.3) ? forkAndJoin(random, depth) : tangle(random, depth);
}

/** One task, some beside each other, and a join that shows what each of them gave. */
function forkAndJoin(random: SeededRandom, depth: number): RandomDocument {
  const branches = random.between(2, 4);
  const tasks: { [name: string]: JsonObject } = {};
  const arms = names.slice(1, 1 + branches);
  tasks.a = { ...work(random, depth, true), next: [{ do: arms }] } as JsonObject;
  const shows: { [field: string]: string } = {};
  const input: { [name: string]: Json } = {};
  for (const arm of arms) {
    tasks[arm] = {
      ...work(random, depth, true),
      ...policy(random),
      next: [{ when: '<% succeeded() %>', publish: [{ [`v_${arm}`]: '<% result() %>' }], do: ['j'] }],
    } as JsonObject;
    shows[`r_${arm}`] = arm;
    input[`r_${arm}`] = `<% ctx(v_${arm}) %>`;
  }
  const needs = random.chance(0.7) ? arms.length : random.between(1, arms.length);
  const everything = needs === arms.length;
  tasks.j = {
    join: everything && random.chance(0.5) ? 'all' : needs,
    action: 'work.join',
    ...(everything ? { input } : {}),
  } as JsonObject;
  const from = arms.map((source) => ({ source, when: 'succeeded' as const }));
  const rule: JoinRule = { needs, from, inCycle: false, shows: everything ? shows : {} };
  const text = JSON.stringify({
    version: '1.0',
    vars: [{ n: 0 }, ...arms.map((arm) => ({ [`v_${arm}`]: null }))],
    tasks,
    output: [{ n: '<% ctx(n) %>' }],
  });
  return { text, facts: { joins: new Map([['j', rule]]), from: undefined } };
}

/** Any tasks that lead anywhere. */
function tangle(random: SeededRandom, depth: number): RandomDocument {
  const count = random.between(1, 6);
  const used = names.slice(0, count);
  const tasks: { [name: string]: JsonObject } = {};
  const edges: Edge[] = [];
  const joins = new Map<string, 'all' | number>();
  const backwards = random.chance(0.4);
  used.forEach((name, place) => {
    const join = random.chance(0.25) ? (random.chance(0.5) ? 'all' : random.between(1, 2)) : undefined;
    if (join !== undefined) joins.set(name, join);
    const next: JsonObject[] = [];
    for (let transition = random.below(4); transition > 0; transition -= 1) {
      const whens: When[] = ['always', 'succeeded', 'succeeded', 'failed', 'completed', 'counter', 'result'];
      const when = random.pick(whens);
      const later = used.slice(place + 1);
      const pool = backwards ? used : later.length > 0 ? later : ['noop'];
      const targets = new Set<string>();
      for (let target = random.between(1, 3); target > 0; target -= 1) {
        targets.add(random.chance(0.06) ? random.pick(['noop', 'fail', 'continue']) : random.pick(pool));
      }
      for (const target of targets) edges.push({ source: name, target, when });
      const publish = random.below(4);
      next.push({
        ...(conditions[when] === undefined ? {} : { when: conditions[when] }),
        ...(publish === 1 ? { publish: [{ n: '<% ctx(n) + 1 %>' }] } : {}),
        ...(publish === 2 ? { publish: [{ [`v${place}`]: '<% result() %>' }, { n: '<% ctx(n) + 1 %>' }] } : {}),
        do: [...targets],
      } as JsonObject);
    }
    tasks[name] = {
      ...work(random, depth, false),
      ...(join === undefined ? {} : { join }),
      ...policy(random),
      ...(random.chance(0.1) ? { delay: random.between(1, 3) } : {}),
      ...(next.length === 0 ? {} : { next }),
    } as JsonObject;
  });
  const text = JSON.stringify({
    version: '1.0',
    ...(random.chance(0.3) ? { match: 'first' } : {}),
    vars: [{ n: 0 }],
    tasks,
    output: [{ n: '<% ctx(n) %>' }],
  });
  const entries = used.filter((name) => !edges.some(({ target }) => target === name));
  const reached = new Set(entries);
  for (const at of reached) for (const { source, target } of edges) if (source === at) reached.add(target);
  const rules = new Map<string, JoinRule>();
  for (const [name, join] of joins) {
    const from = edges
      .filter(({ source, target }) => target === name && reached.has(source))
      .map(({ source, when }) => ({ source, when }));
    if (from.length === 0) continue;
    const sources = new Set(from.map(({ source }) => source)).size;
    rules.set(name, {
      needs: join === 'all' ? sources : Math.max(1, join),
      from,
      inCycle: onCycle(name, edges),
      shows: {},
    });
  }
  return entries.length > 0
    ? { text, facts: { joins: rules, from: undefined } }
    : { text, facts: { joins: new Map(), from: [random.pick(used)] } };
}

function onCycle(name: string, edges: readonly Edge[]): boolean {
  const seen = new Set<string>();
  const waiting = [name];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const { source, target } of edges) {
      if (source !== at || seen.has(target)) continue;
      if (target === name) return true;
      seen.add(target);
      waiting.push(target);
    }
  }
  return false;
}

function work(random: SeededRandom, depth: number, plain: boolean): JsonObject {
  const roll = random.below(plain ? 60 : 100);
  if (roll < 30) return { action: random.pick(['work.do', 'work.do', 'work.other']), input: { x: '<% ctx(n) %>' } };
  if (roll < 38) return { action: 'work.do', timeout: random.between(1, 4), retry: { count: random.between(1, 3) } };
  if (roll < 46) {
    const items = `<% range(${random.between(1, 7)}) %>`;
    const list = random.chance(0.4) ? { items, concurrency: random.between(1, 3) } : { items };
    return { with: list, action: 'work.do', input: { i: '<% item() %>' } };
  }
  if (roll < 52) return { action: 'core.sleep', input: { seconds: random.between(1, 20) } };
  if (roll < 60) {
    if (depth === 0) return { action: 'work.do' };
    return child(random, depth);
  }
  if (roll < 70) return { action: 'core.noop' };
  if (roll < 80) {
    const timeout = random.chance(0.5) ? { timeout: random.between(2, 15) } : {};
    return { action: 'core.receive', input: { signal: random.pick(['go', 'stop']), ...timeout } };
  }
  if (roll < 86) {
    const timeout = random.chance(0.4) ? { timeout: random.between(2, 15) } : {};
    return { action: 'core.ask', input: { question: '?', ...timeout } };
  }
  if (roll < 91) {
    const list = { items: '<% range(3) %>', ...(random.chance(0.5) ? { concurrency: 1 } : {}) };
    return { with: list, action: 'core.sleep', input: { seconds: random.between(1, 6) } };
  }
  if (roll < 95 && depth > 0) {
    return {
      ...child(random, depth),
      with: { items: '<% range(2) %>', ...(random.chance(0.4) ? { concurrency: 1 } : {}) },
    };
  }
  return { with: { items: '<% range(3) %>' }, action: 'core.noop' };
}

function child(random: SeededRandom, depth: number): JsonObject {
  const timeout = random.chance(0.3) ? { timeout: random.between(5, 25) } : {};
  return { action: 'core.workflow', input: { workflow: `child${depth}.yaml`, input: {} }, ...timeout };
}

function policy(random: SeededRandom): JsonObject {
  const roll = random.below(8);
  if (roll === 0) return { retry: { count: 2, delay: random.between(0, 2) } };
  if (roll === 1) return { retry: { count: random.between(1, 3), delay: 1, factor: 2, max_delay: 3, jitter: 0.5 } };
  if (roll === 2) return { retry: { count: 1, when: '<% failed() %>' } };
  return roll === 3 ? policies(random, false) : {};
}
