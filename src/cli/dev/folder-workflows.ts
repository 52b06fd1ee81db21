/** What a folder holds for `pawl dev`: its workflows in code and in documents, its actions, and everything that is wrong with them. */

import { relative } from 'node:path';
import type { Programs } from '../../engine/index.ts';
import type { AnyAction } from '../../worker/index.ts';
import { type LoadedWorkflow, loadCodeFile } from '../code-file.ts';
import { type LoadedWorkflows, loadWorkflows } from '../workflow-file.ts';
import { kindOf, type SourceTree } from './source-folder.ts';

export interface FolderWorkflows {
  readonly code: readonly LoadedWorkflow[];
  readonly documents: readonly LoadedWorkflows[];
  readonly actions: readonly AnyAction[];
  /** Where each came from, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** Programs that open an engine of their own; they were not loaded. */
  readonly engines: readonly string[];
  /** One for each file that is wrong, and for each name that two have. */
  readonly faults: readonly string[];
}

/** Loads all sources of the folder; what is wrong with one does not keep the others from being looked at. */
export async function loadFolder(folder: string, tree: SourceTree, programs: Programs): Promise<FolderWorkflows> {
  const code = new Set<LoadedWorkflow>();
  const documents: LoadedWorkflows[] = [];
  const actions = new Set<AnyAction>();
  const files = new Map<string, string>();
  const actionFiles = new Map<string, string>();
  const engines: string[] = [];
  const faults: string[] = [];
  const unloadable = new Map<string, string>();

  const take = (names: Map<string, string>, name: string, file: string, what: string): boolean => {
    const other = names.get(name);
    names.set(name, other ?? file);
    if (other !== undefined) faults.push(`${file}: the ${what} "${name}" is in ${other} as well; rename one`);
    return other === undefined;
  };

  for (const path of [...tree.files.keys()].sort()) {
    const file = relative(folder, path);
    try {
      const kind = kindOf(path);
      if (kind === 'engine') engines.push(file);
      if (kind === 'document') {
        const loaded = await loadWorkflows(path, programs);
        if (take(files, loaded.workflow.name, file, 'workflow')) documents.push(loaded);
      }
      if (kind !== 'code') continue;
      const found = await loadCodeFile(path);
      for (const workflow of found.workflows) {
        // A file may hand on what another exports.
        if (!code.has(workflow) && take(files, workflow.name, file, 'workflow')) code.add(workflow);
      }
      for (const action of found.actions) {
        if (!actions.has(action) && take(actionFiles, action.name, file, 'action')) actions.add(action);
      }
    } catch (error) {
      const fault = faultIn(file, path, error);
      // A file that imports a broken one cannot be loaded either: the broken one says it.
      const [, why = fault] = /could not be loaded: ([\s\S]*)$/.exec(fault) ?? [];
      if (!unloadable.has(why) || why.includes(`${file}:`)) unloadable.set(why, fault);
    }
  }
  return {
    code: [...code],
    documents,
    actions: [...actions],
    files,
    engines,
    faults: [...unloadable.values(), ...faults],
  };
}

/** The fault with the file it is in. */
function faultIn(file: string, path: string, error: unknown): string {
  const said = (error instanceof Error ? error.message : String(error)).replaceAll(path, file);
  return said.startsWith(file) ? said : `${file}: ${said}`;
}
