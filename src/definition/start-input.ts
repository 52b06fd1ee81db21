/** What a workflow is started with, made of what someone typed or sent: a map of inputs, or one value. */

import { isJsonObject, type Json, PawlError } from '../base/index.ts';

interface Startable {
  readonly name: string;
  readonly definition: { readonly style?: string };
  readonly takesAs?: string | undefined;
}

/**
 * The input of a start. What takes one value gets it whole, a durable function gets whatever is given, and all else takes inputs
 * by their names.
 *
 * @throws PawlError `bad_input`: one value is given where inputs have names.
 */
export function startInput({ name, definition, takesAs }: Startable, given: Json): Json {
  if (takesAs !== undefined) return { [takesAs]: given };
  if (definition.style === 'function' || isJsonObject(given)) return given;
  const found = Array.isArray(given) ? 'a list' : JSON.stringify(given);
  throw new PawlError(
    'bad_input',
    `"${name}" takes inputs by their names, NAME=VALUE or a JSON object, and not ${found}`,
  );
}
