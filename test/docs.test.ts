/** The documentation says nothing that the program does not do: its workflows, command lines, links and lists are checked. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createColors } from 'picocolors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instantOf, type JsonObject } from '../src/base/index.ts';
import { main } from '../src/cli/main.ts';
import { inspectFlow } from '../src/definition/index.ts';
import { compile, evaluate } from '../src/expression/index.ts';
import { allPages, anchorsOf, type Block, linksOf, pawlLines, readPage, root } from './page.ts';

const pages = allPages();

describe('given the workflows in the documentation', () => {
  const blocks = pages.flatMap((page) =>
    page.blocks
      .filter(({ language }) => language === 'yaml')
      .map((block) => [`${page.path}:${block.line}`, block] as const),
  );

  it.each(blocks)('when %s is inspected, then it has no errors', (_place, block) => {
    const { errors } = inspectFlow(documentOf(block));
    const found = errors.filter(
      ({ code }) => isWhole(block) || (code !== 'undefined_task' && code !== 'unset_variable'),
    );

    if (block.mark === 'wrong') expect(found).not.toEqual([]);
    else expect(found.map(({ message }) => message)).toEqual([]);
  });
});

function isWhole({ text }: Block): boolean {
  return /^tasks:/m.test(text);
}

/** The block, made a workflow where it is only tasks of one, or keys beside them. */
function documentOf(block: Block): string {
  if (isWhole(block)) return block.text;
  if (/^(?:input|vars|output|limits|match):/m.test(block.text))
    return `version: 1.0\n${block.text}\ntasks:\n  any: {action: core.noop}\n`;
  return `version: 1.0\ntasks:\n${block.text.replace(/^/gm, '  ')}`;
}

describe('given the tables of expressions', () => {
  const page = readPage('docs/expressions.md');
  const variables = JSON.parse(page.blocks.find(({ mark }) => mark === 'context')!.text) as JsonObject;
  const rows = [...page.text.matchAll(/^\| `((?:[^`|]|\\\|)+)` +\| `([^`]+)` +\|$/gm)].flatMap(
    ([, expression = '', gives = '']) =>
      /<%|\{\{|\{%/.test(expression) ? [[expression.replaceAll('\\|', '|'), gives] as const] : [],
  );

  it.each(rows)('when %s is evaluated, then it gives %s', (expression, gives) => {
    const scope = { variables, taskStatus: () => undefined, now: instantOf(0), random: () => 0.5 };

    expect(evaluate(compile(expression), scope)).toEqual({ ok: true, value: JSON.parse(gives) });
  });

  it('when they are counted, then all were found', () => {
    expect(rows.length).toBeGreaterThan(40);
  });
});

describe('given the command lines in the documentation', () => {
  const before = process.cwd();
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pawl-docs-'));
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  });

  const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.yaml'));
  const heads = examples.map((name) => {
    const head = readFileSync(join(root, 'examples', name), 'utf8').replace(/^# ?/gm, '');
    return [`examples/${name}`, pawlLines(head)] as const;
  });
  const shown = pages.map((page) => {
    const blocks = page.blocks.filter(({ language }) => language === 'sh' || language === 'console');
    return [page.path, blocks.flatMap((block) => pawlLines(typedIn(block)))] as const;
  });
  const lines = new Map(
    [...heads, ...shown].flatMap(([path, all]) => all.map((words) => [words.join(' '), { path, words }] as const)),
  );

  it.each([...lines.values()])('when "pawl $words" of $path is read, then it is understood', async ({ words }) => {
    let text = '';
    const write = (line: string): void => {
      text += `${line}\n`;
    };
    // To drive the folder of this test would have no end.
    const typed = words.length === 1 && words[0] === 'dev' ? ['dev', 'nowhere'] : words;
    await main(typed, { out: write, say: write, write, isLive: false, width: 100, color: createColors(false) });

    expect(text).not.toMatch(
      /unknown (option|command)|missing required|too many arguments|argument missing|is invalid/,
    );
  });
});

describe('given the walk through the first durable function', () => {
  it('when it shows the workflow, then it is the one of the template', () => {
    const block = readPage('docs/first-function.md').blocks.find(({ file }) => file === 'src/order.ts');
    const shown = block?.text.split('\n').slice(1).join('\n');
    expect(shown).toBe(readFileSync(join(root, 'templates/function/src/order.ts'), 'utf8'));
  });
});

/** What a reader types: in a `console` block, the lines behind a prompt. */
function typedIn({ language, text }: Block): string {
  return language === 'sh' ? text : (text.match(/^\$ .*$/gm) ?? []).join('\n');
}

describe('given the links in the documentation', () => {
  const links = pages.flatMap((page) => linksOf(page).map((link) => [page.path, link] as const));

  it.each(links)('when %s links to %s, then it is there', (path, link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    expect(existsSync(join(root, target)), `${target} is not there`).toBe(true);
    if (anchor !== undefined) expect([...anchorsOf(readPage(target))]).toContain(anchor);
  });
});

describe('given the rules by which Pawl differs from Orquesta', () => {
  const sources = ['conduct-differences.ts', 'inspection-rules.ts', 'expressions.ts'];
  const names = sources.flatMap((name) => {
    const text = readFileSync(join(root, 'test/conformance', name), 'utf8');
    return [...text.matchAll(/(?:rule: |apply\(\s*|rules\.push\(|return )'([a-z0-9]+(?:-[a-z0-9]+)*)'/g)].map(
      (match) => match[1]!,
    );
  });
  const anchors = anchorsOf(readPage('docs/orquesta-differences.md'));

  it.each([...new Set(names)])('when the comparison uses %s, then the page has it', (name) => {
    expect([...anchors]).toContain(name);
  });
});
