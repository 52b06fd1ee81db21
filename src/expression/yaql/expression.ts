/** A YAQL expression, ready to evaluate over any scope. */

import { handedOut } from '../outcome.ts';
import type { Value } from '../python/values.ts';
import type { Scope } from '../scope.ts';
import { compileSyntax } from './compile.ts';
import { Frame } from './frame.ts';
import { parse } from './parse.ts';
import type { Shortcut } from './shortcut.ts';
import { shortcutOf } from './shortcut.ts';

export interface YaqlExpression {
  /** @throws Failure */
  readonly evaluate: (scope: Scope) => Value;
  readonly shortcut: Shortcut | undefined;
}

/** @throws SyntaxFault */
export function compileYaql(text: string): YaqlExpression {
  const syntax = parse(text);
  const { run } = compileSyntax(syntax);
  return {
    evaluate: (scope) => handedOut(run(undefined, new Frame(scope, null))),
    shortcut: shortcutOf(syntax),
  };
}
