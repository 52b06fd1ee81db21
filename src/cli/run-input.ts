/** The input of a run, as the command line gives it: `K=V`, `@file.json`, or JSON as it is. */

import { readFileSync } from 'node:fs';
import {
  type AttributeValue,
  isJsonObject,
  type Json,
  type JsonObject,
  PawlError,
  parseJsonText,
  setOwn,
} from '../base/index.ts';
import type { WorkflowDefinition } from '../definition/index.ts';
import { typedValue } from '../run-filter.ts';

/**
 * Reads each argument in order; later ones win. A value that is JSON is taken as JSON (`n=3`, `list=[1,2]`), anything else
 * as text; `'n="3"'` is the text 3. An argument that is JSON itself is the whole input: an object's fields are inputs, and any other
 * value stands alone.
 *
 * @throws PawlError `bad_input`
 */
export function readInput(given: readonly string[], definition?: Pick<WorkflowDefinition, 'input'>): Json {
  const input: { [key: string]: Json } = {};
  for (const argument of given) {
    const read = readArgument(argument);
    if (!isJsonObject(read)) {
      if (given.length === 1) return read;
      throw new PawlError('bad_input', `--input ${shortened(argument)}: it is the whole input; give nothing beside it`);
    }
    for (const key of Object.keys(read)) setOwn(input, key, read[key]!);
  }
  if (definition !== undefined) refuseUnknown(input, definition);
  return input;
}

/** One argument: the fields it gives, or the one value it is. */
function readArgument(argument: string): Json {
  if (argument.startsWith('@')) return readInputFile(argument.slice(1));
  if (/^\s*[[{"]/.test(argument)) return readJsonArgument(argument, `--input ${shortened(argument)}`);
  const equals = argument.indexOf('=');
  if (equals > 0) {
    const field: { [key: string]: Json } = {};
    setOwn(field, argument.slice(0, equals), readValue(argument.slice(equals + 1), argument));
    return field;
  }
  const alone = parseJsonText(argument);
  if (alone.ok) return alone.value;
  throw new PawlError('bad_input', `--input ${shortened(argument)}: write NAME=VALUE, JSON, or @FILE.json`);
}

/** JSON where it is JSON, text where it is not. @throws PawlError `bad_input` for JSON that could not be kept as it is. */
function readValue(text: string, argument: string): Json {
  const value = parseJsonText(text);
  if (value.ok) return value.value;
  if (value.error.code === 'not_json') return text;
  throw new PawlError('bad_input', `--input ${shortened(argument)}: ${value.error.message}`);
}

/** JSON that a person typed as an argument. @throws PawlError `bad_input` with the place of the mistake. */
export function readJsonArgument(text: string, what: string): Json {
  const value = parseJsonText(text);
  if (value.ok) return value.value;
  const { code, message } = value.error;
  if (code === 'not_json')
    throw new PawlError('bad_input', `${what} is not JSON: ${message}; text needs quotes: '"text"'`);
  throw new PawlError('bad_input', `${what} cannot be taken: ${message}`);
}

function readInputFile(path: string): Json {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new PawlError('bad_input', `--input @${path}: the file cannot be read`, { cause: error });
  }
  const value = parseJsonText(text);
  if (!value.ok)
    throw new PawlError(
      'bad_input',
      `--input @${path}: the file is not JSON that can be taken: ${value.error.message}`,
    );
  return value.value;
}

function shortened(argument: string): string {
  return argument.length > 60 ? `${argument.slice(0, 60)}…` : argument;
}

function refuseUnknown(input: JsonObject, definition: Pick<WorkflowDefinition, 'input'>): void {
  const declared = definition.input.map((one) => one.name);
  for (const name of Object.keys(input)) {
    if (declared.includes(name)) continue;
    const known = declared.length === 0 ? 'it declares no input' : `it declares ${declared.join(', ')}`;
    throw new PawlError('bad_input', `--input ${name}: the workflow has no input "${name}"; ${known}`);
  }
}

/**
 * Attributes as `NAME=VALUE`: a value that is a JSON number, boolean or string is that, anything else is text.
 *
 * @throws PawlError `bad_input`
 */
export function givenAttributes(given: readonly string[]): { readonly [name: string]: AttributeValue } {
  const pairs = given.map((text): [string, AttributeValue] => {
    const place = text.indexOf('=');
    if (place < 1) throw new PawlError('bad_input', `"${text}" is no attribute; write NAME=VALUE`);
    return [text.slice(0, place), typedValue(text.slice(place + 1))];
  });
  return Object.fromEntries(pairs);
}
