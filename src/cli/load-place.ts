/** Where in the user's code a module could not be loaded: the file, the line and the line itself, as Node tells them. */

import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const linesMost = 4;
const checkMs = 5_000;

/** To put behind the message: the lines of the mistake below it, or where an error was thrown. Empty where Node does not say. */
export function placeOfFault(error: unknown, path: string): string {
  if (!(error instanceof Error) || error.stack === undefined) return '';
  const frame = frameIn(error.stack) ?? (error instanceof SyntaxError ? frameIn(checkedByNode(path)) : undefined);
  if (frame !== undefined) return frame;
  const thrownAt = /\(?(file:\/\/[^\s()]+):(\d+):(\d+)\)?/.exec(error.stack);
  return thrownAt === null ? '' : ` (${shownPath(thrownAt[1]!)}:${thrownAt[2]}:${thrownAt[3]})`;
}

/** What stands above the error's name: `FILE:LINE`, the code, and marks below it. */
function frameIn(text: string): string | undefined {
  const [first = '', ...rest] = text.split('\n');
  const head = /^((?:file:\/\/)?[^\s].*):(\d+)$/.exec(first);
  if (head === null) return undefined;
  const end = rest.findIndex((line) => /^[A-Za-z]*Error\b/.test(line));
  const code = rest.slice(0, end === -1 ? linesMost : end).filter((line) => line.trim() !== '');
  return ['', `${shownPath(head[1]!)}:${head[2]}`, ...code.slice(-linesMost)].join('\n  ');
}

/** Node keeps the place of a mistake in JavaScript to itself, but for its own check. */
function checkedByNode(path: string): string {
  if (!/\.m?js$/.test(path)) return '';
  const { stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8', timeout: checkMs });
  return stderr ?? '';
}

function shownPath(place: string): string {
  const path = place.startsWith('file://') ? fileURLToPath(place) : place;
  const here = relative(process.cwd(), path);
  return here.startsWith('..') ? path : here;
}
