/** Workflow files, documents or code: reads one, says all that is wrong with it, and gathers the files its sub-workflows are in. */

import { readFileSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { isJsonObject, type Json, PawlError } from '../base/index.ts';
import { type Diagnostic, inspectFlow, renderDiagnostics, type WorkflowDefinition } from '../definition/index.ts';
import type { Programs, Workflow } from '../engine/index.ts';
import { isCodeFile, type LoadedWorkflow, loadCodeWorkflow } from './code-file.ts';

export interface WorkflowFile {
  readonly path: string;
  readonly text: string;
  readonly name: string;
}

/** @throws PawlError `bad_input` where the file cannot be read. */
export function readWorkflowFile(path: string, fromFile?: string): WorkflowFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(error);
    const by = fromFile === undefined ? '' : ` (a sub-workflow of ${fromFile})`;
    throw new PawlError('bad_input', `cannot read ${path}${by}: ${why}`, { cause: error });
  }
  return { path, text, name: basename(path, extname(path)) };
}

/** What is wrong with a workflow file, as text to show; its warnings too. */
export function inspectFile(file: WorkflowFile): {
  definition: WorkflowDefinition | undefined;
  errors: readonly Diagnostic[];
  warnings: readonly Diagnostic[];
  rendered: string;
} {
  const { definition, errors, warnings } = inspectFlow(file.text);
  return { definition, errors, warnings, rendered: renderDiagnostics(file.text, [...errors, ...warnings], file.path) };
}

export interface LoadedWorkflows {
  readonly workflow: Workflow;
  readonly pinned: ReadonlyMap<string, Workflow>;
  /** Present where the workflow is defined in code. */
  readonly code?: LoadedWorkflow;
}

/**
 * The workflow of a file (of those of a code file the one called `chosen`), and those its `core.workflow` tasks name, and theirs, by the names they are called by: paths
 * relative to the file that names them.
 *
 * @throws PawlError `bad_definition` with all findings rendered in the message; `bad_input`.
 */
export async function loadWorkflows(path: string, programs: Programs, chosen?: string): Promise<LoadedWorkflows> {
  const pinned = new Map<string, Workflow>();
  const paths = new Map<string, string>();
  const loadDocument = (file: WorkflowFile): Workflow => {
    requireValid(file);
    const workflow = programs.ofText(file.text, file.name);
    loadChildren(workflow, file.path);
    return workflow;
  };
  const loadChildren = (workflow: Workflow, from: string): void => {
    for (const name of childNames(workflow)) {
      const target = resolve(dirname(from), name);
      const known = paths.get(name);
      if (known === target) continue;
      if (known !== undefined) {
        throw new PawlError(
          'bad_input',
          `"${name}" names ${known} in one file and ${target} in ${from}; give one of them another name`,
        );
      }
      paths.set(name, target);
      pinned.set(name, loadDocument(readWorkflowFile(target, from)));
    }
  };
  if (!isCodeFile(path)) {
    refuseChoice(path, chosen);
    return { workflow: loadDocument(readWorkflowFile(path)), pinned };
  }
  const code = await loadCodeWorkflow(path, chosen);
  const workflow = programs.ofCode(code);
  loadChildren(workflow, path);
  return { workflow, pinned, code };
}

/**
 * What the workflow of a file says, and the name its runs are listed under.
 *
 * @throws PawlError `bad_definition` with all findings rendered in the message; `bad_input`.
 */
export async function readDefinition(
  path: string,
  chosen?: string,
): Promise<{ readonly name: string; readonly definition: WorkflowDefinition }> {
  if (isCodeFile(path)) {
    const { name, definition } = await loadCodeWorkflow(path, chosen);
    if (definition.style === 'dag') return { name, definition };
    throw new PawlError(
      'bad_input',
      `"${name}" is a durable function: what it calls is known once it is called; \`pawl show RUN\` lists the calls of a run`,
    );
  }
  refuseChoice(path, chosen);
  const file = readWorkflowFile(path);
  return { name: file.name, definition: requireValid(file) };
}

function requireValid(file: WorkflowFile): WorkflowDefinition {
  const { definition, errors, rendered } = inspectFile(file);
  if (definition !== undefined) return definition;
  throw new PawlError('bad_definition', rendered, { details: { diagnostics: errors, file: file.path } });
}

function refuseChoice(path: string, chosen: string | undefined): void {
  if (chosen !== undefined)
    throw new PawlError(
      'bad_input',
      `${path} is a document and holds one workflow; --workflow chooses among those of code`,
    );
}

/** Names that `core.workflow` tasks give as plain text; those that are expressions are known at run time only. */
function childNames(workflow: Workflow): string[] {
  const names: string[] = [];
  for (const task of workflow.definition.tasks.values()) {
    if (task.action?.source !== 'core.workflow') continue;
    const input: Json = task.input?.source ?? null;
    const name = isJsonObject(input) && Object.hasOwn(input, 'workflow') ? input.workflow : undefined;
    if (typeof name === 'string' && !/<%|\{\{|\{%/.test(name)) names.push(name);
  }
  return names;
}
