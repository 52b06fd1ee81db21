/** The tree of a YAQL expression. Operators, indexers, lists and maps are calls of functions with odd names, as in YAQL. */

import type { Value } from '../python/values.ts';

export type Syntax = Constant | Call | Variable | Wrapped | Rule | Missing;

export interface Constant {
  readonly kind: 'constant';
  readonly value: Value;
  /** A bare word, as opposed to quoted text: what `.name` and `name => …` need. */
  readonly isKeyword: boolean;
  readonly offset: number;
}

export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly arguments: readonly Syntax[];
  /** A call that was written as one, so that `receiver.name()` may pass it a receiver. */
  readonly isNamed: boolean;
  readonly offset: number;
}

/** `$` or `$name`. */
export interface Variable {
  readonly kind: 'variable';
  readonly name: string;
  readonly offset: number;
}

/** An expression in parentheses. */
export interface Wrapped {
  readonly kind: 'wrapped';
  readonly inner: Syntax;
  readonly offset: number;
}

/** `source => destination`. */
export interface Rule {
  readonly kind: 'rule';
  readonly source: Syntax;
  readonly destination: Syntax;
  readonly offset: number;
}

/** An argument that was left out: `f(, 2)`. */
export interface Missing {
  readonly kind: 'missing';
  readonly offset: number;
}
