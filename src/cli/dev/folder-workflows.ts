/** What a folder holds for `pawl dev`: its workflows in code and in documents, its actions, and everything that is wrong with them. */

import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isPawlError, type PawlError } from '../../base/index.ts';
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
      faults.push(faultIn(file, path, error));
    }
  }
  return { code: [...code], documents, actions: [...actions], files, engines, faults };
}

/** The fault with the file it is in, and the place in it where Node says so. */
function faultIn(file: string, path: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const said = message.replaceAll(path, file);
  const place = isPawlError(error) ? placeOf(error) : undefined;
  const lines = said.startsWith(file) ? said : `${file}: ${said}`;
  return place === undefined ? lines : `${lines}\n${place}`;
}

/** `file:line` and the line itself, as Node puts them above the stack of a syntax error. */
function placeOf({ cause }: PawlError): string | undefined {
  if (!(cause instanceof Error) || cause.stack === undefined) return undefined;
  const head = /^(file:\/\/\S+|\/\S+):(\d+)\n([^\n]*)(\n\s*\^+)?/.exec(cause.stack);
  if (head !== null) {
    const [, url = '', line, text = '', marks = ''] = head;
    return `  ${shownUrl(url)}:${line}\n  ${text}${marks === '' ? '' : `\n  ${marks.slice(1)}`}`;
  }
  const frame = /\(?((?:file:\/\/)[^\s()]+):(\d+):(\d+)\)?/.exec(cause.stack);
  return frame === null ? undefined : `  at ${shownUrl(frame[1]!)}:${frame[2]}:${frame[3]}`;
}

function shownUrl(url: string): string {
  const here = `${pathToFileURL(process.cwd()).href}/`;
  return url.startsWith(here) ? url.slice(here.length) : url.replace('file://', '');
}
