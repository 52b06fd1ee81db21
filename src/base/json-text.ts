/** JSON as people and other programs write it: parsed, and refused where this program could not keep it as it is. */

import type { Json } from './json.ts';
import { fail, ok, type Result } from './result.ts';

type Reviver = (this: unknown, key: string, value: unknown, context?: { readonly source?: string }) => unknown;

/** Why a text is not taken. `not_json`: it is something else; the others are JSON that could not be kept as it is. */
export interface JsonTextFault {
  readonly code: 'not_json' | 'too_deep' | 'not_exact';
  readonly message: string;
}

/** The value of a JSON text, or why it is not taken: not JSON, too deep, or an integer beyond 2^53, which would lose digits. */
export function parseJsonText(text: string, depthMax = 64): Result<Json, JsonTextFault> {
  let lost: string | undefined;
  const watchIntegers: Reviver = (_key, value, context) => {
    if (typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')) {
      lost ??= context?.source;
    }
    return value;
  };
  let value: unknown;
  try {
    value = nestingOf(text) > depthMax ? undefined : JSON.parse(text, watchIntegers);
  } catch (error) {
    return fail({ code: 'not_json', message: error instanceof Error ? error.message : String(error) });
  }
  if (value === undefined) return fail({ code: 'too_deep', message: `it is nested more than ${depthMax} levels deep` });
  if (lost === undefined) return ok(value as Json);
  return fail({
    code: 'not_exact',
    message: `the integer ${lost} is beyond 2^53 and would lose digits; write it as text`,
  });
}

/** How deep brackets nest, outside of strings. Linear, and needs no stack. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return deepest;
}
