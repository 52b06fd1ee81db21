/** YAQL's functions on numbers, comparisons with null, and branching. */

import { spend } from '../../budget.ts';
import { stop } from '../../failure.ts';
import {
  absolute,
  add,
  checkedInt,
  divide,
  floorDivide,
  isNumeric,
  modularPower,
  modulo,
  multiply,
  type Numeric,
  negate,
  power,
  round,
  subtract,
  toFloat,
  toInt,
} from '../../python/arithmetic.ts';
import { compare, isEqual, isTrue } from '../../python/order.ts';
import { bigOf, float, isFloat, isInt, isNumber, Lazy, numberOf, type Value } from '../../python/values.ts';
import { call } from '../dispatch.ts';
import { type Arguments, type FunctionSpec, specOf } from '../signature.ts';

function order(a: Arguments): number {
  return compare(a.value(0), a.value(1), 'yaql') ?? Number.NaN;
}

/** `/`: floors between ints. */
export function quotient(left: Numeric, right: Numeric): Value {
  return isInt(left as Value) && isInt(right as Value) ? floorDivide(left, right) : divide(left, right);
}

function randomBetween(a: Arguments): Value {
  const whole = (index: number): bigint => {
    const value = a.value(index);
    if (isInt(value) || typeof value === 'boolean') return bigOf(value);
    if (isFloat(value) && Number.isInteger(numberOf(value))) return BigInt(numberOf(value));
    return stop(isFloat(value) ? 'ValueError' : 'TypeError', 'random() needs two integers');
  };
  const from = whole(0);
  const width = whole(1) - from + 1n;
  if (width < 1n) stop('ValueError', 'empty range for random()');
  if (width > 9007199254740992n) stop('limit_exceeded', 'random() over more than 2^53 integers');
  return checkedInt(from + BigInt(Math.floor(a.frame.scope.random() * Number(width))));
}

function shift(a: Arguments, left: boolean): Value {
  const value = bigOf(a.value(0) as number);
  const bits = a.int(1);
  if (bits < 0) stop('ValueError', 'negative shift count');
  if (left && bits > 4096 && value !== 0n) stop('limit_exceeded', 'An integer of more than 4096 bits.');
  return checkedInt(left ? value << BigInt(value === 0n ? 0 : bits) : value >> BigInt(bits));
}

function isGreater(a: Value, b: Value, from: Arguments): boolean {
  return isTrue(call('#operator_>', undefined, [a, b], from.frame));
}

export const numbers: readonly FunctionSpec[] = [
  specOf('function', '#operator_+(left: number, right: number)', (a) => add(a.number(0), a.number(1))),
  specOf('function', '#operator_-(left: number, right: number)', (a) => subtract(a.number(0), a.number(1))),
  specOf('function', '#operator_*(left: number, right: number)', (a) => multiply(a.number(0), a.number(1))),
  specOf('function', '#operator_/(left: number, right: number)', (a) => quotient(a.number(0), a.number(1))),
  specOf('function', '#operator_mod(left: number, right: number)', (a) => modulo(a.number(0), a.number(1))),
  specOf('function', '#unary_operator_+(op: number)', (a) => a.value(0)),
  specOf('function', '#unary_operator_-(op: number)', (a) => negate(a.number(0))),
  specOf('function', '#operator_>(left: number, right: number)', (a) => order(a) > 0),
  specOf('function', '#operator_>=(left: number, right: number)', (a) => order(a) >= 0),
  specOf('function', '#operator_<(left: number, right: number)', (a) => order(a) < 0),
  specOf('function', '#operator_<=(left: number, right: number)', (a) => order(a) <= 0),
  specOf('function', 'abs(op: number)', (a) => absolute(a.number(0))),
  specOf('function', 'int(value: any)', (a) => (a.value(0) === null ? 0 : toInt(a.value(0)))),
  specOf('function', 'float(value: any)', (a) => (a.value(0) === null ? float(0) : toFloat(a.value(0)))),
  specOf('function', 'random()', (a) => float(a.frame.scope.random())),
  specOf('function', 'random(from: any, to: any)', randomBetween),
  specOf('function', 'bitwiseAnd(left: int, right: int)', (a) =>
    checkedInt(bigOf(a.value(0) as number) & bigOf(a.value(1) as number)),
  ),
  specOf('function', 'bitwiseOr(left: int, right: int)', (a) =>
    checkedInt(bigOf(a.value(0) as number) | bigOf(a.value(1) as number)),
  ),
  specOf('function', 'bitwiseXor(left: int, right: int)', (a) =>
    checkedInt(bigOf(a.value(0) as number) ^ bigOf(a.value(1) as number)),
  ),
  specOf('function', 'bitwiseNot(arg: int)', (a) => checkedInt(~bigOf(a.value(0) as number))),
  specOf('function', 'shiftBitsRight(value: int, bitsNumber: int)', (a) => shift(a, false)),
  specOf('function', 'shiftBitsLeft(value: int, bitsNumber: int)', (a) => shift(a, true)),
  specOf('function', 'max(a: any, b: any)', (a) => (isGreater(a.value(1), a.value(0), a) ? a.value(1) : a.value(0))),
  specOf('function', 'min(a: any, b: any)', (a) => (isGreater(a.value(1), a.value(0), a) ? a.value(0) : a.value(1))),
  specOf('function', 'pow(a: number, b: number, c: number? = null)', (a) =>
    a.value(2) === null ? power(a.number(0), a.number(1)) : modularPower(a.number(0), a.number(1), a.number(2)),
  ),
  specOf('function', 'sign(num: number)', (a) => {
    const value = numberOf(a.number(0));
    return value > 0 ? 1 : value < 0 ? -1 : 0;
  }),
  specOf('function', 'round(number: number, ndigits: int = 0)', (a) => round(a.number(0), a.int(1))),
  specOf('function', 'isInteger(value: any)', (a) => isInt(a.value(0))),
  specOf('function', 'isNumber(value: any)', (a) => isNumber(a.value(0))),

  specOf('function', '*equal(left: any, right: any)', (a) => isEqual(a.value(0), a.value(1), 'yaql')),
  specOf('function', '*not_equal(left: any, right: any)', (a) => !isEqual(a.value(0), a.value(1), 'yaql')),
  ...['<', '<=', '>', '>='].flatMap((operator) => [
    specOf('function', `#operator_${operator}(left: notNull, right: null)`, () => operator.startsWith('>')),
    specOf('function', `#operator_${operator}(left: null, right: notNull)`, () => operator.startsWith('<')),
    specOf('function', `#operator_${operator}(left: null, right: null)`, () => operator.endsWith('=')),
  ]),

  specOf('function', '#operator_and(left: lambda, right: lambda)', (a) => {
    const left = a.lambda(0)();
    return isTrue(left) ? a.lambda(1)() : left;
  }),
  specOf('function', '#operator_or(left: lambda, right: lambda)', (a) => {
    const left = a.lambda(0)();
    return isTrue(left) ? left : a.lambda(1)();
  }),
  specOf('function', '#unary_operator_not(arg: any)', (a) => !isTrue(a.value(0))),
  specOf('function', 'bool(value: any)', (a) => isTrue(a.value(0))),
  specOf('function', 'isBoolean(value: any)', (a) => typeof a.value(0) === 'boolean'),

  specOf(
    'function',
    'switch(*args: rule)',
    (a) => {
      for (const rule of a.restCode) {
        if (isTrue((rule.source as NonNullable<typeof rule.source>).run(undefined, a.frame))) {
          return (rule.destination as NonNullable<typeof rule.destination>).run(undefined, a.frame);
        }
      }
      return null;
    },
    true,
  ),
  specOf('function', 'selectCase(*args: lambda)', (a) => {
    const index = a.restLambdas.findIndex((test) => isTrue(test()));
    return index < 0 ? a.restLambdas.length : index;
  }),
  specOf('function', 'selectAllCases(*args: lambda)', (a) => new Lazy(trueCases(a))),
  specOf('function', 'examine(*args: lambda)', (a) => new Lazy(truths(a))),
  specOf('method', 'switchCase(case: int, *args: lambda)', (a) => {
    const cases = a.restLambdas;
    const index = a.int(0);
    const chosen = index >= 0 && index < cases.length ? cases[index] : cases.at(-1);
    return chosen ? chosen() : null;
  }),
  specOf('function', 'coalesce(*args: lambda)', (a) => {
    for (const candidate of a.restLambdas) {
      const value = candidate();
      if (value !== null) return value;
    }
    return null;
  }),
];

function* trueCases(a: Arguments): Generator<Value> {
  let index = 0;
  for (const test of a.restLambdas) {
    if (isTrue(test())) yield index;
    index++;
  }
}

function* truths(a: Arguments): Generator<Value> {
  for (const test of a.restLambdas) {
    spend();
    yield isTrue(test());
  }
}

export { isNumeric };
