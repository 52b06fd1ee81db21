/**
 * Finds and loads the module of a `core.script`.
 *
 * S1. A module is a file of the project: inside the working directory of the process, links followed, and not below a
 *     `node_modules`. A workflow file names code; it must not reach code that nobody meant for it.
 * S2. Node loads a module once per process: a file that is changed is seen by the next process, and state at its top
 *     level is shared by all attempts.
 * S3. TypeScript has its types stripped, not compiled: what would need code (enums, namespaces with values, parameter
 *     properties, `import =`, decorators) is refused with a sentence that says so.
 */

import { realpath, stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ActionError } from '../../action.ts';

export type Exports = Readonly<Record<string, unknown>>;

const extensions = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];

/** @throws ActionError `bad_script`: no such file, not a module of the project, or one that cannot be loaded. No retry helps. */
export async function loadScript(module: string, workingDirectory: string): Promise<Exports> {
  const file = await findScript(module, workingDirectory);
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Exports;
  } catch (error) {
    throw badScript(`${module} could not be loaded: ${loadFault(error)}`, error);
  }
}

export function badScript(message: string, cause?: unknown): ActionError {
  return new ActionError(`core.script: ${message}`, { kind: 'bad_script', retryable: false, cause });
}

/** The real path of a module. */
export async function findScript(module: string, workingDirectory: string): Promise<string> {
  if (/^[a-z]{2,}:/i.test(module))
    throw badScript(`"module" is a URL; write the path of a file, such as ./scripts/clean.ts`);
  if (!extensions.some((extension) => module.endsWith(extension))) {
    throw badScript(`${module} is no module: its name must end in ${extensions.join(', ')}`);
  }
  const root = await realpath(workingDirectory);
  const path = resolve(root, module);
  const file = await realpath(path).catch(() => undefined);
  if (file === undefined)
    throw badScript(`there is no file ${path}; "module" is a path from the working directory, ${root}`);
  if (!(await stat(file)).isFile()) throw badScript(`${path} is not a file`);
  const inside = relative(root, file);
  if (inside.split(sep).includes('..') || resolve(root, inside) !== file) {
    throw badScript(`${module} leads out of the working directory, ${root}; a script is a file of the project`);
  }
  if (inside.split(sep).includes('node_modules')) {
    throw badScript(`${module} belongs to a package; write a script of your own that imports it`);
  }
  return file;
}

/** Why Node could not load a module, in words for who wrote it. */
export function loadFault(error: unknown): string {
  if (!(error instanceof Error)) return 'it threw something that is not an error';
  const code = 'code' in error ? error.code : undefined;
  const message = error.message.split('\n').find((line) => line.trim() !== '') ?? error.name;
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' || /parameter propert|decorator/i.test(message)) {
    return `${message}. Types are stripped, not compiled: write it without enums, namespaces, parameter properties, \`import =\` and decorators`;
  }
  if (error instanceof SyntaxError && /Invalid or unexpected token/.test(message)) {
    return `${message}. Decorators are not supported: types are stripped, not compiled`;
  }
  if (error instanceof SyntaxError && /does not provide an export named/.test(message)) {
    return `${message}. A type is imported with \`import type\`: types are stripped, not compiled`;
  }
  return message;
}
