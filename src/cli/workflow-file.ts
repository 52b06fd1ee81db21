/** Workflow files: reads one, says all that is wrong with it, and gathers the files its sub-workflows are in. */

import { readFileSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { isJsonObject, type Json, PawlError } from '../base/index.ts';
import { type Diagnostic, inspectFlow, renderDiagnostics } from '../definition/index.ts';
import type { Programs, Workflow } from '../engine/index.ts';

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
  errors: readonly Diagnostic[];
  warnings: readonly Diagnostic[];
  rendered: string;
} {
  const { errors, warnings } = inspectFlow(file.text);
  return { errors, warnings, rendered: renderDiagnostics(file.text, [...errors, ...warnings], file.path) };
}

/**
 * The workflow of a file, and those its `core.workflow` tasks name, and theirs, by the names they are called by: paths
 * relative to the file that names them.
 *
 * @throws PawlError `bad_definition` with all findings rendered in the message; `bad_input`.
 */
export function loadWorkflows(
  path: string,
  programs: Programs,
): { workflow: Workflow; pinned: ReadonlyMap<string, Workflow> } {
  const pinned = new Map<string, Workflow>();
  const paths = new Map<string, string>();
  const load = (file: WorkflowFile): Workflow => {
    const { errors, rendered } = inspectFile(file);
    if (errors.length > 0)
      throw new PawlError('bad_definition', rendered, { details: { diagnostics: errors, file: file.path } });
    const workflow = programs.ofText(file.text, file.name);
    for (const name of childNames(workflow)) {
      const target = resolve(dirname(file.path), name);
      const known = paths.get(name);
      if (known === target) continue;
      if (known !== undefined) {
        throw new PawlError(
          'bad_input',
          `"${name}" names ${known} in one file and ${target} in ${file.path}; give one of them another name`,
        );
      }
      paths.set(name, target);
      pinned.set(name, load(readWorkflowFile(target, file.path)));
    }
    return workflow;
  };
  return { workflow: load(readWorkflowFile(path)), pinned };
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
