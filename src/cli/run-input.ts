/** The input of a run, as the command line gives it: `K=V`, or `@file.json`. */

import { readFileSync } from 'node:fs';
import { isJsonObject, type Json, type JsonObject, PawlError, setOwn } from '../base/index.ts';
import type { FlowDefinition } from '../definition/index.ts';

/**
 * Reads each argument in order; later ones win. A value that is JSON is taken as JSON (`n=3`, `list=[1,2]`), anything else
 * as text; `'n="3"'` is the text 3.
 *
 * @throws PawlError `bad_input`
 */
export function readInput(given: readonly string[], definition?: FlowDefinition): JsonObject {
  const input: { [key: string]: Json } = {};
  for (const argument of given) {
    if (argument.startsWith('@')) {
      const fields = readInputFile(argument.slice(1));
      for (const key of Object.keys(fields)) setOwn(input, key, fields[key]!);
      continue;
    }
    const equals = argument.indexOf('=');
    if (equals <= 0) throw new PawlError('bad_input', `--input ${argument}: write NAME=VALUE, or @FILE.json`);
    setOwn(input, argument.slice(0, equals), readValue(argument.slice(equals + 1)));
  }
  if (definition !== undefined) refuseUnknown(input, definition);
  return input;
}

/** JSON where it is JSON, text where it is not. */
export function readValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** JSON that a person typed as an argument. @throws PawlError `bad_input` with the place of the mistake. */
export function readJsonArgument(text: string, what: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new PawlError(
      'bad_input',
      `${what} is not JSON: ${error instanceof Error ? error.message : error}; text needs quotes: '"text"'`,
    );
  }
}

function readInputFile(path: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new PawlError('bad_input', `--input @${path}: the file cannot be read`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PawlError(
      'bad_input',
      `--input @${path}: the file is not JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (isJsonObject(value)) return value;
  throw new PawlError('bad_input', `--input @${path}: the file must hold a JSON object of input names and values`);
}

function refuseUnknown(input: JsonObject, definition: FlowDefinition): void {
  const declared = definition.input.map((one) => one.name);
  for (const name of Object.keys(input)) {
    if (declared.includes(name)) continue;
    const known = declared.length === 0 ? 'it declares no input' : `it declares ${declared.join(', ')}`;
    throw new PawlError('bad_input', `--input ${name}: the workflow has no input "${name}"; ${known}`);
  }
}
