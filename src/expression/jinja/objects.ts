/** Values that only Jinja has: what is undefined, safe text, ranges, and things that can be called. */

import { grow, spend } from '../budget.ts';
import { stop } from '../failure.ts';
import { textOf } from '../python/text.ts';
import { Opaque, OtherSequence, type Value } from '../python/values.ts';

/** A name, key or element that is not there. Asking whether it is defined is allowed; any other use is an error. */
export class Undefined extends Opaque {
  readonly type = 'Undefined';
  readonly message: string;
  readonly cause: string;
  constructor(message: string, cause = 'UndefinedError') {
    super();
    this.message = message;
    this.cause = cause;
  }
  get shown(): string {
    return 'Undefined';
  }
}

/** The value itself. @throws Failure `UndefinedError` where it is undefined. */
export function defined(value: Value): Value {
  return value instanceof Undefined ? stop(value.cause, value.message) : value;
}

/** Text that is marked safe for HTML; to everything but escaping it is text. */
export class Markup extends Opaque {
  readonly type = 'Markup';
  readonly markup: string;
  constructor(markup: string) {
    super();
    this.markup = markup;
  }
}

export function escapeHtml(value: Value): Markup {
  if (value instanceof Markup) return value;
  const text = str(value);
  grow(text.length);
  return new Markup(
    text
      .replaceAll('&', '&amp;')
      .replaceAll('>', '&gt;')
      .replaceAll('<', '&lt;')
      .replaceAll("'", '&#39;')
      .replaceAll('"', '&#34;'),
  );
}

/** Python's `str(value)` in Jinja. @throws Failure `UndefinedError` */
export function str(value: Value): string {
  if (typeof value === 'string') return value;
  return textOf(defined(value), 'jinja');
}

/** Text or safe text, as a plain string; undefined for anything else. */
export function plainText(value: Value): string | undefined {
  return typeof value === 'string' ? value : value instanceof Markup ? value.markup : undefined;
}

/** Python's `range`: as many elements as the sandbox allows. */
export class Range extends Opaque implements Iterable<Value> {
  readonly type = 'range';
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly length: number;
  constructor(start: number, end: number, step: number) {
    super();
    if (step === 0) stop('ValueError', 'range() arg 3 must not be zero');
    this.start = start;
    this.stop = end;
    this.step = step;
    this.length = Math.max(0, Math.ceil((end - start) / step));
    if (this.length > 100_000) stop('OverflowError', 'Range too big: at most 100000 elements.');
  }
  get shown(): string {
    return `range(${this.start}, ${this.stop}${this.step === 1 ? '' : `, ${this.step}`})`;
  }
  *[Symbol.iterator](): Generator<Value> {
    for (let index = 0; index < this.length; index++) {
      spend();
      yield this.start + index * this.step;
    }
  }
}

/** A tuple whose two elements also have names: what `groupby` gives. */
export class Group extends OtherSequence {}

export type Named = ReadonlyMap<string, Value>;
export type Body = (given: readonly Value[], named: Named) => Value;

/** A function, a method bound to its object, or a macro. */
export class Callable extends Opaque {
  readonly type: string;
  readonly name: string;
  readonly call: Body;
  /** What a macro tells about itself. */
  readonly attributes: ReadonlyMap<string, Value>;
  constructor(type: string, name: string, call: Body, attributes: ReadonlyMap<string, Value> = new Map()) {
    super();
    this.type = type;
    this.name = name;
    this.call = call;
    this.attributes = attributes;
  }
  get shown(): string {
    return `<${this.type} ${this.name}>`;
  }
}

/** Something with named parts that a template may read, and set where it is a namespace. */
export class Fields extends Opaque {
  readonly type: string;
  private readonly read: (name: string) => Value | undefined;
  readonly write: ((name: string, value: Value) => void) | null;
  readonly call: Body | null;
  constructor(
    type: string,
    read: (name: string) => Value | undefined,
    options: { write?: (name: string, value: Value) => void; call?: Body } = {},
  ) {
    super();
    this.type = type;
    this.read = read;
    this.write = options.write ?? null;
    this.call = options.call ?? null;
  }
  get(name: string): Value | undefined {
    return this.read(name);
  }
}
