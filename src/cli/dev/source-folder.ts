/**
 * The sources of a folder: which files there are, and which of them hold workflows.
 *
 * Code is loaded where it imports Pawl, or `workflow` and the like from anywhere, and exports something. Not loaded: tests, what helps them, and declarations, settings of tools, and programs that open
 * an engine of their own, since loading one would run it. A YAML file is a workflow where it has `version` and `tasks` at its top.
 */

import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { PawlError } from '../../base/index.ts';
import { isCodeFile } from '../code-file.ts';

const code: ReadonlySet<string> = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']);
const documents: ReadonlySet<string> = new Set(['.yaml', '.yml']);
/** What no workflow imports. */
const beside = /\.(?:test|spec|d)\.[cm]?[jt]s$/;
const passedOver: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage']);
const filesMost = 20_000;

/** What a file had in it when it was looked at. */
export interface Stamp {
  readonly mtimeMs: number;
  readonly size: number;
  readonly hash: string;
  /** Data that it imports; other data is read when a task runs, and may be what a task wrote. */
  readonly imports: readonly string[];
  /** False for a YAML file that is no workflow. */
  readonly isSource: boolean;
}

export interface SourceTree {
  /** Each folder that holds sources or may come to, itself included. */
  readonly folders: readonly string[];
  readonly files: ReadonlyMap<string, Stamp>;
}

/**
 * All sources below the folder as they are now: code, YAML workflows, and JSON that code imports. What has the time and size that it
 * had `before` is not read again.
 *
 * @throws PawlError `bad_input`: there is no such folder. `limit_exceeded`: it is the folder of something much larger.
 */
export function readTree(folder: string, before?: SourceTree): SourceTree {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new PawlError('bad_input', `there is no folder ${folder}`);
  const folders: string[] = [];
  const files = new Map<string, Stamp>();
  const look = (path: string): void => {
    const stamp = files.has(path) ? undefined : stampOf(path, before?.files.get(path));
    if (stamp === undefined) return;
    files.set(path, stamp);
    for (const data of stamp.imports) look(data);
  };
  const toRead = [folder];
  for (let at = toRead.pop(); at !== undefined; at = toRead.pop()) {
    folders.push(at);
    for (const entry of entriesOf(at)) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        if (!passedOver.has(entry.name) && !entry.name.startsWith('.')) toRead.push(path);
      } else if ((code.has(extname(entry.name)) && !beside.test(entry.name)) || documents.has(extname(entry.name))) {
        look(path);
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
  const changed = [...after.files].filter(([path, stamp]) => {
    const known = before.files.get(path);
    return known?.hash !== stamp.hash && (stamp.isSource || known?.isSource === true);
  });
  const gone = [...before.files].filter(([path, { isSource }]) => isSource && !after.files.has(path));
  return [...changed, ...gone].map(([path]) => path);
}

export type SourceKind = 'code' | 'document' | 'engine' | 'other';

/** What the file is to `pawl dev`; `engine`: a program that opens an engine of its own. */
export function kindOf(path: string): SourceKind {
  if (/\.ya?ml$/.test(path)) return isDocument(readFileSync(path, 'utf8')) ? 'document' : 'other';
  if (!isCodeFile(path) || /\.config\.[cm]?[jt]s$/.test(path)) return 'other';
  const text = readFileSync(path, 'utf8');
  // Of `pawl/testing` a helper of tests is made. A project may hand Pawl on in a module of its own.
  const importsPawl = /\bfrom\s*['"]pawl(?:\/(?!testing)[\w/-]+)?['"]/.test(text);
  if (!importsPawl && !/\bimport\s*\{[^}]*\b(?:workflow|dag|chain|defineAction)\b[^}]*\}\s*from/.test(text))
    return 'other';
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
    const text = readFileSync(path, 'utf8');
    const hash = createHash('sha256').update(text).digest('base64');
    const isSource = !documents.has(extname(path)) || isDocument(text);
    return { mtimeMs, size, hash, isSource, imports: code.has(extname(path)) ? dataIn(text, path) : [] };
  } catch {
    return undefined;
  }
}

/** The JSON files that a module imports. */
function dataIn(text: string, path: string): string[] {
  const imports = text.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"\n]+\.json)['"]/g);
  return [...imports].map(([, file = '']) => resolve(dirname(path), file));
}
