/**
 * The sources of a folder: which files there are, and which of them hold workflows.
 *
 * Code is loaded where it imports Pawl and exports something. Not loaded: tests and declarations, settings of tools, and programs that open
 * an engine of their own, since loading one would run it. A YAML file is a workflow where it has `version` and `tasks` at its top.
 */

import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { PawlError } from '../../base/index.ts';
import { isCodeFile } from '../code-file.ts';

/** What a change of makes the workflows other ones; data files are read when a task runs. */
const watched: ReadonlySet<string> = new Set([
  '.ts',
  '.mts',
  '.cts',
  '.js',
  '.mjs',
  '.cjs',
  '.json',
  '.yaml',
  '.yml',
  '.env',
]);
const passedOver: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage']);
const filesMost = 20_000;

/** What a file had in it when it was looked at. */
export interface Stamp {
  readonly mtimeMs: number;
  readonly size: number;
  readonly hash: string;
}

export interface SourceTree {
  /** Each folder that holds sources or may come to, itself included. */
  readonly folders: readonly string[];
  readonly files: ReadonlyMap<string, Stamp>;
}

/**
 * All sources below the folder as they are now. What has the time and size that it had `before` is not read again.
 *
 * @throws PawlError `bad_input`: there is no such folder. `limit_exceeded`: it is the folder of something much larger.
 */
export function readTree(folder: string, before?: SourceTree): SourceTree {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new PawlError('bad_input', `there is no folder ${folder}`);
  const folders: string[] = [];
  const files = new Map<string, Stamp>();
  const toRead = [folder];
  for (let at = toRead.pop(); at !== undefined; at = toRead.pop()) {
    folders.push(at);
    for (const entry of entriesOf(at)) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        if (!passedOver.has(entry.name) && !entry.name.startsWith('.')) toRead.push(path);
      } else if (watched.has(extname(entry.name)) || entry.name.startsWith('.env')) {
        const stamp = stampOf(path, before?.files.get(path));
        if (stamp !== undefined) files.set(path, stamp);
      }
    }
    if (files.size + toRead.length > filesMost)
      throw new PawlError(
        'limit_exceeded',
        `${folder} holds more than ${filesMost} sources; name the folder of the workflows`,
      );
  }
  return { folders, files };
}

/** The files that are new, gone or other than they were. */
export function changesBetween(before: SourceTree, after: SourceTree): string[] {
  const changed = [...after.files].filter(([path, { hash }]) => before.files.get(path)?.hash !== hash);
  const gone = [...before.files.keys()].filter((path) => !after.files.has(path));
  return [...changed.map(([path]) => path), ...gone];
}

export type SourceKind = 'code' | 'document' | 'engine' | 'other';

/** What the file is to `pawl dev`; `engine`: a program that opens an engine of its own. */
export function kindOf(path: string): SourceKind {
  if (/\.ya?ml$/.test(path)) return isDocument(readFileSync(path, 'utf8')) ? 'document' : 'other';
  if (!isCodeFile(path) || /\.(?:test|spec|d|config)\.[cm]?[jt]s$/.test(path)) return 'other';
  const text = readFileSync(path, 'utf8');
  const importsPawl = /\bfrom\s*['"]pawl(?:\/[\w/-]+)?['"]/.test(text);
  if (!importsPawl) return 'other';
  if (/\bcreatePawl\s*\(/.test(text)) return 'engine';
  return /^\s*export\b/m.test(text) ? 'code' : 'other';
}

function isDocument(text: string): boolean {
  return /^version:/m.test(text) && /^tasks:/m.test(text);
}

/** The entries of a folder; none where it has just gone. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function stampOf(path: string, before: Stamp | undefined): Stamp | undefined {
  try {
    const { mtimeMs, size } = statSync(path);
    if (before !== undefined && before.mtimeMs === mtimeMs && before.size === size) return before;
    return { mtimeMs, size, hash: createHash('sha256').update(readFileSync(path)).digest('base64') };
  } catch {
    return undefined;
  }
}
