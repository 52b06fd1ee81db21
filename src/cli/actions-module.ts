/** The module of `--actions`: every action it exports, under any name, one by one or in lists. */

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PawlError } from '../base/index.ts';
import type { AnyAction } from '../worker/index.ts';
import { isAction } from './code-file.ts';

/** @throws PawlError `bad_input` where the module cannot be loaded or exports no action. */
export async function loadActions(paths: readonly string[]): Promise<AnyAction[]> {
  const actions: AnyAction[] = [];
  for (const path of paths) {
    let module: { [name: string]: unknown };
    try {
      module = (await import(pathToFileURL(resolve(path)).href)) as { [name: string]: unknown };
    } catch (error) {
      throw new PawlError('bad_input', `--actions ${path}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
    const found = Object.values(module).flat().filter(isAction);
    if (found.length === 0) {
      throw new PawlError(
        'bad_input',
        `--actions ${path}: the module exports no action; export what \`defineAction({ name, handler })\` returns`,
      );
    }
    actions.push(...found);
  }
  return actions;
}
