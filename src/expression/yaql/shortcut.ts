/**
 * The expressions that workflows evaluate most, straight over the scope: `ctx(x)`, `ctx().x.y`, `succeeded()`,
 * `failed() and ctx(n) < 3`, `ctx(n) + 1`. No frames, no dispatch, no budget: they take a bounded number of steps.
 *
 * S1. A shortcut answers undefined for whatever is not plain (a missing key, an odd type); the caller then evaluates in
 *     full, which gives the value or the error. So a shortcut never decides what an error is.
 * S2. Its answers are Json: data of the scope, booleans and safe integers.
 */

import { type Json, type JsonObject, ownProperty } from '../../base/index.ts';
import type { Scope } from '../scope.ts';
import { visibleVariables } from '../workflow-functions.ts';
import type { Call, Syntax } from './syntax.ts';

export type Shortcut = (scope: Scope) => Json | undefined;

/** The shortcut for an expression, or undefined where it is not of the plain kind. */
export function shortcutOf(syntax: Syntax): Shortcut | undefined {
  switch (syntax.kind) {
    case 'constant': {
      const { value } = syntax;
      if (value !== null && typeof value === 'object') return undefined;
      if (typeof value === 'bigint') return undefined;
      if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined;
      return () => value;
    }
    case 'wrapped':
      return shortcutOf(syntax.inner);
    case 'call':
      return syntax.isNamed ? functionShortcut(syntax) : operatorShortcut(syntax);
    default:
      return undefined;
  }
}

function functionShortcut(call: Call): Shortcut | undefined {
  const [first] = call.arguments;
  if (
    call.name === 'ctx' &&
    call.arguments.length === 1 &&
    first?.kind === 'constant' &&
    typeof first.value === 'string'
  ) {
    const name = first.value;
    if (name === '' || name.startsWith('__')) return undefined;
    return (scope) => ownProperty(scope.variables, name);
  }
  if (call.arguments.length > 0) return undefined;
  switch (call.name) {
    case 'ctx':
      return (scope) => visibleVariables(scope) as Json;
    case 'succeeded':
      return (scope) => scope.task && scope.taskStatus(scope.task.name, scope.task.route) === 'succeeded';
    case 'failed':
      return (scope) => scope.task && scope.taskStatus(scope.task.name, scope.task.route) === 'failed';
    case 'result':
      return (scope) => scope.task?.result;
    case 'item':
      return (scope) => scope.item?.value;
    default:
      return undefined;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Truth of plain data; undefined stays undefined. */
function truth(value: Json | undefined): boolean | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'object':
      return value !== null && (Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0);
    default:
      return Boolean(value);
  }
}

type Compare = (a: number, b: number) => boolean;
const comparisons = new Map<string, Compare>([
  ['#operator_<', (a, b) => a < b],
  ['#operator_>', (a, b) => a > b],
  ['#operator_<=', (a, b) => a <= b],
  ['#operator_>=', (a, b) => a >= b],
]);

function operatorShortcut(call: Call): Shortcut | undefined {
  const [leftSyntax, rightSyntax] = call.arguments;
  if (leftSyntax === undefined || call.arguments.length > 2) return undefined;
  if (call.name === '#operator_.') return dotShortcut(leftSyntax, rightSyntax as Syntax);
  const left = shortcutOf(leftSyntax);
  if (left === undefined) return undefined;
  if (call.name === '#unary_operator_not') {
    return (scope) => {
      const value = truth(left(scope));
      return value === undefined ? undefined : !value;
    };
  }
  const right = rightSyntax === undefined ? undefined : shortcutOf(rightSyntax);
  if (right === undefined) return undefined;
  switch (call.name) {
    case '#operator_and':
      return (scope) => {
        const value = left(scope);
        const isTrue = truth(value);
        return isTrue === undefined ? undefined : isTrue ? right(scope) : value;
      };
    case '#operator_or':
      return (scope) => {
        const value = left(scope);
        const isTrue = truth(value);
        return isTrue === undefined ? undefined : isTrue ? value : right(scope);
      };
    case '*equal':
      return (scope) => scalarsEqual(left(scope), right(scope));
    case '*not_equal':
      return (scope) => {
        const equal = scalarsEqual(left(scope), right(scope));
        return equal === undefined ? undefined : !equal;
      };
    case '#operator_+':
      return (scope) => whole(left(scope), right(scope), 1);
    case '#operator_-':
      return (scope) => whole(left(scope), right(scope), -1);
    case '#indexer':
      return (scope) => {
        const list = left(scope);
        const index = right(scope);
        if (Array.isArray(list))
          return typeof index === 'number' && index >= 0 ? (list[index] as Json | undefined) : undefined;
        return isObject(list) && typeof index === 'string' ? ownProperty(list, index) : undefined;
      };
    default: {
      const compare = comparisons.get(call.name);
      if (compare === undefined) return undefined;
      return (scope) => {
        const a = left(scope);
        const b = right(scope);
        return typeof a === 'number' && typeof b === 'number' ? compare(a, b) : undefined;
      };
    }
  }
}

function dotShortcut(left: Syntax, right: Syntax): Shortcut | undefined {
  if (right.kind === 'constant' && right.isKeyword) {
    const name = right.value as string;
    if (left.kind === 'call' && left.isNamed && left.name === 'ctx' && left.arguments.length === 0) {
      return (scope) => ownProperty(scope.variables, name);
    }
    const target = shortcutOf(left);
    if (target === undefined) return undefined;
    return (scope) => {
      const map = target(scope);
      return isObject(map) ? ownProperty(map, name) : undefined;
    };
  }
  if (right.kind === 'call' && right.isNamed && right.name === 'get') return getShortcut(left, right);
  return undefined;
}

/** `map.get(key)` and `map.get(key, default)`. */
function getShortcut(left: Syntax, call: Call): Shortcut | undefined {
  const target = shortcutOf(left);
  const [keySyntax, otherwiseSyntax] = call.arguments;
  const key = keySyntax && shortcutOf(keySyntax);
  const otherwise = otherwiseSyntax ? shortcutOf(otherwiseSyntax) : () => null;
  if (target === undefined || key === undefined || otherwise === undefined || call.arguments.length > 2)
    return undefined;
  return (scope) => {
    const map = target(scope);
    const name = key(scope);
    if (!isObject(map) || typeof name !== 'string') return undefined;
    const value = ownProperty(map, name);
    return value === undefined ? otherwise(scope) : value;
  };
}

function scalarsEqual(a: Json | undefined, b: Json | undefined): boolean | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (typeof a === typeof b && typeof a !== 'object') return a === b;
  if (a === null || b === null) return a === b;
  if (typeof a === 'object' || typeof b === 'object') return undefined;
  return typeof a === 'string' || typeof b === 'string' ? false : Number(a) === Number(b);
}

function whole(a: Json | undefined, b: Json | undefined, sign: 1 | -1): number | undefined {
  if (typeof a !== 'number' || typeof b !== 'number' || !Number.isSafeInteger(a) || !Number.isSafeInteger(b))
    return undefined;
  const sum = a + sign * b;
  return Number.isSafeInteger(sum) ? sum : undefined;
}
