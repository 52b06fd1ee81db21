/** One task of a graph as the kernel takes it, and the code it brings. Faults of its values are collected on the way. */

import { type Json, type JsonObject, jsonFault, parseDuration, setOwn } from '../../base/index.ts';
import { compile, type Scope } from '../../expression/index.ts';
import { type AddedTask, type DagTask, ownAction, type TaskHandler, type Trigger, type WorkType } from '../dag.ts';
import { checkedByAction } from '../schema-check.ts';
import type { CacheSpec, CompensationSpec, FallbackSpec, RetrySpec, ValueSource, WithItems } from '../work.ts';
import type { FaultCode, FaultList } from './faults.ts';
import { type FlatTask, type SeenValues, seenOf } from './flatten.ts';
import type { ActionLike } from './known.ts';
import type { CallWritten, Closure, RetryWritten } from './pieces.ts';
import type { TaskToAdd } from './task-options.ts';
import {
  code,
  faultOfDeadline,
  faultOfDuration,
  faultOfWholeSeconds,
  isClosure,
  literal,
  shown,
  wholeSeconds,
} from './value-sources.ts';

/** The code of a graph by name, as it is put together. */
export interface Code {
  readonly handlers: Map<string, TaskHandler<unknown>>;
  /** Actions that tasks were given, by their names. */
  readonly actions: Map<string, ActionLike>;
}

export function taskDefinition(task: FlatTask, into: Code, faults: FaultList): DagTask {
  return new TaskReader(task, into, faults).read();
}

const actionName = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const actionNameLengthMax = 200;

class TaskReader {
  readonly #task: FlatTask;
  readonly #code: Code;
  readonly #faults: FaultList;

  constructor(task: FlatTask, into: Code, faults: FaultList) {
    this.#task = task;
    this.#code = into;
    this.#faults = faults;
  }

  read(): DagTask {
    const { name, kind, options, needs, frame } = this.#task;
    const { group, title, workerType, type, resources } = options;
    const { priority, intervention } = options;
    return {
      name,
      ...this.#work(),
      ...present('with', kind === 'map' ? this.#items() : undefined),
      ...present('delay', this.#duration('delay', options.delay, faultOfWholeSeconds, wholeSeconds)),
      ...present('timeout', this.#duration('timeout', options.timeout, faultOfDuration)),
      ...present('deadline', this.#duration('deadline', options.deadline, faultOfDeadline)),
      ...present('priority', this.#number('priority', priority, { min: 0, max: 100, whole: true })),
      ...present('retry', options.retry && this.#retry('retry', options.retry)),
      ...present('fallback', options.fallback && this.#fallback(options.fallback)),
      ...(intervention === true ? { intervention } : {}),
      ...present('compensate', options.compensate && this.#compensation(options.compensate)),
      ...present('group', group === undefined ? undefined : frame.prefix + group),
      ...present('cache', options.cache && this.#cache(options.cache)),
      needs: needs.map((need) => ({ task: need.task, kind: need.kind === 'preferred' ? 'preferred' : 'blocking' })),
      trigger: (options.trigger ?? 'all_succeeded') as Trigger,
      ...present('when', options.when && this.#closure('when', options.when)),
      ...present('expand', options.expand && this.#expand(options.expand)),
      ...present('title', title),
      ...present('type', type as WorkType | undefined),
      ...present('workerType', workerType),
      ...present('resources', this.#resources(resources)),
      ...present('estimateMs', this.#milliseconds('estimate', options.estimate)),
    };
  }

  /** What the task calls, and with what. */
  #work(): { action?: ValueSource; input?: ValueSource } {
    const { name, kind, options } = this.#task;
    const action = this.#called(options, name, 'it');
    if (kind === 'map') {
      if (action === undefined && options.run === undefined && options.action === undefined)
        this.#fault(
          'items_without_action',
          `The map "${name}" has neither "run" nor "action": add what is done with each item.`,
        );
      return { ...present('action', action), input: this.#itemInput(options.input) };
    }
    if (action === undefined) return {};
    return { action, ...present('input', this.#input(options.input, options.run !== undefined)) };
  }

  #input(written: unknown, isOwn: boolean): ValueSource | undefined {
    if (isClosure(written)) return this.#coded((scope) => written(this.#seen(scope)));
    if (written !== undefined) return this.#constant('input', written);
    return isOwn ? this.#coded((scope) => this.#seen(scope)) : undefined;
  }

  #itemInput(written: unknown): ValueSource {
    const item = (scope: Scope): Json => scope.item?.value ?? null;
    if (isClosure(written)) return this.#coded((scope) => written(item(scope), this.#seen(scope)));
    return written === undefined ? this.#coded(item) : this.#constant('input', written);
  }

  #items(): WithItems | undefined {
    const { over, width } = this.#task.options;
    const { name } = this.#task;
    if (!isClosure(over) && !Array.isArray(over)) {
      this.#fault(
        'items_missing',
        `The map "${name}" has ${shown(over)} as "over", and must have a list, or a closure that gives one.`,
      );
      return undefined;
    }
    const limit = { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true };
    const concurrency = isClosure(width)
      ? this.#closure('width', width)
      : this.#number('width', width, limit) === undefined
        ? undefined
        : compile(width as number);
    const items = isClosure(over) ? this.#closure('over', over) : this.#constant('over', over);
    return { items, text: 'over', ...present('concurrency', concurrency) };
  }

  /** What is called by name; the code it needs goes to the others. Undefined where it calls nothing. */
  #called({ run, action }: CallWritten, handler: string, what: string): ValueSource | undefined {
    if (run !== undefined && action !== undefined)
      this.#fault(
        'run_and_action',
        `Of the task "${this.#task.name}", ${what} has both "run" and "action": leave one out.`,
      );
    if (run !== undefined) {
      if (typeof run !== 'function') this.#wrong('run', run, 'a function');
      else this.#code.handlers.set(handler, run as TaskHandler<unknown>);
      return literal(ownAction + handler);
    }
    if (action === undefined) return undefined;
    const { name } = typeof action === 'string' ? { name: action } : action;
    if (typeof name !== 'string' || !actionName.test(name) || name.length > actionNameLengthMax) {
      this.#fault(
        'invalid_name',
        `The task "${this.#task.name}" calls ${shown(name)}, which is not the name of an action: letters, digits, "_", "-" and dots between them.`,
      );
      return undefined;
    }
    return literal(typeof action === 'string' ? action : this.#provided(action));
  }

  /** Makes an action that was given whole part of the graph's own code. */
  #provided(action: ActionLike): string {
    const { name } = action;
    const before = this.#code.actions.get(name);
    if (before !== undefined && before !== action)
      this.#fault(
        'duplicate_action',
        `The task "${this.#task.name}" calls an action "${name}" that is another than that of a task above: rename one.`,
      );
    this.#code.actions.set(name, action);
    const handler = `${name}!action`;
    this.#code.handlers.set(handler, handlerOf(action));
    return ownAction + handler;
  }

  #fallback(written: CallWritten): FallbackSpec | undefined {
    const action = this.#called(written, `${this.#task.name}!fallback`, '"fallback"');
    if (action === undefined) return this.#callsNothing('fallback', written);
    return { action, ...present('input', written.input === undefined ? undefined : this.#input(written.input, false)) };
  }

  #compensation(written: NonNullable<FlatTask['options']['compensate']>): CompensationSpec | undefined {
    const action = this.#called(written, `${this.#task.name}!undo`, '"compensate"');
    if (action === undefined) return this.#callsNothing('compensate', written);
    const { input, run } = written;
    const withResult = (scope: Scope): SeenValues => {
      const seen = this.#seen(scope);
      seen.result = scope.task?.result ?? null;
      return seen;
    };
    const given = isClosure(input)
      ? this.#coded((scope) => input(withResult(scope)))
      : input !== undefined
        ? this.#constant('input', input)
        : run !== undefined
          ? this.#coded(withResult)
          : undefined;
    return {
      action,
      ...present('input', given),
      ...present('retry', written.retry && this.#retry('compensate.retry', written.retry)),
      ...present('timeout', this.#duration('compensate.timeout', written.timeout, faultOfDuration)),
    };
  }

  #callsNothing(what: string, { run, action }: CallWritten): undefined {
    if (run === undefined && action === undefined)
      this.#fault('wrong_value', `"${what}" of the task "${this.#task.name}" has neither "run" nor "action": add one.`);
    return undefined;
  }

  #retry(field: string, { count, delay, factor, maxDelay, jitter, when }: RetryWritten): RetrySpec | undefined {
    const whole = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true };
    const counted = isClosure(count)
      ? this.#closure(`${field}.count`, count)
      : this.#number(`${field}.count`, count ?? null, whole) === undefined
        ? undefined
        : compile(count as number);
    const rest = {
      ...present('when', when && this.#outcomeAsked(when)),
      ...present('delay', this.#duration(`${field}.delay`, delay, faultOfWholeSeconds, wholeSeconds)),
      factor: this.#number(`${field}.factor`, factor, { min: 1, max: Number.MAX_VALUE }) ?? 1,
      ...present('maxDelayMs', this.#milliseconds(`${field}.maxDelay`, maxDelay)),
      jitter: this.#number(`${field}.jitter`, jitter, { min: 0, max: 1 }) ?? 0,
    };
    return counted && { count: counted, ...rest };
  }

  #outcomeAsked(when: Closure): ValueSource {
    return code((scope) => {
      const { name = '', route = 0, result = null } = scope.task ?? {};
      return when({ status: scope.taskStatus(name, route), result }, this.#seen(scope));
    });
  }

  #cache({ key, ttl, version }: NonNullable<FlatTask['options']['cache']>): CacheSpec {
    return {
      ...present('key', key && this.#closure('cache.key', key)),
      ...present('ttlMs', this.#milliseconds('cache.ttl', ttl)),
      ...present('version', version === undefined ? undefined : String(version)),
    };
  }

  #expand(expand: Closure): ValueSource {
    const { prefix } = this.#task.frame;
    return code((scope) => {
      const tasks = expand(scope.task?.result ?? null, this.#seen(scope)) ?? [];
      return Array.isArray(tasks) ? (tasks as TaskToAdd[]).map((task) => addedTask(task, prefix)) : tasks;
    });
  }

  #resources(written: FlatTask['options']['resources']): DagTask['resources'] {
    if (written === undefined) return undefined;
    const { named, ...amounts } = written;
    for (const [field, amount] of Object.entries({ ...amounts, ...(named as object | undefined) }))
      this.#number(`resources.${field}`, amount, { min: 0, max: Number.MAX_VALUE });
    return written as DagTask['resources'];
  }

  #closure(field: string, closure: Closure): ValueSource {
    if (typeof closure !== 'function') this.#wrong(field, closure, 'a function');
    return code((scope) => closure(this.#seen(scope)));
  }

  #duration(
    field: string,
    written: unknown,
    faultOf: (value: unknown) => string | undefined,
    converted: (value: unknown) => unknown = (value) => value,
  ): ValueSource | undefined {
    if (written === undefined) return undefined;
    if (isClosure(written)) return code((scope) => converted(written(this.#seen(scope))));
    const fault = faultOf(written);
    if (fault === undefined) return literal(converted(written) as Json);
    this.#fault('wrong_value', `"${field}" of the task "${this.#task.name}": ${fault}.`);
    return undefined;
  }

  #milliseconds(field: string, written: unknown): number | undefined {
    if (written === undefined) return undefined;
    const fault = faultOfDuration(written);
    if (fault !== undefined) this.#fault('wrong_value', `"${field}" of the task "${this.#task.name}": ${fault}.`);
    return parseDuration(written as Json);
  }

  #number(
    field: string,
    value: unknown,
    { min, max, whole = false }: { min: number; max: number; whole?: boolean },
  ): number | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    const wanted = max >= Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
    const message = `"${field}" of the task "${this.#task.name}" is ${shown(value)}, and must be a ${whole ? 'whole ' : ''}number ${wanted}.`;
    this.#fault(typeof value === 'number' ? 'number_out_of_range' : 'wrong_value', message);
    return undefined;
  }

  #constant(field: string, value: unknown): ValueSource {
    const fault = jsonFault(value);
    if (fault === undefined) return literal(value as Json);
    this.#fault('not_json', `"${field}" of the task "${this.#task.name}" is not JSON: ${fault}.`);
    return literal(null);
  }

  #coded(compute: (scope: Scope) => unknown): ValueSource {
    return code(compute, this.#task.options.secrets);
  }

  #seen({ variables }: Scope): SeenValues {
    const { frame, needs } = this.#task;
    return seenOf(frame, needs, variables);
  }

  #wrong(field: string, value: unknown, wanted: string): void {
    this.#fault(
      'wrong_value',
      `"${field}" of the task "${this.#task.name}" is ${shown(value)}, and must be ${wanted}.`,
    );
  }

  #fault(faultCode: FaultCode, message: string): void {
    this.#faults.add(faultCode, this.#task.name, message);
  }
}

/** A task that a segment adds is one of its own: its names get the prefix. */
function addedTask({ run, name, needs, before, ...rest }: TaskToAdd, prefix: string): AddedTask {
  const full = (names: readonly string[]): readonly string[] => names.map((one) => prefix + one);
  return {
    ...(rest as JsonObject),
    name: typeof name === 'string' && name !== '' ? prefix + name : name,
    ...(run === undefined ? {} : { action: ownAction + prefix + run }),
    ...(needs === undefined ? {} : { needs: full(needs) }),
    ...(before === undefined ? {} : { before: full(before) }),
  };
}

/** The handler of an action, between its schemas. */
function handlerOf({ name, input, output, handler }: ActionLike): TaskHandler<unknown> {
  const call = handler as (input: unknown, context: unknown) => unknown;
  if (input === undefined && output === undefined) return call;
  return async (given: unknown, context: unknown) => {
    const taken = input === undefined ? given : await checkedByAction(input, given, 'input', name);
    const result = await call(taken, context);
    return output === undefined ? result : checkedByAction(output, result, 'output', name);
  };
}

/** A field that stands only where it has a value. */
export function present<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  if (value === undefined) return {};
  const field: { [name: string]: Value } = {};
  setOwn(field, key, value);
  return field as { readonly [K in Key]?: Value };
}
