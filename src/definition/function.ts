/**
 * A durable function as the engine takes it: a name, a version and code. What it calls is recorded; after a crash it is run again
 * over its recorded results.
 */

import { isJsonObject, type Json, type JsonObject } from '../base/index.ts';
import type { CodeWorkflow } from './dag.ts';
import type { FlowTask, InputDeclaration } from './flow.ts';
import type { Schema } from './schema-check.ts';

export interface FunctionDefinition {
  readonly style: 'function';
  readonly name: string;
  readonly input: readonly InputDeclaration[];
  /** None: the calls are known once they are made. */
  readonly tasks: ReadonlyMap<string, FlowTask>;
  readonly limits: { readonly durationMs?: number; readonly iterations?: number };
  readonly hasEntryPoint: true;
}

/** What goes in and what comes out of a query or an update. */
export interface Exchange {
  readonly input?: Schema;
  readonly output?: Schema;
}

/**
 * What a durable function takes and gives, by schemas of any library that follows Standard Schema (zod, valibot, arktype). They must
 * answer at once. What comes from outside is held against them before it is recorded, and reaches the function as they let it through.
 */
export interface FunctionSchemas {
  readonly input?: Schema;
  readonly output?: Schema;
  readonly signals?: { readonly [name: string]: Schema };
  readonly queries?: { readonly [name: string]: Exchange };
  readonly updates?: { readonly [name: string]: Exchange };
}

export interface FunctionWorkflow extends Omit<CodeWorkflow, 'definition' | 'handlers' | 'inputFault'> {
  readonly definition: FunctionDefinition;
  readonly schemas?: FunctionSchemas | undefined;
  /** None: steps are closures of the function. */
  readonly handlers: ReadonlyMap<string, never>;
  /** The function: called with what it may do, and with the input of the run, as it was given. */
  readonly body: (run: never, input: never) => unknown;
}

/** The text a store keeps of a durable function: that there is one of that name. */
export function functionText(name: string): string {
  return `{"definition":{"name":${JSON.stringify(name)},"style":"function"}}`;
}

export function functionDefinition(name: string, limits: FunctionDefinition['limits'] = {}): FunctionDefinition {
  return { style: 'function', name, input: [], tasks: new Map(), limits, hasEntryPoint: true };
}

/** The name in a text that `functionText` wrote; undefined for any other text. */
export function functionNameIn(text: string): string | undefined {
  if (!text.startsWith('{"definition":{"name":') || !text.endsWith('"style":"function"}}')) return undefined;
  const { definition } = JSON.parse(text) as { definition: JsonObject };
  return typeof definition.name === 'string' ? definition.name : undefined;
}

/** The input of a run, which is a map, for what a function is given: maps stay as they are, anything else becomes `value`. */
export function givenToFunction(given: Json): JsonObject {
  return isJsonObject(given) && !isWrapped(given) ? given : { value: given };
}

export function takenByFunction(input: JsonObject): Json {
  return isWrapped(input) ? (input.value ?? null) : input;
}

function isWrapped(input: JsonObject): boolean {
  const [first, ...others] = Object.keys(input);
  return first === 'value' && others.length === 0;
}
