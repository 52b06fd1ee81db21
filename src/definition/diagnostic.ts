/**
 * What inspection has to say about a document, one finding at a time.
 *
 * `category` and `code` are stable, and tests and tools go by them; `message` is for people: one sentence with what was
 * found, what was expected, and what to write instead.
 */

import type { Position } from './position.ts';

/**
 * - `yaml`: the text is not YAML we read: broken, too large, too deep, a duplicate key.
 * - `syntax`: a key or a value that the language does not have.
 * - `semantics`: the tasks do not fit together.
 * - `expressions`: an expression that does not parse.
 * - `context`: a variable used before anything sets it.
 * - `surprise`: allowed, and seldom what its author meant.
 * - `yaml11`: text that YAML 1.1 and YAML 1.2 read differently.
 */
export type Category = 'yaml' | 'syntax' | 'semantics' | 'expressions' | 'context' | 'surprise' | 'yaml11';

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly category: Category;
  /** Lower snake, stable. */
  readonly code: string;
  readonly message: string;
  readonly position: Position;
  /** The way to the place within the document, in Orquesta's form: `tasks.t1.next[0].do`. Null for the whole document. */
  readonly specPath: string | null;
  /** The rule that was broken, as a path in Orquesta's JSON Schema; for `syntax` only. */
  readonly schemaPath?: string;
  /** The expression at fault, with its delimiters. */
  readonly expression?: string;
  /** The language of that expression; null where one text mixes two. */
  readonly language?: string | null;
  /** The variable or the task that the finding is about. */
  readonly subject?: string;
}

/** Errors before warnings of the same place, otherwise in the order of the text. */
export function inTextOrder(left: Diagnostic, right: Diagnostic): number {
  return (
    left.position.offset - right.position.offset ||
    left.severity.localeCompare(right.severity, 'en') ||
    (left.code < right.code ? -1 : left.code > right.code ? 1 : 0)
  );
}

const lineMax = 120;

/**
 * The diagnostics as text for a terminal: `file:line:column: error: sentence [code]`, the source line, and a caret under
 * the place. A long line is cut around the caret.
 */
export function renderDiagnostics(text: string, diagnostics: readonly Diagnostic[], file: string): string {
  return diagnostics.map((diagnostic) => renderOne(text, diagnostic, file)).join('\n');
}

function renderOne(text: string, diagnostic: Diagnostic, file: string): string {
  const { line, column, offset } = diagnostic.position;
  const head = `${file}:${line}:${column}: ${diagnostic.severity}: ${diagnostic.message} [${diagnostic.code}]`;
  const start = offset - (column - 1);
  const newline = text.indexOf('\n', offset);
  const source = text.slice(start, newline === -1 ? text.length : newline).replace(/\r$/, '');
  if (source.trim() === '') return `${head}\n`;
  const cut = Math.max(0, column - 1 - lineMax / 2);
  const shown = printable(source.slice(cut, cut + lineMax));
  const lead = shown.slice(0, column - 1 - cut).replace(/[^\t]/g, ' ');
  const gutter = String(line);
  return `${head}\n  ${gutter} | ${shown}\n  ${' '.repeat(gutter.length)} | ${lead}^\n`;
}

/** Control characters could move the cursor or change colours of the reader's terminal. */
function printable(source: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return source.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '·');
}
