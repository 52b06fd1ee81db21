/** A compiled expression: what may be passed unevaluated to a function that wants a lambda, a bare word or a rule. */

import { Opaque, type Value } from '../python/values.ts';
import type { Frame } from './frame.ts';

/** Evaluates in `frame`. `receiver` is what stands left of the dot, undefined without one. */
export type Run = (receiver: Value | undefined, frame: Frame) => Value;

export class Code {
  readonly kind: 'constant' | 'call' | 'variable' | 'wrapped' | 'rule';
  readonly run: Run;
  /** The constant's value. */
  readonly value: Value;
  /** A bare word. */
  readonly isKeyword: boolean;
  /** A call written as `name(…)`, which takes a receiver from the dot before it. */
  readonly isNamed: boolean;
  readonly source: Code | null;
  readonly destination: Code | null;

  constructor(
    kind: Code['kind'],
    run: Run,
    more: { value?: Value; isKeyword?: boolean; isNamed?: boolean; source?: Code; destination?: Code } = {},
  ) {
    this.kind = kind;
    this.run = run;
    this.value = more.value ?? null;
    this.isKeyword = more.isKeyword ?? false;
    this.isNamed = more.isNamed ?? false;
    this.source = more.source ?? null;
    this.destination = more.destination ?? null;
  }
}

/** An argument on its way into a function: unevaluated, a value, or left out. */
export type Argument = Code | Value | undefined;

/** `source => destination`, both evaluated. */
export class RuleValue extends Opaque {
  readonly type = 'MappingRule';
  readonly source: Value;
  readonly destination: Value;
  constructor(source: Value, destination: Value) {
    super();
    this.source = source;
    this.destination = destination;
  }
}

/** A lambda as a function gets it. */
export type Lambda = (...values: readonly Value[]) => Value;
