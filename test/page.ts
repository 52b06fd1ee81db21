/**
 * A page of the documentation as the tests see it: its fenced blocks, headings and links.
 *
 * The conventions, also for who writes a page:
 *
 * - A block whose first line is `# file: NAME` (YAML) or `// file: NAME` (TypeScript) is a file of the page's folder.
 * - A `console` block is run in that folder, page by page from the top: lines that begin with `$ ` are commands, the lines
 *   below one must come up in its output, in that order. `…` stands for anything; times, durations and 12345 (a process,
 *   the same one all over the page) are not compared. The exit code is 0, or what `(exit code N)` says.
 * - A `console background` block begins something that goes on while later blocks run. 20s is 4s here.
 * - An `sh` block is not run, but every `pawl` in it must be a command line that Pawl understands.
 * - A YAML block is a workflow, or tasks of one, without errors; `yaml wrong` is one with errors.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export interface Block {
  readonly language: string;
  /** What stands behind the language. */
  readonly mark: string;
  readonly text: string;
  /** The line it begins on, from 1. */
  readonly line: number;
  /** The name of the file it is, if any. */
  readonly file: string | undefined;
}

export interface Page {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** README, CONTRIBUTING, and everything below `docs` and `examples`. */
export function allPages(): Page[] {
  const below = (folder: string): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  const isPage = (path: string): boolean => path.endsWith('.md') && !/[\\/]out[\\/]/.test(path);
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...below('docs'), ...below('examples')]
    .filter(isPage)
    .map(readPage);
}

export function readPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8');
  return { path: relative(root, join(root, path)).replaceAll('\\', '/'), text, blocks: blocksOf(text) };
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  const fence = /^```(\w*) ?(.*)\n([\s\S]*?)^```$/gm;
  for (const { 1: language = '', 2: mark = '', 3: inside = '', index } of text.matchAll(fence)) {
    const line = text.slice(0, index).split('\n').length;
    const file = /^(?:#|\/\/) file: (\S+)/.exec(inside)?.[1];
    blocks.push({ language, mark: mark.trim(), text: inside, line, file });
  }
  return blocks;
}

/** The commands of a `console` block with what must come of them. */
export interface Command {
  readonly line: string;
  readonly expected: readonly string[];
  readonly code: number;
}

export function commandsOf(block: Block): Command[] {
  const commands: { line: string; expected: string[]; code: number }[] = [];
  for (const text of block.text.split('\n')) {
    if (text.startsWith('$ ')) commands.push({ line: text.slice(2), expected: [], code: 0 });
    else if (/^\(exit code \d+\)$/.test(text)) commands.at(-1)!.code = Number(/\d+/.exec(text)![0]);
    else if (text.trim() !== '' && text.trim() !== '…') commands.at(-1)?.expected.push(text);
  }
  return commands;
}

/** Every `pawl …` that stands in an `sh` or `console` block, as words. */
export function pawlLines(text: string): string[][] {
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  return lines.flatMap((line) => {
    const found = /^(?:\$ )?(?:npx )?pawl (.*)$/.exec(line.trim());
    return found === null ? [] : [wordsOf(found[1]!.replace(/\s+#.*$/, '').replace(/\s*[&>|].*$/, ''))];
  });
}

/** Words as a shell splits them, with the quotes these pages use. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'([^']*)'|"([^"]*)"|([^\s'"]+))+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
}

/** The anchors of its headings, as GitHub makes them. */
export function anchorsOf({ text }: Page): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)) {
    const plain = heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '');
    anchors.add(plain.trim().replaceAll(' ', '-'));
  }
  return anchors;
}

/** Targets of links, without those to other sites. */
export function linksOf({ text }: Page): string[] {
  const plain = text.replace(/^```[\s\S]*?^```$/gm, '');
  const links = [...plain.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map((match) => match[1] ?? match[2]!);
  return links.filter((link) => !/^[a-z]+:/.test(link));
}
