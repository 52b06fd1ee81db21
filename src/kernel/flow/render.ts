/** Renders a staged task into what the kernel schedules: its action, input, items, delay and retry policy as data. */

import { type Json, parseDuration, plus, secretNamesIn } from '../../base/index.ts';
import type { FlowTask, RetrySpec, WithItems } from '../../definition/index.ts';
import { evaluate, type Scope, type Template } from '../../expression/index.ts';
import type { Desk } from '../program.ts';
import type { RetryPolicy, TaskKind, TaskSpec } from '../task.ts';
import { scopeAt } from './scope.ts';
import type { FlowState, Staged } from './state.ts';

/** A template of a task cannot be rendered, or renders to the wrong type. Caught by the program, and logged. */
export class RenderError extends Error {
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** @throws RenderError */
export function renderTask(
  task: FlowTask,
  staged: Staged,
  state: FlowState,
  desk: Desk,
  native: ReadonlyMap<string, TaskKind>,
): TaskSpec {
  const variables = state.contexts.value(staged.context);
  const view = { variables, task: { name: staged.name, route: staged.route, result: null } };
  const scope = scopeAt(state, desk, view);
  const work =
    task.with === undefined
      ? renderOne(task, scope, native)
      : renderItems(task, task.with, staged, state, desk, scope, native);
  const delay =
    task.delay === undefined ? 0 : wholeNumber(value(task.delay, scope), `the delay of task "${task.name}"`);
  const timeoutMs = task.timeout === undefined ? undefined : duration(value(task.timeout, scope), task.name);
  return {
    name: staged.name,
    route: staged.route,
    ...work,
    ...(delay > 0 ? { notBefore: plus(desk.at, delay * 1000) } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(task.priority === undefined ? {} : { priority: task.priority }),
    ...(task.retry === undefined ? {} : { retry: renderRetry(task.retry, task.name, scope) }),
    ...(staged.whileFailing ? { whileFailing: true } : {}),
    ...secretsNamed(task.input),
  };
}

const namedIn = new WeakMap<Template, { secrets?: readonly string[] }>();

/** The secrets that the text of an input names. What an expression gives does not count: it is data. */
function secretsNamed(input: Template | undefined): { secrets?: readonly string[] } {
  if (input === undefined) return {};
  let found = namedIn.get(input);
  if (found === undefined) {
    const names = secretNamesIn(JSON.stringify(input.source).replaceAll('\\"', '"'));
    found = names.length === 0 ? {} : { secrets: names };
    namedIn.set(input, found);
  }
  return found;
}

type Work = Pick<TaskSpec, 'kind' | 'each' | 'action' | 'actions' | 'input' | 'width' | 'kept'>;

function renderOne(task: FlowTask, scope: Scope, native: ReadonlyMap<string, TaskKind>): Work {
  if (task.action === undefined) return { kind: 'noop', input: null };
  const named = value(task.action, scope);
  // An action that renders to null is no action: the task completes at once.
  if (named === null) return { kind: 'noop', input: null };
  const action = actionName(named, task.name);
  const input = task.input === undefined ? null : value(task.input, scope);
  return { kind: native.get(action) ?? 'action', action, input };
}

function renderItems(
  task: FlowTask,
  list: WithItems,
  staged: Staged,
  state: FlowState,
  desk: Desk,
  scope: Scope,
  native: ReadonlyMap<string, TaskKind>,
): Work {
  const items = value(list.items, scope);
  if (!Array.isArray(items)) {
    throw new RenderError(
      'type',
      `with: "${list.text}" of task "${task.name}" gave ${typeName(items)}; it must give a list`,
    );
  }
  const actions: string[] = [];
  const inputs: Json[] = [];
  for (const item of items as readonly Json[]) {
    const view = { variables: scope.variables, task: { name: staged.name, route: staged.route, result: null } };
    const itemScope = scopeAt(state, desk, { ...view, item: { value: shapeItem(item, list.keys) } });
    actions.push(task.action === undefined ? 'core.noop' : actionName(value(task.action, itemScope), task.name));
    inputs.push(task.input === undefined ? null : value(task.input, itemScope));
  }
  const kinds = new Set(actions.map((action) => native.get(action) ?? 'action'));
  if (kinds.size > 1) {
    throw new RenderError(
      'type',
      `the items of task "${task.name}" mix actions with waits (${[...kinds].sort().join(', ')}); split the list`,
    );
  }
  const each = [...kinds][0] ?? 'action';
  const same = actions.every((action) => action === actions[0]);
  const width = list.concurrency === undefined ? null : value(list.concurrency, scope);
  return {
    kind: 'items',
    ...(each === 'action' ? {} : { each: each as Exclude<TaskKind, 'items'> }),
    action: actions[0] ?? 'core.noop',
    ...(same ? {} : { actions }),
    input: inputs,
    ...(width === null ? {} : { width: Math.max(1, wholeNumber(width, `the concurrency of task "${task.name}"`)) }),
    ...(staged.kept === undefined ? {} : { kept: staged.kept }),
  };
}

/** An item as `item()` shows it: whole, or as a map of the names before `in`. */
function shapeItem(item: Json, keys: readonly string[] | undefined): Json {
  if (keys === undefined) return item;
  if (Array.isArray(item)) {
    const pairs = keys.slice(0, item.length).map((key, place) => [key, item[place] as Json] as const);
    return Object.fromEntries(pairs);
  }
  return keys.length === 1 ? { [keys[0]!]: item } : item;
}

function renderRetry(retry: RetrySpec, name: string, scope: Scope): RetryPolicy {
  const count = wholeNumber(value(retry.count, scope), `the retry count of task "${name}"`);
  const delay =
    retry.delay === undefined ? 0 : wholeNumber(value(retry.delay, scope), `the retry delay of task "${name}"`);
  return {
    count,
    delayMs: delay * 1000,
    factor: retry.factor,
    ...(retry.maxDelayMs === undefined ? {} : { maxDelayMs: retry.maxDelayMs }),
    jitter: retry.jitter,
    conditional: retry.when !== undefined,
  };
}

function value(template: Template, scope: Scope): Json {
  const result = evaluate(template, scope);
  if (result.ok) return result.value;
  throw new RenderError('expression', result.error.message);
}

function actionName(name: Json, task: string): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new RenderError('type', `the action of task "${task}" is ${typeName(name)}; it must be the name of an action`);
}

function wholeNumber(given: Json, what: string): number {
  if (typeof given === 'number' && Number.isSafeInteger(given)) return given;
  if (typeof given === 'boolean') return given ? 1 : 0;
  throw new RenderError('type', `${what} is ${typeName(given)}; it must be a whole number`);
}

function duration(given: Json, task: string): number {
  const ms = parseDuration(given);
  if (ms !== undefined) return ms;
  throw new RenderError(
    'type',
    `the timeout of task "${task}" is ${JSON.stringify(given)}; write seconds, or text such as 30s, 5m, 2h`,
  );
}

function typeName(given: Json): string {
  if (given === null) return 'null';
  if (Array.isArray(given)) return 'a list';
  return typeof given === 'object' ? 'a map' : `${typeof given} ${JSON.stringify(given)}`;
}
