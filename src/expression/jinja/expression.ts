/** A Jinja expression or text, ready to evaluate over any scope. */

import { type Json, ownProperty } from '../../base/index.ts';
import { Lazy, type Value } from '../python/values.ts';
import type { Scope } from '../scope.ts';
import { compileExpression, compileStatements, Names } from './compile.ts';
import { Environment } from './environment.ts';
import { changes } from './methods.ts';
import { Undefined } from './objects.ts';
import { parseExpression, parseText } from './parse.ts';
import type { Expression } from './syntax.ts';

export interface JinjaExpression {
  /** The value, or undefined where it names something that is not there. @throws Failure */
  readonly evaluate: (scope: Scope) => Value | undefined;
  readonly shortcut: ((scope: Scope) => Json | undefined) | undefined;
}

/** Calls that change a list or map in place. */
const changing = /\b(?:append|extend|insert|pop|popitem|remove|update|setdefault|clear|sort|reverse)\b/;

/** Compiles what stands between `{{` and `}}`. @throws SyntaxFault */
export function compileJinja(text: string): JinjaExpression {
  const expression = parseExpression(text);
  const run = compileExpression(expression);
  const isChanging = changing.test(text);
  return {
    shortcut: shortcutOf(expression),
    evaluate: (scope) => {
      const value = inPlace(isChanging, () => run(new Names(new Environment(scope, isChanging), null)));
      if (value instanceof Undefined) return undefined;
      return value instanceof Lazy ? inPlace(isChanging, () => [...value]) : value;
    },
  };
}

/** Compiles a text with blocks, rendered whole. @throws SyntaxFault */
export function compileJinjaText(text: string): JinjaExpression {
  const write = compileStatements(parseText(text));
  const isChanging = changing.test(text);
  return {
    shortcut: undefined,
    evaluate: (scope) => {
      const out: string[] = [];
      inPlace(isChanging, () => write(new Names(new Environment(scope, isChanging), null), out));
      return out.join('');
    },
  };
}

function inPlace<T>(isChanging: boolean, work: () => T): T {
  const kept = changes.areInPlace;
  changes.areInPlace = isChanging;
  try {
    return work();
  } finally {
    changes.areInPlace = kept;
  }
}

/**
 * The expressions that workflows write most, straight over the scope, as YAQL's shortcuts are: `ctx().x.y`, `ctx('x')`,
 * `result().x`, `item()`, `succeeded()`. Undefined means: evaluate in full.
 */
function shortcutOf(expression: Expression): JinjaExpression['shortcut'] {
  if (expression.kind === 'attribute') {
    const { target, name } = expression;
    if (mapMembers.has(name) || name.startsWith('_')) return undefined;
    if (isCallOf(target, 'ctx', 0)) return (scope) => ownProperty(scope.variables, name);
    const inner = shortcutOf(target);
    if (inner === undefined) return undefined;
    return (scope) => {
      const map = inner(scope);
      return typeof map === 'object' && map !== null && !Array.isArray(map)
        ? ownProperty(map as { readonly [key: string]: Json }, name)
        : undefined;
    };
  }
  if (isCallOf(expression, 'ctx', 1)) {
    const [key] = expression.given.positional;
    if (key?.kind !== 'constant' || typeof key.value !== 'string' || key.value === '' || key.value.startsWith('__'))
      return undefined;
    const name = key.value;
    return (scope) => ownProperty(scope.variables, name);
  }
  if (isCallOf(expression, 'result', 0)) return (scope) => scope.task?.result;
  if (isCallOf(expression, 'item', 0)) return (scope) => scope.item?.value;
  for (const status of ['succeeded', 'failed'] as const) {
    if (isCallOf(expression, status, 0))
      return (scope) => scope.task && scope.taskStatus(scope.task.name, scope.task.route) === status;
  }
  return undefined;
}

/** What a dot finds on a map before its keys. */
const mapMembers = new Set([
  'keys',
  'values',
  'items',
  'get',
  'copy',
  'pop',
  'popitem',
  'setdefault',
  'update',
  'clear',
  'fromkeys',
]);

function isCallOf(expression: Expression, name: string, count: number): expression is Expression & { kind: 'call' } {
  if (expression.kind !== 'call' || expression.target.kind !== 'name' || expression.target.name !== name) return false;
  const { positional, named, more, moreNamed } = expression.given;
  return positional.length === count && named.length === 0 && more === null && moreNamed === null;
}
