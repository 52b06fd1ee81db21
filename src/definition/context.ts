/**
 * Variables used before anything sets them, found by walking the document as a run would go.
 *
 * The walk is Orquesta's, with its blind spots, since documents were written against it: only `ctx().x`, `ctx(x)`,
 * `ctx('x')` and `ctx("x")` are seen; the text of a parameter with `=` in it is taken apart first; what is published on the
 * way to a task that was already walked is not carried there; a join is walked at its first arrival. `output` sees what any
 * walked task has seen.
 *
 * 1. A task is walked once for each different set of variables it is reached with, and a join once. (Orquesta walks equal
 *    sets again, which finds nothing new and takes exponential time.)
 * 2. After `visitsMax` walks no further variants are looked at: some unset variables may then go unreported, and none is
 *    reported that is set.
 * 3. In a document without an entry point no task is walked, and `output` sees every variable that is published anywhere.
 */

import type { Json } from '../base/index.ts';
import { referencedVariables } from '../expression/index.ts';
import type { TaskDraft, WorkflowDraft } from './draft.ts';
import { parseInlineParameters } from './inline-parameters.ts';
import { isCommand } from './language.ts';
import { type NameSet, NameUniverse } from './name-set.ts';
import { didYouMean } from './suggestion.ts';
import type { Finding } from './syntax.ts';
import type { TaskGraph } from './task-graph.ts';
import { isFalse, jsonOf, memberOf, type YamlNode } from './yaml-node.ts';

const visitsMax = 100_000;
/** Findings of one document, and how many of them get an exact place and a suggestion, which cost a search each. */
const findingsMax = 10_000;
const placedMax = 100;

interface Reference {
  readonly language: string;
  readonly name: string;
  readonly expression: string;
}

/** One value of the document: what it refers to, then what it sets. */
export interface Step {
  readonly specPath: string;
  readonly node: YamlNode;
  readonly references: readonly Reference[];
  readonly sets: readonly string[];
}

interface TransitionSteps {
  readonly steps: readonly Step[];
  readonly targets: readonly string[];
}

interface TaskSteps {
  readonly own: readonly Step[];
  readonly transitions: readonly TransitionSteps[];
}

export interface ContextInput {
  readonly draft: WorkflowDraft;
  readonly graph: TaskGraph;
  readonly knownVariables: readonly string[];
  /** The document's text, to find the place of a variable in. */
  readonly text: string;
}

export function checkContext(input: ContextInput): Finding[] {
  return new ContextWalk(input).findings();
}

class ContextWalk {
  readonly #text: string;
  readonly #draft: WorkflowDraft;
  readonly #graph: TaskGraph;
  readonly #universe: NameUniverse;
  readonly #known: NameSet;
  readonly #tasks = new Map<string, TaskSteps>();
  readonly #head: readonly Step[];
  readonly #output: readonly Step[];
  readonly #found: Finding[] = [];
  /** What was found already, by expression: long texts are compared by identity, not copied into keys. */
  readonly #seen = new Map<string, Set<string>>();

  constructor({ draft, graph, knownVariables, text }: ContextInput) {
    this.#text = text;
    this.#draft = draft;
    this.#graph = graph;
    this.#head = [...stepsOfList(draft.root, 'input'), ...stepsOfList(draft.root, 'vars')];
    this.#output = stepsOfList(draft.root, 'output');
    for (const task of draft.tasks) if (!isCommand(task.name)) this.#tasks.set(task.name, stepsOfTask(task));
    this.#universe = new NameUniverse([...knownVariables, ...this.#namesSet()]);
    this.#known = this.#universe.of(knownVariables);
  }

  *#namesSet(): Iterable<string> {
    for (const step of [...this.#head, ...this.#output]) yield* step.sets;
    yield* this.#namesPublished();
  }

  *#namesPublished(): Iterable<string> {
    for (const { transitions } of this.#tasks.values()) {
      for (const { steps } of transitions) for (const step of steps) yield* step.sets;
    }
  }

  findings(): Finding[] {
    const start = this.#take(this.#head, this.#known);
    const end = this.#draft.tasks.length === 0 ? start : this.#walk(start);
    this.#take(this.#output, end);
    return this.#found;
  }

  /** Goes over `steps` from the variables `set`; the variables after them. */
  #take(steps: readonly Step[], set: NameSet): NameSet {
    let rolling = set;
    for (const step of steps) {
      for (const reference of step.references) {
        if (reference.name.startsWith('__')) this.#report('private_variable', step, reference);
        if (!rolling.has(this.#universe, reference.name)) this.#report('unset_variable', step, reference);
      }
      if (step.sets.length > 0) rolling = rolling.with(this.#universe, step.sets);
    }
    return rolling;
  }

  /** Walks the tasks; the union of what any of them saw. */
  #walk(start: NameSet): NameSet {
    if (this.#graph.starts.length === 0) return start.with(this.#universe, this.#namesPublished());
    const queue: { name: string; set: NameSet | undefined }[] = [];
    const queued = new Set<string>();
    const walked = new Set<string>();
    const arrived = new Map<string, NameSet>();
    const push = (name: string, set: NameSet) => {
      const isJoin = this.#isJoin(name);
      if (isJoin) arrived.set(name, arrived.get(name)?.union(set) ?? set);
      const key = isJoin ? name : `${name}\n${set.key}`;
      if (queued.has(key)) return;
      queued.add(key);
      queue.push({ name, set: isJoin ? undefined : set });
    };
    for (const name of this.#graph.starts) queue.push({ name, set: start });
    let rolling = start;
    for (let head = 0; head < queue.length; head++) {
      if (head >= visitsMax) return rolling.with(this.#universe, this.#namesPublished());
      const { name, set } = queue[head]!;
      walked.add(name);
      const before = set ?? arrived.get(name) ?? this.#universe.empty();
      const task = this.#tasks.get(name);
      const inside = task ? this.#take(task.own, before) : before;
      rolling = rolling.union(inside);
      for (const { steps, targets } of task?.transitions ?? []) {
        const outside = this.#take(steps, inside);
        for (const target of targets) {
          if (!walked.has(target) && (isCommand(target) || this.#draft.byName.has(target))) push(target, outside);
        }
      }
    }
    return rolling;
  }

  /** To this walk, `join: 0` is no join. */
  #isJoin(name: string): boolean {
    const join = isCommand(name) ? undefined : this.#draft.byName.get(name)?.join;
    return join !== undefined && !isFalse(jsonOf(join));
  }

  #report(code: 'private_variable' | 'unset_variable', step: Step, { language, name, expression }: Reference): void {
    if (this.#found.length >= findingsMax) return;
    const seen = this.#seen.get(expression) ?? new Set<string>();
    const key = `${code}\n${step.specPath}\n${name}`;
    if (seen.has(key)) return;
    this.#seen.set(expression, seen.add(key));
    const isPlaced = this.#found.length < placedMax;
    const message =
      code === 'private_variable'
        ? `The variable "${name}" is private, as are all whose names begin with two underscores: choose another name.`
        : `The variable "${name}" is used before anything sets it: add it to "input" or "vars", or publish it on every way here.${didYouMean(name, isPlaced ? this.#universe.names() : [])}`;
    const offset = isPlaced ? placeOf(name, step.node, this.#text) : step.node.start;
    this.#found.push({ code, message, offset, specPath: step.specPath, expression, language, subject: name });
  }
}

/** Where the node's text first mentions the variable; where the node begins if its text is folded or escaped. */
export function placeOf(name: string, { start, end }: YamlNode, text: string): number {
  const source = text.slice(start, end);
  const places = [`ctx(${name})`, `ctx().${name}`, `ctx('${name}')`, `ctx("${name}")`].map((form) =>
    source.indexOf(form),
  );
  const found = places.filter((at) => at !== -1);
  return found.length === 0 ? start : start + Math.min(...found);
}

export function stepsOfList(root: YamlNode, key: string): Step[] {
  const node = memberOf(root, key);
  return node ? stepsOf(jsonOf(node), node, key, true) : [];
}

/** What a task itself refers to: its action, its input, and what else is rendered when it starts or ends. */
export function ownSteps(task: TaskDraft): Step[] {
  const at = (value: Json | undefined, node: YamlNode | undefined, key: string) =>
    value === undefined || !node ? [] : stepsOf(value, node, `${task.specPath}.${key}`, false);
  const ofNode = (node: YamlNode | undefined, key: string) => at(node && jsonOf(node), node, key);
  const ofMember = (key: string, ...path: string[]) => {
    const node = path.reduce<YamlNode | undefined>((at, step) => memberOf(at, step), memberOf(task.node, key));
    return ofNode(node, [key, ...path].join('.'));
  };
  return [
    ...ofNode(task.delay, 'delay'),
    ...(task.with?.kind === 'map'
      ? [
          ...ofNode(memberOf(task.with, 'items'), 'with.items'),
          ...ofNode(memberOf(task.with, 'concurrency'), 'with.concurrency'),
        ]
      : ofNode(task.with, 'with')),
    ...at(task.action?.value, task.action?.node, 'action'),
    ...at(task.input?.value, task.input?.node, 'input'),
    ...ofMember('deadline'),
    ...ofMember('fallback'),
    ...ofMember('compensate'),
    ...ofMember('cache', 'key'),
  ];
}

function stepsOfTask(task: TaskDraft): TaskSteps {
  return {
    own: ownSteps(task),
    transitions: task.transitions.map(({ specPath, when, publish, do: action, targets }) => ({
      steps: [
        ...(when ? stepsOf(jsonOf(when), when, `${specPath}.when`, false) : []),
        ...(publish ? stepsOf(publish.value, publish.node, `${specPath}.publish`, true) : []),
        ...(action ? stepsOf(jsonOf(action), action, `${specPath}.do`, false) : []),
      ],
      targets: targets.map((target) => target.name),
    })),
  };
}

export function stepsOf(value: Json, node: YamlNode, specPath: string, sets: boolean): Step[] {
  if (isFalse(value)) return [];
  const taken = typeof value === 'string' ? parametersOf(value) : value;
  const step = (item: Json, at: YamlNode, path: string): Step => ({
    specPath: path,
    node: at,
    references: referencesOf(item),
    sets: sets ? namesSetBy(item) : [],
  });
  if (!Array.isArray(taken)) return [step(taken, node, specPath)];
  return taken.map((item, index) =>
    step(item, node.kind === 'list' ? (node.items[index] ?? node) : node, `${specPath}[${index}]`),
  );
}

function parametersOf(text: string): Json {
  const parameters = parseInlineParameters(text);
  return parameters.length === 0 ? text : parameters.map(({ name, value }) => Object.fromEntries([[name, value]]));
}

function referencesOf(value: Json): Reference[] {
  if (typeof value === 'string') return referencedVariables(value);
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  return Object.entries(value).flatMap(([key, item]) => [...referencesOf(key), ...referencesOf(item)]);
}

function namesSetBy(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (!Array.isArray(value)) return Object.keys(value);
  return value.flatMap((item) => {
    if (typeof item === 'string') return [item];
    const keys = typeof item === 'object' && item !== null && !Array.isArray(item) ? Object.keys(item) : [];
    return keys.length === 1 ? keys : [];
  });
}
