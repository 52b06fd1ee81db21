/** The value of a template or of code, over what can be seen at one point of a run. */

import { fail, type Json, jsonFault, ok, type Result } from '../base/index.ts';
import { isComputed, type ValueSource } from '../definition/index.ts';
import { type ExpressionError, evaluate, type Scope } from '../expression/index.ts';

/** Never throws: what code throws is an error as well. */
export function evaluateSource(source: ValueSource, scope: Scope): Result<Json, ExpressionError> {
  if (!isComputed(source)) return evaluate(source, scope);
  try {
    const value = source.compute(scope) ?? null;
    const fault = jsonFault(value);
    if (fault === undefined) return ok(value as Json);
    return fail(ofCode(`what the code gave is not JSON: ${fault}`));
  } catch (error) {
    return fail(ofCode(error instanceof Error ? error.message : String(error)));
  }
}

function ofCode(message: string): ExpressionError {
  return { kind: 'CodeException', message, expression: '' };
}
