/** Bad input of every kind: each is answered with exit code 2 and one readable message that says where and what to write instead. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createColors } from 'picocolors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/cli/main.ts';
import type { Terminal } from '../src/cli/terminal.ts';

let folder: string;
const before = process.cwd();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pawl-bad-'));
  process.chdir(folder);
  writeFileSync('good.yaml', 'version: 1.0\ninput:\n  - name\n  - count: 1\ntasks:\n  a:\n    action: core.noop\n');
  writeFileSync('loop.yaml', 'version: 1.0\ntasks:\n  a:\n    next:\n      - do: a\n');
  writeFileSync('shell.yaml', 'version: 1.0\ntasks:\n  a:\n    action: core.local cmd="date"\n');
  writeFileSync('own.yaml', 'version: 1.0\ntasks:\n  a:\n    action: mine.action\n');
  writeFileSync(
    'parent.yaml',
    'version: 1.0\ntasks:\n  a:\n    action: core.workflow\n    input: { workflow: missing-child.yaml }\n',
  );
  writeFileSync('list.json', '[1, 2]');
  writeFileSync('broken.json', '{"name": ');
  writeFileSync(
    'not-a-store.db',
    'this is a text, and not a database; it is long enough to have a header of its own, and more than that.'.repeat(50),
  );
  writeFileSync('empty-module.mjs', 'export const nothing = 1;\n');
  writeFileSync('broken-module.mjs', 'export const x = ;\n');
});

afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

async function run(argv: readonly string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const write = (line: string): void => {
    text += `${line}\n`;
  };
  const terminal: Terminal = { out: write, say: write, write, isLive: false, width: 100, color: createColors(false) };
  const code = await main(argv, terminal);
  return { code, text };
}

const task = (body: string): string => `version: 1.0\ntasks:\n  a:\n    ${body.replaceAll('\n', '\n    ')}\n`;

/** What the document is, the document, and what the answer must say: the place and a word of the mend. */
const documents: readonly (readonly [what: string, text: string, ...says: string[]])[] = [
  ['nothing', '', '1:1'],
  ['a list', '- a\n- b\n', '1:1'],
  ['plain text', 'hello\n', '1:1'],
  ['a map without tasks', 'version: 1.0\n', 'tasks'],
  ['tasks that are a list', 'version: 1.0\ntasks:\n  - a\n', '3:3'],
  ['no tasks at all', 'version: 1.0\ntasks: {}\n', '2:8'],
  ['another version', 'version: 2.0\ntasks:\n  a: {}\n', '1:10', '1.0'],
  ['an unknown key', 'version: 1.0\ntask:\n  a: {}\ntasks:\n  a: {}\n', '2:1', 'tasks'],
  ['a misspelled key of a task', task('actoin: core.noop'), '4:5', 'action'],
  ['a misspelled key of a transition', task('next:\n  - whn: <% succeeded() %>\n    do: b'), '5:9', 'when'],
  ['two errors at once', task('actoin: core.noop\nnext:\n  - do: nowhere'), 'action', 'nowhere'],
  ['a target that is not there', task('next:\n  - do: bb'), 'bb'],
  [
    'a target that is nearly there',
    'version: 1.0\ntasks:\n  first:\n    next:\n      - do: secnd\n  second: {}\n',
    'second',
  ],
  ['a reserved name', 'version: 1.0\ntasks:\n  noop: {}\n', '3:3', 'noop'],
  ['a name with a dash', 'version: 1.0\ntasks:\n  a-b: {}\n', '3:3'],
  ['a join of words', task('join: some'), '4:11', 'all'],
  ['a negative join', task('join: -1'), '4:11'],
  ['a delay of words', task('delay: [1]'), '4:12'],
  ['with-items without an action', task('with: x in <% ctx(xs) %>'), 'action'],
  ['with-items without an expression', task('action: core.noop\nwith: abc'), '5:11'],
  ['a retry without a count', task('action: core.noop\nretry:\n  delay: 1'), 'count'],
  ['a retry with a word for a number', task('action: core.noop\nretry:\n  count: [3]'), '6:14'],
  ['a jitter above one', task('action: core.noop\nretry:\n  count: 3\n  jitter: 2'), '7:15'],
  ['a priority out of range', task('priority: 101'), '4:15', '100'],
  ['a timeout of words', task('timeout: soon'), '4:14', '30s'],
  ['a match of another kind', task('match: any'), '4:12', 'first'],
  ['limits of words', 'version: 1.0\nlimits: { iterations: many }\ntasks:\n  a: {}\n', '2:23'],
  ['an input that is a map', 'version: 1.0\ninput: { a: 1 }\ntasks:\n  a: {}\n', '2:8'],
  ['vars with two keys in one entry', 'version: 1.0\nvars:\n  - a: 1\n    b: 2\ntasks:\n  a: {}\n', '4:5'],
  ['publish that is a map', task('next:\n  - publish: { a: 1 }'), '5:18'],
  ['a YAQL expression that does not end', task('action: core.echo message="<% ctx( %>"'), '4:'],
  ['two equals signs in YAQL', task('next:\n  - when: <% ctx(x) == 1 %>\n    do: noop'), '5:', '='],
  ['a double ampersand in YAQL', task('next:\n  - when: <% succeeded() && ctx(x) %>\n    do: noop'), '5:', 'and'],
  ['a Jinja expression that does not end', task('action: core.echo message="{{ ctx( }}"'), '4:'],
  ['a Jinja block that does not end', task('input: "{% if true %}x"\naction: core.echo'), '4:'],
  ['both languages in one string', task('action: core.echo message="<% 1 %> {{ 2 }}"'), '4:'],
  ['a variable nobody sets', task('action: core.echo message=<% ctx(nobody) %>'), 'nobody'],
  ['a private variable', task('action: core.echo message=<% ctx(__state) %>'), '__state'],
  ['a tab as indentation', 'version: 1.0\ntasks:\n\ta: {}\n', '3:1'],
  ['an unclosed quote', 'version: 1.0\ntasks:\n  a:\n    action: "core.noop\n', '4:'],
  ['an unclosed bracket', 'version: 1.0\ntasks: { a: { action: core.noop }\n', '3:1'],
  ['a key twice', 'version: 1.0\ntasks:\n  a: {}\n  a: {}\n', '4:3'],
  ['a merge key', 'version: 1.0\ntasks:\n  a: &x {}\n  b:\n    <<: *x\n', '<<'],
  ['a tag', 'version: 1.0\ntasks:\n  a: !!python/object {}\n', '3:6'],
  ['two documents', 'version: 1.0\ntasks:\n  a: {}\n---\nversion: 1.0\n', '4:1'],
  ['brackets as deep as a well', `version: 1.0\ntasks: ${'['.repeat(40_000)}\n`, '2:'],
  [
    'aliases that multiply',
    `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [${i === 0 ? '*a,*a' : `*b${i - 1},*b${i - 1}`}]`).join('\n')}\n`,
    'alias',
  ],
];

describe('given a workflow document that is wrong', () => {
  it.each(documents.map(([what, text, ...says]) => ({ what, text, says })))(
    'when it is $what, then check and run say where and how',
    async ({ text, says }) => {
      writeFileSync('bad.yaml', text);
      for (const command of ['check', 'run']) {
        const answer = await run([command, 'bad.yaml']);
        expect(answer.code, answer.text).toBe(2);
        expect(answer.text).toContain('bad.yaml');
        for (const word of says) expect(answer.text).toContain(word);
        expect(answer.text).not.toMatch(/\n\s+at /);
        expect(answer.text.length).toBeLessThan(20_000);
      }
    },
  );
});

/** What is typed, and what the answer must say. */
const lines: readonly (readonly [line: string, ...says: string[]])[] = [
  ['fly', 'unknown command'],
  ['rum good.yaml', 'run'],
  ['run', 'file'],
  ['run nowhere.yaml', 'nowhere.yaml', 'no such file'],
  ['run .', 'folder'],
  ['run good.yaml --speed 3', '--speed'],
  ['run good.yaml --concurrency 0', 'whole number'],
  ['run good.yaml --concurrency many', 'whole number'],
  ['run good.yaml --input name', 'NAME=VALUE'],
  ['run good.yaml --input =x', 'NAME=VALUE'],
  ['run good.yaml --input nmae=x', 'nmae', 'name'],
  ['run good.yaml --input @nowhere.json', 'nowhere.json'],
  ['run good.yaml --input @list.json', 'object'],
  ['run good.yaml --input @broken.json', 'broken.json', 'JSON'],
  ['run good.yaml --input name=12345678901234567890', '2^53'],
  [`run good.yaml --input name=${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'nested more than 64'],
  ['run good.yaml --id a*b', 'a*b'],
  ['run good.yaml --from b', 'no task "b"', 'a'],
  ['run loop.yaml', '--from', 'a'],
  ['run shell.yaml', '--allow-shell'],
  ['run own.yaml', 'mine.action', '--actions'],
  ['run own.yaml --actions nowhere.mjs', 'nowhere.mjs'],
  ['run own.yaml --actions empty-module.mjs', 'defineAction'],
  ['run own.yaml --actions broken-module.mjs', 'broken-module.mjs'],
  ['run parent.yaml', 'missing-child.yaml', 'sub-workflow'],
  ['run good.yaml --db not-a-store.db', 'not-a-store.db'],
  ['run good.yaml --db nowhere/pawl.db', 'nowhere'],
  ['check', 'file'],
  ['check nowhere.yaml', 'nowhere.yaml'],
  ['runs', 'no store file'],
  ['show', 'run'],
  ['show x', 'no store file'],
  ['show x --db not-a-store.db', 'not-a-store.db'],
  ['runs --db :memory:', ':memory:'],
  ['resume x --db good.db', 'no run'],
  ['show x --db good.db', 'no run "x"', 'pawl runs'],
  ['show a*b --db good.db', 'a*b'],
  ['history x --db good.db', 'no run'],
  ['logs x a --db good.db', 'no run'],
  ['logs r nothing --db good.db', 'no task "nothing"', 'a'],
  ['logs r a --item -1 --db good.db', 'whole number'],
  ['signal x go --db good.db', 'no run'],
  ['signal r go {bad --db good.db', 'JSON'],
  ['signal r go --db good.db', 'ended'],
  ['answer r a --db good.db', 'json'],
  ['answer r a yes --db good.db', 'JSON', 'quotes'],
  ['answer r a true --db good.db', 'no task of it waits'],
  ['pause r --db good.db', 'ended'],
  ['cancel r --db good.db', 'ended'],
  ['terminate r --db good.db', 'ended'],
  ['rerun r --db good.db', 'no task of the run failed'],
  ['rerun r --task b --db good.db', 'b'],
  ['backup good.db --db good.db', 'good.db'],
  ['backup copy.db --db nowhere.db', 'nowhere.db'],
];

describe('given a command line that is wrong', () => {
  beforeAll(async () => {
    const { code, text } = await run(['run', 'good.yaml', '--db', 'good.db', '--id', 'r', '--input', 'name=x']);
    expect(code, text).toBe(0);
  });

  it.each(lines.map(([line, ...says]) => ({ line, says })))(
    'when it is `pawl $line`, then the answer says what and how',
    async ({ line, says }) => {
      const answer = await run(line.split(' '));
      expect(answer.code, answer.text).toBe(2);
      for (const word of says) expect(answer.text).toContain(word);
      expect(answer.text).not.toMatch(/\n\s+at /);
    },
  );

  it('when the same id is started with another input, then it is a conflict', async () => {
    const answer = await run(['run', 'good.yaml', '--db', 'good.db', '--id', 'r', '--input', 'name=y']);
    expect(answer).toMatchObject({ code: 2, text: expect.stringContaining('started before') });
  });

  it('when the same id is started with the same input, then it attaches', async () => {
    const answer = await run(['run', 'good.yaml', '--db', 'good.db', '--id', 'r', '--input', 'name=x', '--json']);
    expect(answer.code, answer.text).toBe(0);
  });

  it('when JSON is asked for, then the error is JSON', async () => {
    const answer = await run(['show', 'x', '--db', 'good.db', '--json']);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'not_found' } });
  });
});
