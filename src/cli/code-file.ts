/**
 * Workflows that are defined in code: the module is loaded, and what it exports of graphs and durable functions is found by its
 * shape, alone or in lists. Node strips the types of TypeScript files; it does not compile them.
 */

import { statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isPawlError, PawlError } from '../base/index.ts';
import type { CodeWorkflow, DagFault, FunctionWorkflow } from '../definition/index.ts';
import { type ActionContext, loadFault } from '../worker/index.ts';

export type LoadedWorkflow = CodeWorkflow<ActionContext> | FunctionWorkflow;

const extensions: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs']);

/** True where a file of that name is code and not a document. */
export function isCodeFile(path: string): boolean {
  return extensions.has(extname(path));
}

/**
 * All workflows that a module exports, each once; a builder is built.
 *
 * @throws PawlError `bad_input`: there is no such file, it cannot be loaded, or it exports no workflow. `bad_definition`: what it
 *   builds has faults; `details.faults` holds them all.
 */
export async function loadCodeFile(path: string): Promise<readonly LoadedWorkflow[]> {
  const found = new Set<LoadedWorkflow>();
  try {
    for (const value of Object.values(await loadModule(path)).flat()) {
      const workflow = workflowOf(value);
      if (workflow !== undefined) found.add(workflow);
    }
  } catch (error) {
    const faults = faultsOf(error);
    throw faults === undefined ? error : faultyFile(path, error as PawlError, faults);
  }
  if (found.size > 0) return [...found];
  throw new PawlError(
    'bad_input',
    `${path} exports no workflow: export what \`dag('name')\` begins or \`workflow('name', …)\` gives, or a list of such`,
  );
}

/** Everything that is wrong with a graph defined in code, from the error that said so. */
export function faultsOf(error: unknown): readonly DagFault[] | undefined {
  if (!isPawlError(error) || error.code !== 'bad_definition') return undefined;
  const { faults } = error.details;
  return Array.isArray(faults) ? (faults as readonly DagFault[]) : undefined;
}

function faultyFile(path: string, cause: PawlError, faults: readonly DagFault[]): PawlError {
  const lines = faults.map(({ message }) => `${path}: ${message}`);
  return new PawlError('bad_definition', lines.join('\n'), { cause, details: { file: path, faults } });
}

/** The one workflow that is meant. @throws PawlError as `loadCodeFile`; `bad_input`: it exports several and none of that name. */
export async function loadCodeWorkflow(path: string, name: string | undefined): Promise<LoadedWorkflow> {
  const all = await loadCodeFile(path);
  const meant = name === undefined ? all : all.filter((workflow) => workflow.name === name);
  if (meant.length === 1) return meant[0]!;
  const names = [...new Set(all.map((workflow) => workflow.name))].join(', ');
  if (name === undefined)
    throw new PawlError('bad_input', `${path} exports ${all.length} workflows; choose with --workflow NAME: ${names}`);
  if (meant.length === 0)
    throw new PawlError('bad_input', `${path} exports no workflow "${name}"; it exports ${names}`);
  throw new PawlError('bad_input', `${path} exports ${meant.length} workflows "${name}"; give each a name of its own`);
}

async function loadModule(path: string): Promise<{ readonly [name: string]: unknown }> {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info?.isFile() !== true) {
    const why = info === undefined ? 'there is no such file' : 'it is not a file';
    throw new PawlError('bad_input', `cannot read ${path}: ${why}`);
  }
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(resolve(path)).href)) as { readonly [name: string]: unknown };
  } catch (error) {
    // A module that builds its graph while it is loaded.
    if (faultsOf(error) !== undefined) throw error;
    throw new PawlError('bad_input', `${path} could not be loaded: ${loadFault(error)}`, { cause: error });
  }
}

function workflowOf(value: unknown): LoadedWorkflow | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('build' in value && typeof value.build === 'function' && isNamed(value)) {
    const built: unknown = value.build();
    return isWorkflow(built) ? built : undefined;
  }
  return isWorkflow(value) ? value : undefined;
}

function isNamed(value: object): value is { readonly name: string } {
  return 'name' in value && typeof value.name === 'string';
}

function isWorkflow(value: unknown): value is LoadedWorkflow {
  if (typeof value !== 'object' || value === null || !isNamed(value)) return false;
  const { definition, handlers, body } = value as { definition?: unknown; handlers?: unknown; body?: unknown };
  if (typeof definition !== 'object' || definition === null || !(handlers instanceof Map)) return false;
  const { style, tasks } = definition as { style?: unknown; tasks?: unknown };
  return tasks instanceof Map && (style === 'dag' || (style === 'function' && typeof body === 'function'));
}
