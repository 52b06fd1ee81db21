/** `pawl check FILE…`: everything that is wrong with workflow files, and what may surprise. */

import { faultsOf, isCodeFile, loadCodeWorkflows } from '../code-file.ts';
import { exitCodes } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { inspectFile, readWorkflowFile } from '../workflow-file.ts';

export interface CheckOptions {
  readonly json?: boolean;
  readonly strict?: boolean;
}

export async function check(files: readonly string[], options: CheckOptions, terminal: Terminal): Promise<number> {
  let bad = false;
  for (const path of files) {
    const { errors, warnings, rendered } = isCodeFile(path)
      ? await inspectCode(path)
      : inspectFile(readWorkflowFile(path));
    bad ||= errors.length > 0 || (options.strict === true && warnings.length > 0);
    if (options.json === true) {
      terminal.out(JSON.stringify({ file: path, valid: errors.length === 0, errors, warnings }));
      continue;
    }
    if (rendered !== '') terminal.say(rendered);
    const counts = [count(errors.length, 'error'), count(warnings.length, 'warning')]
      .filter((text) => text !== '')
      .join(', ');
    const verdict =
      errors.length === 0 ? terminal.color.green(`${path} is valid`) : terminal.color.red(`${path} is not valid`);
    terminal.out(counts === '' ? verdict : `${verdict}: ${counts}`);
  }
  return bad ? exitCodes.badInput : exitCodes.succeeded;
}

/** Code is checked by building it. What its closures do shows when it runs. */
async function inspectCode(path: string): Promise<Inspected> {
  try {
    await loadCodeWorkflows(path);
    return { errors: [], warnings: [], rendered: '' };
  } catch (error) {
    const errors = faultsOf(error);
    if (errors === undefined) throw error;
    return { errors, warnings: [], rendered: (error as Error).message };
  }
}

interface Inspected {
  readonly errors: readonly unknown[];
  readonly warnings: readonly unknown[];
  readonly rendered: string;
}

function count(n: number, what: string): string {
  if (n === 0) return '';
  return n === 1 ? `1 ${what}` : `${n} ${what}s`;
}
