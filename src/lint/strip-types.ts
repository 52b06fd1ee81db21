/**
 * Lets ESLint read TypeScript with its own parser: types are taken out as Node does when it runs the file, which leaves every line and
 * column where it was. What Node could not run (enums and the like) is a message, as a syntax error is.
 */

import { stripTypeScriptTypes } from 'node:module';
import type { Linter } from 'eslint';

/** Messages for a file whose types could not be taken out, until ESLint asks for them. */
const faults = new Map<string, Linter.LintMessage>();

export const stripTypes: Linter.Processor = {
  meta: { name: 'pawl/strip-types' },
  preprocess(text, filename) {
    try {
      return [{ text: withoutTypes(text), filename: 'stripped.js' }];
    } catch (error) {
      faults.set(filename, faultOf(error));
      return [];
    }
  },
  postprocess(messages, filename) {
    const fault = faults.get(filename);
    faults.delete(filename);
    return fault === undefined ? messages.flat() : [fault];
  },
  supportsAutofix: false,
};

/** Node warns that this is experimental; who lints can do nothing about that. */
function withoutTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}

function faultOf(error: unknown): Linter.LintMessage {
  const said = error instanceof Error ? error : new Error(String(error));
  const line = Number(/^\S*:(\d+)$/m.exec(said.stack ?? '')?.[1] ?? 1);
  return { ruleId: null, fatal: true, severity: 2, line, column: 1, message: `Parsing error: ${said.message}` };
}
