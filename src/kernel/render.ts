/** Renders a task into what the kernel schedules: its action, input, items, delay and policies as data. */

import {
  canonicalJson,
  type Instant,
  instantOf,
  type Json,
  parseDuration,
  plus,
  secretNamesIn,
} from '../base/index.ts';
import {
  type CacheSpec,
  type CompensationSpec,
  isComputed,
  ownAction,
  type RetrySpec,
  type TaskWork,
  type ValueSource,
  type WithItems,
} from '../definition/index.ts';
import type { Scope } from '../expression/index.ts';
import { evaluateSource } from './evaluate-source.ts';
import type { RetryPolicy, TaskKind, TaskSpec } from './task.ts';

/** The point of a run at which a task is rendered. */
export interface RenderPlace {
  readonly name: string;
  readonly route: number;
  readonly at: Instant;
  readonly native: ReadonlyMap<string, TaskKind>;
  /** What the names of the workflow's own actions begin with. */
  readonly own?: string;
  readonly whileFailing?: boolean;
  /** Results of items that succeeded in an earlier task of the name. */
  readonly kept?: TaskSpec['kept'];
  /** What is seen there, by the task or by one of its items. */
  scope(item?: { readonly value: Json }): Scope;
}

/** A template of a task cannot be rendered, or renders to the wrong type. Caught by the program, and logged. */
export class RenderError extends Error {
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** @throws RenderError */
export function renderTask(task: TaskWork, place: RenderPlace): TaskSpec {
  const scope = place.scope();
  const work = task.with === undefined ? renderOne(task, scope, place) : renderItems(task, task.with, place);
  const delay =
    task.delay === undefined ? 0 : wholeNumber(value(task.delay, scope), `the delay of task "${task.name}"`);
  const timeoutMs =
    task.timeout === undefined ? undefined : duration(value(task.timeout, scope), `the timeout of task "${task.name}"`);
  return {
    name: place.name,
    route: place.route,
    ...work,
    ...(delay > 0 ? { notBefore: plus(place.at, delay * 1000) } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(task.priority === undefined ? {} : { priority: task.priority }),
    ...(task.retry === undefined ? {} : { retry: renderRetry(task.retry, task.name, scope) }),
    ...(place.whileFailing ? { whileFailing: true } : {}),
    ...secretsNamed(task.input),
    ...(hasPolicies(task) ? renderPolicies(task, place, scope, work) : {}),
  };
}

function hasPolicies(task: TaskWork): boolean {
  const { deadline, fallback, intervention, compensate, group, cache } = task;
  return !!(deadline || fallback || intervention || compensate || group || cache);
}

type Policies = Pick<TaskSpec, 'deadlineAt' | 'fallback' | 'intervenes' | 'compensates' | 'group' | 'cache'>;

function renderPolicies(task: TaskWork, place: RenderPlace, scope: Scope, work: Work): Policies {
  const { deadline, fallback, cache } = task;
  return {
    ...(deadline === undefined ? {} : { deadlineAt: instantFrom(value(deadline, scope), place.at, task.name) }),
    ...(fallback === undefined ? {} : { fallback: renderFallback(task, fallback, place, scope, work) }),
    ...(task.intervention === true ? { intervenes: true } : {}),
    ...(task.compensate === undefined ? {} : { compensates: true }),
    ...(task.group === undefined ? {} : { group: task.group }),
    ...(cache === undefined || work.kind !== 'action' ? {} : { cache: renderCache(cache, scope, work) }),
  };
}

function renderFallback(
  task: TaskWork,
  { action, input }: NonNullable<TaskWork['fallback']>,
  { native, own }: RenderPlace,
  scope: Scope,
  work: Work,
): NonNullable<TaskSpec['fallback']> {
  const name = actionName(value(action, scope), task.name, own);
  const given = input === undefined ? (work.kind === 'items' ? null : work.input) : value(input, scope);
  const named = input === undefined ? {} : secretsNamed(input);
  return { kind: native.get(name) ?? 'action', action: name, input: given, ...named };
}

/** Two tasks share a result where action, declared version and key are the same. */
function renderCache({ key, ttlMs, version }: CacheSpec, scope: Scope, work: Work): NonNullable<TaskSpec['cache']> {
  const parts = [work.action ?? '', version ?? '', key === undefined ? work.input : value(key, scope)];
  return { key: canonicalJson(parts), ...(ttlMs === undefined ? {} : { ttlMs }) };
}

/** What undoes a task that has completed. `scope` sees its result. @throws RenderError */
export function renderCompensation(
  { action, input, retry, timeout }: CompensationSpec,
  name: string,
  scope: Scope,
  { native, own }: Pick<RenderPlace, 'native' | 'own'>,
): TaskSpec {
  const called = actionName(value(action, scope), name, own);
  return {
    name: `undo ${name}`,
    kind: native.get(called) ?? 'action',
    action: called,
    input: input === undefined ? null : value(input, scope),
    route: 0,
    ...(timeout === undefined ? {} : { timeoutMs: duration(value(timeout, scope), `the timeout of "undo ${name}"`) }),
    ...(retry === undefined ? {} : { retry: { ...renderRetry(retry, name, scope), conditional: false } }),
    ...secretsNamed(input),
  };
}

const namedIn = new WeakMap<ValueSource, { secrets?: readonly string[] }>();

/** The secrets that the text of an input names. What an expression gives does not count: it is data. */
function secretsNamed(input: ValueSource | undefined): { secrets?: readonly string[] } {
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

function renderOne(task: TaskWork, scope: Scope, place: RenderPlace): Work {
  if (task.action === undefined) return { kind: 'noop', input: null };
  const named = value(task.action, scope);
  // An action that renders to null is no action: the task completes at once.
  if (named === null) return { kind: 'noop', input: null };
  const action = actionName(named, task.name, place.own);
  const input = task.input === undefined ? null : value(task.input, scope);
  return { kind: place.native.get(action) ?? 'action', action, input };
}

function renderItems(task: TaskWork, list: WithItems, place: RenderPlace): Work {
  const scope = place.scope();
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
    const itemScope = place.scope({ value: shapeItem(item, list.keys) });
    actions.push(
      task.action === undefined ? 'core.noop' : actionName(value(task.action, itemScope), task.name, place.own),
    );
    inputs.push(task.input === undefined ? null : value(task.input, itemScope));
  }
  const kinds = new Set(actions.map((action) => place.native.get(action) ?? 'action'));
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
    ...(place.kept === undefined ? {} : { kept: place.kept }),
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
    delayMs: retry.delayMs ?? delay * 1000,
    factor: retry.factor,
    ...(retry.maxDelayMs === undefined ? {} : { maxDelayMs: retry.maxDelayMs }),
    jitter: retry.jitter,
    conditional: retry.when !== undefined,
  };
}

function value(source: ValueSource, scope: Scope): Json {
  const result = evaluateSource(source, scope);
  if (result.ok) return result.value;
  throw new RenderError(isComputed(source) ? 'code' : 'expression', result.error.message);
}

function actionName(name: Json, task: string, own: string | undefined): string {
  if (typeof name === 'string' && name !== '')
    return own !== undefined && name.startsWith(ownAction) ? own + name : name;
  throw new RenderError('type', `the action of task "${task}" is ${typeName(name)}; it must be the name of an action`);
}

function wholeNumber(given: Json, what: string): number {
  if (typeof given === 'number' && Number.isSafeInteger(given)) return given;
  if (typeof given === 'boolean') return given ? 1 : 0;
  throw new RenderError('type', `${what} is ${typeName(given)}; it must be a whole number`);
}

function duration(given: Json, what: string): number {
  const ms = parseDuration(given);
  if (ms !== undefined) return ms;
  throw new RenderError('type', `${what} is ${JSON.stringify(given)}; write seconds, or text such as 30s, 5m, 2h`);
}

/** A duration from `at` on, or an ISO 8601 instant. */
function instantFrom(given: Json, at: Instant, task: string): Instant {
  const ms = parseDuration(given);
  if (ms !== undefined) return plus(at, ms);
  const isInstant = typeof given === 'string' && /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(given);
  const instant = isInstant ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(instant)) return instantOf(instant);
  const found = JSON.stringify(given);
  throw new RenderError(
    'type',
    `the deadline of task "${task}" is ${found}; write a duration such as 5m, or an ISO 8601 time such as 2030-01-31T09:00:00Z`,
  );
}

function typeName(given: Json): string {
  if (given === null) return 'null';
  if (Array.isArray(given)) return 'a list';
  return typeof given === 'object' ? 'a map' : `${typeof given} ${JSON.stringify(given)}`;
}
