/**
 * The functions of both languages that look at the run: `ctx`, `item`, `result`, `task_status`, `succeeded`, `failed`,
 * `completed`; and `json` and `zip`, which Orquesta adds to both.
 */

import { ownProperty } from '../base/index.ts';
import { grow, spend } from './budget.ts';
import { stop } from './failure.ts';
import { type Dialect, Dict, DictView, isMapping, lookUp, PySet } from './python/dict.ts';
import { parseJson } from './python/json.ts';
import { isTrue } from './python/order.ts';
import { textOf } from './python/text.ts';
import { elements, indexOf, isSequence, Lazy, OtherSequence, type Value } from './python/values.ts';
import type { CurrentTask, Scope } from './scope.ts';

/** The statuses that `completed()` accepts: a task in one of them has run. */
const completedStatuses = new Set(['succeeded', 'failed', 'expired', 'abandoned', 'canceled']);

function currentTask(scope: Scope): CurrentTask {
  return scope.task ?? stop('ExpressionEvaluationException', 'The current task is not set in the context.');
}

function currentStatus(scope: Scope): string | undefined {
  const task = currentTask(scope);
  return scope.taskStatus(task.name, task.route);
}

/** All variables but the private ones; the scope's own map where it has none. */
export function visibleVariables(scope: Scope): Value {
  const { variables } = scope;
  for (const name in variables) {
    if (name.startsWith('__') && Object.hasOwn(variables, name)) return withoutPrivate(scope);
  }
  return variables;
}

function withoutPrivate({ variables }: Scope): Value {
  const visible: { [name: string]: Value } = {};
  for (const name of Object.keys(variables)) {
    if (!name.startsWith('__')) visible[name] = variables[name] as Value;
  }
  return visible;
}

export function variable(scope: Scope, name: string): Value {
  const value = ownProperty(scope.variables, name);
  if (value === undefined) return stop('VariableUndefinedError', `The variable "${name}" is undefined.`);
  if (name.startsWith('__')) {
    return stop('VariableInaccessibleError', `The variable "${name}" is for internal use and inaccessible.`);
  }
  return value;
}

export const workflowFunctions = {
  ctx(scope: Scope, key: Value): Value {
    if (!isTrue(key)) return visibleVariables(scope);
    if (typeof key === 'string') return variable(scope, key);
    return stop('VariableUndefinedError', `The variable "${textOf(key, 'yaql')}" is undefined.`);
  },

  item(scope: Scope, key: Value, dialect: Dialect): Value {
    const item: Value = scope.item === undefined ? null : scope.item.value;
    if (!isTrue(key)) return item;
    if (!isMapping(item)) return stop('ExpressionEvaluationException', 'Item is not type of collections.abc.Mapping.');
    const value = lookUp(item, key, dialect);
    return value === undefined
      ? stop('ExpressionEvaluationException', `Item does not have key "${textOf(key, dialect)}".`)
      : value;
  },

  result(scope: Scope): Value {
    return currentTask(scope).result;
  },

  /** The text `null` for a task that has not run. */
  taskStatus(scope: Scope, name: Value, route: Value): Value {
    const seenFrom = route === null ? (scope.task?.route ?? 0) : indexOf(route);
    return scope.taskStatus(textOf(name, 'jinja'), seenFrom) ?? 'null';
  },

  /** StackStorm's: the latest instance of a task, of the current one without a name. */
  taskDetails(scope: Scope, name: Value, route: Value): Value {
    const wanted = name === null ? scope.task?.name : textOf(name, 'jinja');
    if (wanted === undefined) return stop('ValueError', 'There is no current task here: name one, as in task("name").');
    const seenFrom = route === null ? (scope.task?.route ?? 0) : indexOf(route);
    const details = scope.taskDetails?.(wanted, seenFrom);
    return details ?? stop('ValueError', `Unable to find task "${wanted}": it has not run.`);
  },

  succeeded(scope: Scope): boolean {
    return currentStatus(scope) === 'succeeded';
  },

  failed(scope: Scope): boolean {
    return currentStatus(scope) === 'failed';
  },

  completed(scope: Scope): boolean {
    return completedStatuses.has(currentStatus(scope) ?? '');
  },

  json(scope: Scope, text: Value, dialect: Dialect): Value {
    if (isMapping(text)) {
      const isFrozen = dialect === 'yaql' && (text instanceof Dict ? text.frozen : text !== visibleVariables(scope));
      return isFrozen ? stop('TypeError', 'Given object is not typeof string.') : text;
    }
    const source = typeof text === 'object' && text !== null && 'markup' in text ? text.markup : text;
    if (typeof source !== 'string') return stop('TypeError', 'Given object is not typeof string.');
    return parseJson(source, dialect);
  },

  /** Rows of the lists' elements, as long as the longest, filled with `pad`; null counts as an empty list. */
  zip(lists: readonly Value[], pad: Value, dialect: Dialect): Value {
    const given = lists.map((list): Value => (list === null ? [] : list));
    if (given.length === 1) return given[0] as Value;
    const columns = given.map((list) => columnOf(list));
    const rows: Value[] = [];
    const length = Math.max(0, ...columns.map((column) => column.length));
    for (let index = 0; index < length; index++) {
      spend();
      grow(columns.length);
      const row = columns.map((column) => (index < column.length ? (column[index] as Value) : pad));
      rows.push(dialect === 'yaql' ? row : new OtherSequence(row));
    }
    return dialect === 'yaql' ? new OtherSequence(rows) : rows;
  },
} as const;

function columnOf(list: Value): readonly Value[] {
  if (isSequence(list)) return elements(list);
  if (typeof list === 'string') return Array.from(list);
  if (isMapping(list)) return [...new DictView('keys', list, (key) => key)];
  if (list instanceof Lazy || list instanceof PySet || list instanceof DictView || isIterableObject(list))
    return [...list];
  return stop('TypeError', 'zip() takes lists');
}

function isIterableObject(value: Value): value is object & Iterable<Value> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
