import { SyntaxFault } from '../syntax-fault.ts';
import type { Value } from '../python/values.ts';
import type { Scope } from '../scope.ts';
import type { Json } from '../../base/index.ts';

export interface JinjaExpression {
  /** The value, or undefined where it names something that is not there. @throws Failure */
  readonly evaluate: (scope: Scope) => Value | undefined;
  readonly shortcut: ((scope: Scope) => Json | undefined) | undefined;
}

export function compileJinja(_text: string): JinjaExpression {
  throw new SyntaxFault('TemplateSyntaxError', 'Jinja is not there yet.', 0);
}

export function compileJinjaText(_text: string): JinjaExpression {
  throw new SyntaxFault('TemplateSyntaxError', 'Jinja is not there yet.', 0);
}
