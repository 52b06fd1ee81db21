/**
 * What a YAQL function accepts. A signature is written as text, read when the function is first called:
 *
 *     split(string: string, separator: string? = null, maxSplits: int = -1)
 *
 * `?` admits null, `= x` gives a default (`= missing` one that the function can tell), `*args: type` takes the rest,
 * `**kwargs: type` any other named argument.
 */

import { assert } from '../../base/index.ts';
import { DictView, isMapping, type Mapping, PySet } from '../python/dict.ts';
import { DateTime, TimeSpan } from '../python/moment.ts';
import { isSetLike } from '../python/order.ts';
import { Regex } from '../python/regex.ts';
import {
  elements,
  type Float,
  indexOf,
  isNumber,
  isSequence,
  Lazy,
  Opaque,
  OtherSequence,
  type Value,
} from '../python/values.ts';
import { type Argument, Code, type Lambda, RuleValue } from './code.ts';
import { Frame } from './frame.ts';
import { Ordering } from './ordering.ts';

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
  readonly default: Value | undefined;
}

export interface FunctionSpec {
  readonly name: string;
  readonly isFunction: boolean;
  readonly isMethod: boolean;
  /** Rules `a => b` are values for this function, not named arguments. */
  readonly noKeywords: boolean;
  readonly parameters: readonly Parameter[];
  readonly rest: Parameter | null;
  readonly keywords: Parameter | null;
  readonly run: (given: Arguments) => Value;
}

/** How a type sees an argument: evaluated values by `accepts`; `lazy` ones get the code itself. */
export interface ParameterType {
  readonly name: string;
  readonly lazy: boolean;
  readonly accepts: (value: Value) => boolean;
  /** For types that look at the code and not at its value. */
  readonly acceptsCode?: (code: Argument) => boolean;
  /** Names of wider types: where both fit, the narrower wins. */
  readonly narrows?: readonly string[];
}

export function isIterator(value: Value): boolean {
  return value instanceof Lazy;
}

/** YAQL's "iterable": any collection but text and maps. */
export function isIterable(value: Value): value is Iterable<Value> {
  return (
    Array.isArray(value) ||
    value instanceof OtherSequence ||
    value instanceof Lazy ||
    value instanceof PySet ||
    value instanceof DictView ||
    value instanceof Ordering
  );
}

/** The elements of an iterable; a `Lazy` is used up by reading. */
export function iterate(value: Value): Iterable<Value> {
  return value instanceof OtherSequence ? value.items : (value as unknown as Iterable<Value>);
}

const types: { readonly [name: string]: Omit<ParameterType, 'name' | 'lazy'> & { lazy?: boolean } } = {
  any: { accepts: () => true },
  string: { accepts: isText },
  int: {
    accepts: (v) => (typeof v === 'number' ? Number.isSafeInteger(v) : typeof v === 'bigint' || typeof v === 'boolean'),
  },
  integer: { accepts: (v) => (typeof v === 'number' ? Number.isSafeInteger(v) : typeof v === 'bigint') },
  number: { accepts: isNumber },
  bool: { accepts: (v) => typeof v === 'boolean' },
  notNull: { accepts: (v) => v !== null },
  null: { accepts: (v) => v === null },
  dict: { accepts: isMapping },
  set: { accepts: isSetLike },
  iterable: { accepts: isIterable },
  collection: { accepts: (v) => isIterable(v) && !isSetLike(v) },
  sequence: { accepts: isSequence, narrows: ['collection', 'iterable'] },
  iterator: { accepts: isIterator },
  ordering: { accepts: (v) => v instanceof Ordering },
  datetime: { accepts: (v) => v instanceof DateTime },
  timespan: { accepts: (v) => v instanceof TimeSpan },
  regex: { accepts: (v) => v instanceof Regex },
  context: { accepts: (v) => v instanceof Frame },
  pair: { accepts: (v) => v instanceof RuleValue },
  lambda: { accepts: () => true, lazy: true },
  body: { accepts: () => true, lazy: true },
  rule: { accepts: () => false, lazy: true, acceptsCode: (c) => c instanceof Code && c.kind === 'rule' },
  expression: { accepts: () => false, lazy: true, acceptsCode: (c) => c instanceof Code },
  named: { accepts: () => true, lazy: true, acceptsCode: (c) => !(c instanceof Code) || c.isNamed },
  keyword: { accepts: () => false, acceptsCode: (c) => c instanceof Code && c.isKeyword },
};

function isText(value: Value): boolean {
  return typeof value === 'string';
}

/** Says whether an argument fits, before or after it is evaluated; code that is not a constant may still turn out to. */
export function fits(parameter: Parameter, argument: Argument): boolean {
  const { type } = parameter;
  if (type.acceptsCode) return type.acceptsCode(argument);
  if (type.lazy) return true;
  if (argument === undefined) return type.name === 'any';
  if (argument instanceof Code) {
    if (argument.kind !== 'constant') return true;
    return fits(parameter, argument.value);
  }
  if (argument === null) return parameter.nullable || type.name === 'null';
  return type.accepts(argument);
}

/** True where `narrow` is chosen over `wide` when both fit. */
export function isNarrower(narrow: Parameter, wide: Parameter): boolean {
  if (isObject(wide.type.name))
    return (
      !isObject(narrow.type.name) && narrow.type.name !== 'number' && !narrow.type.lazy && !narrow.type.acceptsCode
    );
  return narrow.type.narrows?.includes(wide.type.name) ?? false;
}

function isObject(type: string): boolean {
  return type === 'any' || type === 'notNull';
}

const defaults: { readonly [text: string]: Value } = { null: null, true: true, false: false };

/** Reads one signature. Malformed text is a bug of this room. */
export function specOf(
  kind: 'function' | 'method' | 'both',
  signature: string,
  run: FunctionSpec['run'],
  noKeywords = false,
): FunctionSpec {
  return new WrittenSpec(kind, signature, run, noKeywords);
}

/** A class, so that all specs have one shape: dispatch reads them with every call. */
class WrittenSpec implements FunctionSpec {
  readonly name: string;
  readonly isFunction: boolean;
  readonly isMethod: boolean;
  readonly noKeywords: boolean;
  readonly run: FunctionSpec['run'];
  private readonly signature: string;
  private accepted: Accepted | undefined;

  constructor(kind: 'function' | 'method' | 'both', signature: string, run: FunctionSpec['run'], noKeywords: boolean) {
    this.name = signature.slice(0, signature.indexOf('('));
    this.isFunction = kind !== 'method';
    this.isMethod = kind !== 'function';
    this.noKeywords = noKeywords;
    this.run = run;
    this.signature = signature;
    this.accepted = undefined;
  }

  get parameters(): readonly Parameter[] {
    this.accepted ??= acceptedBy(this.signature);
    return this.accepted.parameters;
  }

  get rest(): Parameter | null {
    this.accepted ??= acceptedBy(this.signature);
    return this.accepted.rest;
  }

  get keywords(): Parameter | null {
    this.accepted ??= acceptedBy(this.signature);
    return this.accepted.keywords;
  }
}

type Accepted = Pick<FunctionSpec, 'parameters' | 'rest' | 'keywords'>;

function acceptedBy(signature: string): Accepted {
  const match = /^[^(]+\((.*)\)$/.exec(signature);
  assert(match, `the signature "${signature}" has a name and parentheses`);
  const parameters: Parameter[] = [];
  let rest: Parameter | null = null;
  let keywords: Parameter | null = null;
  for (const part of (match[1] as string).split(',')) {
    if (part.trim() === '') continue;
    const piece = /^\s*(\*{0,2})(\w+)\s*:\s*(\w+)(\??)\s*(?:=\s*(\S.*?))?\s*$/.exec(part);
    assert(piece, `the parameter "${part}" reads as name: type`);
    const [, stars, name = '', typeName = '', nullable, text] = piece;
    const type = types[typeName];
    assert(type, `"${typeName}" is a type`);
    const parameter: Parameter = {
      name,
      type: { name: typeName, lazy: false, ...type },
      nullable: nullable === '?' || typeName === 'any' || text === 'null',
      hasDefault: text !== undefined,
      default:
        text === undefined || text === 'missing'
          ? undefined
          : text in defaults
            ? (defaults[text] as Value)
            : Number(text),
    };
    if (stars === '**') keywords = parameter;
    else if (stars === '*') rest = parameter;
    else parameters.push(parameter);
  }
  return { parameters, rest, keywords };
}

/** The arguments of one call, checked against the signature; the getters say what the signature promised. */
export class Arguments {
  private readonly values: readonly Argument[];
  private readonly more: readonly Argument[];
  readonly named: ReadonlyMap<string, Argument>;
  /** The frame the call stands in. */
  readonly frame: Frame;
  private own: Frame | null = null;

  constructor(
    frame: Frame,
    values: readonly Argument[],
    more: readonly Argument[],
    named: ReadonlyMap<string, Argument>,
  ) {
    this.frame = frame;
    this.values = values;
    this.more = more;
    this.named = named;
  }

  /** A frame of this call's own, which it may change and return. */
  get context(): Frame {
    this.own ??= this.frame.child();
    return this.own;
  }
  isMissing(index: number): boolean {
    return this.values[index] === undefined;
  }
  value(index: number): Value {
    return settled(this.values[index]);
  }
  text(index: number): string {
    return this.value(index) as string;
  }
  textOrNull(index: number): string | null {
    return this.value(index) as string | null;
  }
  /** An int that serves as a count or an index. */
  int(index: number): number {
    return indexOf(this.value(index));
  }
  number(index: number): number | bigint | Float {
    return this.value(index) as number | bigint | Float;
  }
  bool(index: number): boolean {
    return this.value(index) === true;
  }
  map(index: number): Mapping {
    return this.value(index) as Mapping;
  }
  set(index: number): PySet | DictView {
    return this.value(index) as PySet | DictView;
  }
  items(index: number): Iterable<Value> {
    return iterate(this.value(index));
  }
  sequence(index: number): readonly Value[] {
    return elements(this.value(index) as readonly Value[] | OtherSequence);
  }
  date(index: number): DateTime {
    return this.value(index) as DateTime;
  }
  span(index: number): TimeSpan {
    return this.value(index) as TimeSpan;
  }
  regex(index: number): Regex {
    return this.value(index) as Regex;
  }
  code(index: number): Code {
    return this.values[index] as Code;
  }
  /** The argument as a function of `$1`, `$2` …, each call in a frame of its own. */
  lambda(index: number): Lambda {
    return this.asLambda(this.values[index]);
  }
  lambdaOrNull(index: number): Lambda | null {
    const argument = this.values[index];
    return argument === undefined || argument === null ? null : this.asLambda(argument);
  }
  /** The argument evaluated in a frame that the function prepared. */
  bodyIn(index: number, frame: Frame): Value {
    const argument = this.values[index];
    return argument instanceof Code ? argument.run(undefined, frame) : settled(argument);
  }
  get rest(): readonly Value[] {
    return this.more.map(settled);
  }
  get restCode(): readonly Code[] {
    return this.more as readonly Code[];
  }
  get restLambdas(): readonly Lambda[] {
    return this.more.map((argument) => this.asLambda(argument));
  }
  namedValue(name: string): Value | undefined {
    const argument = this.named.get(name);
    return argument === undefined ? undefined : settled(argument);
  }

  private asLambda(argument: Argument): Lambda {
    if (!(argument instanceof Code)) {
      const value = settled(argument);
      if (value instanceof FunctionValue) return value.call;
      return () => value;
    }
    const { frame } = this;
    const { run } = argument;
    return (...values) => run(undefined, frame.childWith(values));
  }
}

/** A lambda that was handed on as a value, by `call`. */
export class FunctionValue extends Opaque {
  readonly type = 'function';
  readonly call: Lambda;
  constructor(call: Lambda) {
    super();
    this.call = call;
  }
}

function settled(argument: Argument): Value {
  if (argument instanceof Code) return argument.value;
  return argument === undefined ? null : argument;
}
