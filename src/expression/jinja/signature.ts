/** What a filter, method or function of Jinja accepts, written as Python would: `truncate(s, length=255, end='...')`. */

import { assert } from '../../base/index.ts';
import { stop } from '../failure.ts';
import { isTrue } from '../python/order.ts';
import { indexOf, isInt, type Value } from '../python/values.ts';
import { defined, type Named, plainText } from './objects.ts';

interface Parameter {
  readonly name: string;
  readonly default: Value | undefined;
  readonly isRequired: boolean;
}

/** Arguments by position in the signature; `rest` and `named` are what `*args` and `**kwargs` took. */
export class Bound {
  private readonly name: string;
  private readonly values: readonly (Value | undefined)[];
  readonly rest: readonly Value[];
  readonly named: Named;
  constructor(name: string, values: readonly (Value | undefined)[], rest: readonly Value[], named: Named) {
    this.name = name;
    this.values = values;
    this.rest = rest;
    this.named = named;
  }
  /** The argument, which may be undefined in Jinja's sense. */
  value(index: number): Value {
    return this.values[index] ?? null;
  }
  isMissing(index: number): boolean {
    return this.values[index] === undefined;
  }
  bool(index: number): boolean {
    return isTrue(defined(this.value(index)));
  }
  int(index: number): number {
    const value = defined(this.value(index));
    if (isInt(value) || typeof value === 'boolean') return indexOf(value);
    return stop('TypeError', `${this.name}() needs an integer`);
  }
  intOrNull(index: number): number | null {
    return this.value(index) === null ? null : this.int(index);
  }
  text(index: number): string {
    return plainText(defined(this.value(index))) ?? stop('TypeError', `${this.name}() needs text`);
  }
  textOrNull(index: number): string | null {
    return this.value(index) === null ? null : this.text(index);
  }
}

export interface Signature {
  readonly name: string;
  readonly bind: (given: readonly Value[], named: Named) => Bound;
}

const words: { readonly [text: string]: Value } = { None: null, True: true, False: false };

/** One signature. Malformed text is a bug of this room; it is read when the function is first called, as most never are. */
export function signatureOf(text: string): Signature {
  const name = text.slice(0, text.indexOf('('));
  let binder: Signature['bind'] | undefined;
  const bind: Signature['bind'] = (given, named) => {
    binder ??= binderOf(name, text);
    return binder(given, named);
  };
  return { name, bind };
}

function binderOf(name: string, text: string): Signature['bind'] {
  assert(/^\w+\(.*\)$/.test(text), `the signature "${text}" has a name and parentheses`);
  let takesMore = false;
  let takesNamed = false;
  const parameters: Parameter[] = [];
  for (const part of text.slice(name.length + 1, -1).split(', ')) {
    if (part === '') continue;
    if (part.startsWith('**')) takesNamed = true;
    else if (part.startsWith('*')) takesMore = true;
    else {
      const [parameter = '', value] = part.split('=');
      parameters.push({
        name: parameter,
        isRequired: value === undefined,
        default: value === undefined || value === 'missing' ? undefined : literal(value),
      });
    }
  }
  return (given, named) => {
    if (given.length > parameters.length && !takesMore) {
      stop('TypeError', `${name}() takes ${parameters.length} positional arguments but ${given.length} were given`);
    }
    const values = parameters.map((parameter, index): Value | undefined => {
      if (index < given.length) {
        if (named.has(parameter.name))
          stop('TypeError', `${name}() got multiple values for argument '${parameter.name}'`);
        return given[index];
      }
      if (named.has(parameter.name)) return named.get(parameter.name);
      return parameter.isRequired
        ? stop('TypeError', `${name}() missing required argument: '${parameter.name}'`)
        : parameter.default;
    });
    const others = new Map<string, Value>();
    for (const [key, value] of named) {
      if (parameters.some((parameter) => parameter.name === key)) continue;
      if (!takesNamed) stop('TypeError', `${name}() got an unexpected keyword argument '${key}'`);
      others.set(key, value);
    }
    return new Bound(name, values, given.slice(parameters.length), others);
  };
}

function literal(text: string): Value {
  if (text in words) return words[text] as Value;
  return text.startsWith("'") ? text.slice(1, -1) : Number(text);
}
