/** Jinja's tests: `value is name`. */

import { isMapping } from '../python/dict.ts';
import { isEqual } from '../python/order.ts';
import { isFloat, isInt, isNumber, isSequence, type Value } from '../python/values.ts';
import { isLowerCase, isUpperCase } from './methods.ts';
import { Callable, defined, Fields, Markup, plainText, Range, str, Undefined } from './objects.ts';
import { binary, compareBy, contains, isIterableValue } from './operators.ts';
import { type Bound, type Signature, signatureOf } from './signature.ts';

export interface Test {
  readonly signature: Signature;
  readonly run: (given: Bound) => boolean;
}

/** Whether filters and tests of a name exist; set by the filters, which know. */
export const names: { filters: ReadonlyMap<string, unknown> } = { filters: new Map() };

function remainder(value: Value, by: Value): Value {
  return binary('%', value, by);
}

function ordered(operator: string) {
  return (given: Bound): boolean => compareBy(operator, given.value(0), given.value(1));
}

const entries: readonly (readonly [readonly string[], string, (given: Bound) => boolean])[] = [
  [['odd'], 'odd(value)', (given) => isEqual(remainder(given.value(0), 2), 1, 'jinja')],
  [['even'], 'even(value)', (given) => isEqual(remainder(given.value(0), 2), 0, 'jinja')],
  [
    ['divisibleby'],
    'divisibleby(value, num)',
    (given) => isEqual(remainder(given.value(0), given.value(1)), 0, 'jinja'),
  ],
  [['defined'], 'defined(value)', (given) => !(given.value(0) instanceof Undefined)],
  [['undefined'], 'undefined(value)', (given) => given.value(0) instanceof Undefined],
  [['filter'], 'filter(value)', (given) => names.filters.has(plainText(defined(given.value(0))) ?? '')],
  [['test'], 'test(value)', (given) => tests.has(plainText(defined(given.value(0))) ?? '')],
  [['none'], 'none(value)', (given) => given.value(0) === null],
  [['boolean'], 'boolean(value)', (given) => typeof given.value(0) === 'boolean'],
  [['false'], 'false(value)', (given) => given.value(0) === false],
  [['true'], 'true(value)', (given) => given.value(0) === true],
  [['integer'], 'integer(value)', (given) => isInt(given.value(0))],
  [['float'], 'float(value)', (given) => isFloat(given.value(0))],
  [['lower'], 'lower(value)', (given) => isLowerCase(str(given.value(0)))],
  [['upper'], 'upper(value)', (given) => isUpperCase(str(given.value(0)))],
  [['string'], 'string(value)', (given) => plainText(given.value(0)) !== undefined],
  [['mapping'], 'mapping(value)', (given) => isMapping(given.value(0))],
  [['number'], 'number(value)', (given) => isNumber(given.value(0)) || typeof given.value(0) === 'boolean'],
  [['sequence'], 'sequence(value)', (given) => isSequenceLike(given.value(0))],
  [['iterable'], 'iterable(value)', (given) => isIterableValue(defined(given.value(0)))],
  [['callable'], 'callable(value)', (given) => isCallable(given.value(0))],
  [['sameas'], 'sameas(value, other)', (given) => isSameObject(given.value(0), given.value(1))],
  [['escaped'], 'escaped(value)', (given) => given.value(0) instanceof Markup],
  [['in'], 'in(value, seq)', (given) => contains(defined(given.value(1)), given.value(0))],
  [['==', 'eq', 'equalto'], 'eq(a, b)', ordered('==')],
  [['!=', 'ne'], 'ne(a, b)', ordered('!=')],
  [['>', 'gt', 'greaterthan'], 'gt(a, b)', ordered('>')],
  [['>=', 'ge'], 'ge(a, b)', ordered('>=')],
  [['<', 'lt', 'lessthan'], 'lt(a, b)', ordered('<')],
  [['<=', 'le'], 'le(a, b)', ordered('<=')],
];

export const tests: ReadonlyMap<string, Test> = new Map(
  entries.flatMap(([aliases, signature, run]) =>
    aliases.map((name) => [name, { signature: signatureOf(signature), run }] as const),
  ),
);

function isSequenceLike(value: Value): boolean {
  return plainText(value) !== undefined || isSequence(value) || isMapping(value) || value instanceof Range;
}

export function isCallable(value: Value): boolean {
  return value instanceof Callable || value instanceof Undefined || (value instanceof Fields && value.call !== null);
}

function isSameObject(left: Value, right: Value): boolean {
  if (left === right) return true;
  const [a, b] = [plainText(left), plainText(right)];
  return a !== undefined && a === b;
}
