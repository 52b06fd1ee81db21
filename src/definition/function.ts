/**
 * A durable function as the engine takes it: a name, a version and code. What it calls is recorded; after a crash it is run again
 * over its recorded results.
 */

import type { JsonObject } from '../base/index.ts';
import type { CodeWorkflow } from './dag.ts';
import type { FlowTask, InputDeclaration } from './flow.ts';

export interface FunctionDefinition {
  readonly style: 'function';
  readonly name: string;
  readonly input: readonly InputDeclaration[];
  /** None: the calls are known once they are made. */
  readonly tasks: ReadonlyMap<string, FlowTask>;
  readonly limits: { readonly durationMs?: number; readonly iterations?: number };
  readonly hasEntryPoint: true;
}

export interface FunctionWorkflow extends Omit<CodeWorkflow, 'definition' | 'handlers'> {
  readonly definition: FunctionDefinition;
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
