/**
 * YAQL's tree to closures. Common shapes (operators on numbers and text, a name after a dot, an index) are decided in
 * place; whatever they do not know goes to `call`, which knows all of YAQL's rules.
 */

import { ownProperty } from '../../base/index.ts';
import { grow, spend } from '../budget.ts';
import { stop } from '../failure.ts';
import { isMapping, keyOf, lookUpOr } from '../python/dict.ts';
import { isEqual, isTrue } from '../python/order.ts';
import { isPlainObject, type Value } from '../python/values.ts';
import { type Argument, Code, RuleValue, type Run } from './code.ts';
import { call, isRegistered, noMatch } from './dispatch.ts';
import type { Frame } from './frame.ts';
import './library/index.ts';
import { isIterable } from './signature.ts';
import type { Call, Syntax } from './syntax.ts';

export function compileSyntax(syntax: Syntax): Code {
  switch (syntax.kind) {
    case 'constant': {
      const { value, isKeyword } = syntax;
      return new Code('constant', () => value, { value, isKeyword });
    }
    case 'variable': {
      const { name } = syntax;
      return new Code('variable', (_, frame) => frame.get(name));
    }
    case 'wrapped':
      return new Code('wrapped', compileSyntax(syntax.inner).run);
    case 'rule': {
      const source = compileSyntax(syntax.source);
      const destination = compileSyntax(syntax.destination);
      const run: Run = (receiver, frame) =>
        new RuleValue(source.run(receiver, frame), destination.run(receiver, frame));
      return new Code('rule', run, { source, destination });
    }
    case 'missing':
      return new Code('constant', () => stop('TypeError', 'this argument cannot be left out'));
    case 'call':
      return new Code('call', compileCall(syntax), { isNamed: syntax.isNamed });
  }
}

function argumentsOf(syntax: Call): readonly Argument[] {
  return syntax.arguments.map((argument) => (argument.kind === 'missing' ? undefined : compileSyntax(argument)));
}

function compileCall(syntax: Call): Run {
  const given = argumentsOf(syntax);
  const { name } = syntax;
  if (syntax.isNamed) return (receiver, frame) => call(name, receiver, given, frame);
  const [left, right] = given;
  if (
    left instanceof Code &&
    right instanceof Code &&
    given.length === 2 &&
    left.kind !== 'rule' &&
    right.kind !== 'rule'
  ) {
    switch (name) {
      case '#operator_.':
        return compileDot(left, right);
      case '#operator_?.':
        return compileElvis(left, right);
      case '#operator_and':
        return (_, frame) => {
          const value = left.run(undefined, frame);
          return isTrue(value) ? right.run(undefined, frame) : value;
        };
      case '#operator_or':
        return (_, frame) => {
          const value = left.run(undefined, frame);
          return isTrue(value) ? value : right.run(undefined, frame);
        };
      case '*equal':
        return (_, frame) => isEqual(left.run(undefined, frame), right.run(undefined, frame), 'yaql');
      case '*not_equal':
        return (_, frame) => !isEqual(left.run(undefined, frame), right.run(undefined, frame), 'yaql');
      case '#indexer':
        return compileIndex(left, right);
      case '#operator_->':
        break;
      default: {
        const quick = quickOperators.get(name);
        if (quick === undefined || isOddConstant(left) || isOddConstant(right))
          return (_, frame) => call(name, undefined, given, frame);
        return (_, frame) => {
          spend();
          const a = left.run(undefined, frame);
          const b = right.run(undefined, frame);
          return quick(a, b) ?? call(name, undefined, [a, b], frame);
        };
      }
    }
  }
  if (name === '#unary_operator_not' && left instanceof Code) return (_, frame) => !isTrue(left.run(undefined, frame));
  if (name === '#list' && given.every((item) => item instanceof Code && item.kind !== 'rule')) {
    const items = given as readonly Code[];
    return (_, frame) => {
      grow(items.length);
      return items.map((item) => item.run(undefined, frame));
    };
  }
  return (_, frame) => call(name, undefined, given, frame);
}

/** Constants that are no numbers are sifted before anything is evaluated (C1 of `dispatch`). */
function isOddConstant(code: Code): boolean {
  return code.kind === 'constant' && typeof code.value !== 'number';
}

type Quick = (a: Value, b: Value) => Value | undefined;

function whenNumbers(operate: (a: number, b: number) => Value): Quick {
  return (a, b) => {
    if (typeof a !== 'number' || typeof b !== 'number') return undefined;
    const result = operate(a, b);
    return typeof result === 'number' &&
      !(Number.isSafeInteger(a) && Number.isSafeInteger(b) && Number.isSafeInteger(result))
      ? undefined
      : result;
  };
}

const quickOperators = new Map<string, Quick>([
  ['#operator_+', whenNumbers((a, b) => a + b)],
  ['#operator_-', whenNumbers((a, b) => a - b)],
  ['#operator_*', whenNumbers((a, b) => a * b + 0)],
  ['#operator_<', whenNumbers((a, b) => a < b)],
  ['#operator_>', whenNumbers((a, b) => a > b)],
  ['#operator_<=', whenNumbers((a, b) => a <= b)],
  ['#operator_>=', whenNumbers((a, b) => a >= b)],
]);

function compileDot(left: Code, right: Code): Run {
  if (right.isNamed) return (_, frame) => right.run(left.run(undefined, frame), frame);
  if (!right.isKeyword) {
    return () => {
      throw noMatch('#operator_.', undefined);
    };
  }
  return (_, frame) => property(left.run(undefined, frame), right, frame);
}

/** `value.name`: a key of a map, the name of each element of a collection, a part of a date. */
function property(value: Value, right: Code, frame: Frame): Value {
  const name = right.value as string;
  if (isPlainObject(value)) {
    const found = ownProperty(value, name);
    return found === undefined ? stop('KeyError', name) : found;
  }
  if (isMapping(value)) return lookUpOr(value, name, 'yaql', () => stop('KeyError', name));
  if (isIterable(value)) return call('#operator_.', undefined, [value, right], frame);
  const getter = `#property#${name}`;
  if (!isRegistered(getter)) return stop('NoFunctionRegisteredException', `Unknown function "${getter}"`);
  return call(getter, undefined, [value], frame);
}

function compileElvis(left: Code, right: Code): Run {
  return (_, frame) => {
    const value = left.run(undefined, frame);
    if (value === null) return null;
    if (right.isNamed) return right.run(value, frame);
    if (right.isKeyword) return property(value, right, frame);
    throw noMatch('#operator_.', undefined);
  };
}

function compileIndex(left: Code, right: Code): Run {
  return (_, frame) => {
    const value = left.run(undefined, frame);
    const key = right.run(undefined, frame);
    if (Array.isArray(value) && typeof key === 'number' && Number.isSafeInteger(key)) {
      const item = value[key < 0 ? key + value.length : key] as Value | undefined;
      if (item !== undefined) return item;
    } else if (isPlainObject(value)) {
      keyOf(key, 'yaql');
      const item = typeof key === 'string' ? ownProperty(value, key) : undefined;
      if (item !== undefined) return item;
    }
    return call('#indexer', undefined, [value, key], frame);
  };
}
