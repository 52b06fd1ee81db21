/**
 * Workflows that are defined in code: the module is loaded, and what it exports of graphs, durable functions, chains and actions is
 * found by its shape, alone or in lists. Node strips the types of TypeScript files; it does not compile them.
 */

import { statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isPawlError, PawlError } from '../base/index.ts';
import type { Composite } from '../chain/index.ts';
import type { CodeWorkflow, DagFault, FunctionWorkflow } from '../definition/index.ts';
import { type ActionContext, type AnyAction, loadFault } from '../worker/index.ts';
import { placeOfFault } from './load-place.ts';

export type LoadedWorkflow = CodeWorkflow<ActionContext> | FunctionWorkflow;

const extensions: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs']);

/** True where a file of that name is code and not a document. */
export function isCodeFile(path: string): boolean {
  return extensions.has(extname(path));
}

export interface CodeFile {
  /** Each once; a builder is built, and a chain is what its runs are runs of. */
  readonly workflows: readonly LoadedWorkflow[];
  /** The one it exports as `default`. */
  readonly byDefault: LoadedWorkflow | undefined;
  readonly actions: readonly AnyAction[];
}

/**
 * All workflows and actions that a module exports.
 *
 * @throws PawlError `bad_input`: there is no such file, or it cannot be loaded. `bad_definition`: what it builds has faults;
 *   `details.faults` holds them all.
 */
export async function loadCodeFile(path: string): Promise<CodeFile> {
  const workflows = new Set<LoadedWorkflow>();
  const actions = new Set<AnyAction>();
  let byDefault: LoadedWorkflow | undefined;
  try {
    const module = await loadModule(path);
    byDefault = await workflowOf(module.default);
    // A thing may have several names, `default` one of them.
    for (const value of new Set(Object.values(module).flat())) {
      const workflow = await workflowOf(value);
      if (workflow !== undefined) workflows.add(workflow);
      else if (isAction(value)) actions.add(value);
    }
  } catch (error) {
    const faults = faultsOf(error);
    throw faults === undefined ? error : faultyFile(path, error as PawlError, faults);
  }
  return { workflows: [...workflows], byDefault, actions: [...actions] };
}

/** All workflows that a module exports. @throws PawlError as `loadCodeFile`; `bad_input`: it exports none. */
export async function loadCodeWorkflows(path: string): Promise<readonly LoadedWorkflow[]> {
  return withWorkflows(path, await loadCodeFile(path)).workflows;
}

function withWorkflows(path: string, file: CodeFile): CodeFile {
  if (file.workflows.length > 0) return file;
  throw new PawlError(
    'bad_input',
    `${path} exports no workflow: export what \`workflow('name', …)\` gives, what \`dag('name')\` begins, a chain, or a list of such`,
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

/** The one workflow that is meant: the one called so, the only one, or the default. @throws PawlError as `loadCodeWorkflows`; `bad_input`: it exports several and none of that name. */
export async function loadCodeWorkflow(path: string, name: string | undefined): Promise<LoadedWorkflow> {
  const { workflows: all, byDefault } = withWorkflows(path, await loadCodeFile(path));
  if (name === undefined && byDefault !== undefined) return byDefault;
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
    const message = `${path} could not be loaded: ${loadFault(error)}${placeOfFault(error, path)}`;
    throw new PawlError('bad_input', message, { cause: error });
  }
}

async function workflowOf(value: unknown): Promise<LoadedWorkflow | undefined> {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('build' in value && typeof value.build === 'function' && isNamed(value)) {
    const built: unknown = value.build();
    return isWorkflow(built) ? built : undefined;
  }
  if (isWorkflow(value)) return value;
  return isComposite(value) ? await chainWorkflow(value) : undefined;
}

const workflowOfChain = new WeakMap<object, LoadedWorkflow>();

/** What the runs of a chain are runs of; the same for the same chain. */
async function chainWorkflow(chain: AnyComposite): Promise<LoadedWorkflow> {
  const known = workflowOfChain.get(chain);
  if (known !== undefined) return known;
  const { durable } = await import('../chain/index.ts');
  const noEngine = {
    workflow: () => undefined,
    start: () => Promise.reject(new Error('a chain of a file is started as a workflow')),
  };
  const { workflow } = durable(chain, noEngine);
  workflowOfChain.set(chain, workflow);
  return workflow;
}

type AnyComposite = Composite<never, unknown, unknown>;

function isComposite(value: object): value is AnyComposite {
  return 'invoke' in value && typeof value.invoke === 'function' && 'structure' in value && isNamed(value);
}

/** True for an action, by its shape. */
export function isAction(value: unknown): value is AnyAction {
  return (
    typeof value === 'object' &&
    value !== null &&
    isNamed(value) &&
    'handler' in value &&
    typeof value.handler === 'function'
  );
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
