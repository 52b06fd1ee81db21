/** `pawl plan`, `pawl graph`, and workflows from TypeScript files, as users call them. */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ExecutionPlan } from '../../src/definition/index.ts';
import { inFolder, pawl } from './pawl-process.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.yaml'));
const loops: ReadonlySet<string> = new Set(['conditional-loop.yaml', 'monitoring-loop.yaml', 'retry-with-cycle.yaml']);

/** A folder with the examples, and `pawl` as a package of its modules. */
function inProject(work: (folder: string) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    const isSource = (path: string): boolean => !/[\\/]out([\\/]|$)/.test(path.slice(root.length));
    cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true, filter: isSource });
    mkdirSync(join(folder, 'node_modules/pawl'), { recursive: true });
    writeFileSync(
      join(folder, 'node_modules/pawl/package.json'),
      '{"name":"pawl","type":"module","exports":"./index.mjs"}',
    );
    writeFileSync(
      join(folder, 'node_modules/pawl/index.mjs'),
      `export * from ${JSON.stringify(join(root, 'src/index.ts'))};\n`,
    );
    await work(folder);
  });
}

describe('given each example', () => {
  it.each(examples)('when %s is planned, then it gets a table and bars, or the loop that stands in the way', (name) =>
    inProject(async (cwd) => {
      const { code, out, err } = await pawl(['plan', `examples/${name}`], { cwd });

      if (loops.has(name)) {
        expect(code).toBe(2);
        expect(err).toMatch(/goes round in a loop \(\w+ -> /);
        return;
      }
      expect(code, err).toBe(0);
      expect(out).toMatch(/^STAGE +TASK +NEEDS +ESTIMATE +START +SLACK$/m);
      expect(out).toMatch(/^duration +\?$/m);
      expect(out).toContain('█');
      expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    }),
  );

  it.each(examples)('when %s is drawn, then every format has all its tasks', (name) =>
    inProject(async (cwd) => {
      const tasks = [...readFileSync(join(cwd, 'examples', name), 'utf8').matchAll(/^ {2}(\w+):\n {4}\w/gm)].map(
        ([, task]) => task!,
      );
      expect(tasks.length).toBeGreaterThan(1);
      for (const format of ['text', 'svg', 'mermaid', 'dot', 'json']) {
        const { code, out, err } = await pawl(['graph', `examples/${name}`, '--format', format], { cwd });
        expect(code, err).toBe(0);
        for (const task of tasks) expect(out).toContain(task);
      }
    }),
  );
});

describe('given earlier runs of an example', () => {
  it('when it is planned with their file, then estimates come from them, and it says from how many', () =>
    inProject(async (cwd) => {
      for (const id of ['one', 'two'])
        expect((await pawl(['run', 'examples/etl.yaml', '--id', id], { cwd })).code).toBe(0);

      const { out } = await pawl(['plan', 'examples/etl.yaml', '--db', 'pawl.db', '--quantile', 'p90'], { cwd });
      const told = JSON.parse(
        (await pawl(['plan', 'examples/etl.yaml', '--db', 'pawl.db', '--workers', '1', '--json'], { cwd })).out,
      ) as ExecutionPlan & { runs: number; estimates: { [task: string]: { count: number } } };

      expect(out).toMatch(/^estimates +p90 of 2 earlier runs in pawl\.db, for 5 tasks$/m);
      expect(out).toMatch(/^no estimate +too_few_rows/m);
      expect(told).toMatchObject({ runs: 2, workers: 1, quantile: 'p50', unknown: ['too_few_rows'] });
      expect(told.estimates.clean).toMatchObject({ count: 2 });
      expect(told.atLeastMs).toBeGreaterThan(0);
    }));

  it('when a run is drawn, then its tasks say how they stand, and the ways it went are marked', () =>
    inProject(async (cwd) => {
      await pawl(['run', 'examples/failure-recovery.yaml', '--id', 'f'], { cwd });
      await pawl(['run', 'examples/conditional-loop.yaml', '--id', 'c'], { cwd });

      expect((await pawl(['graph', 'f'], { cwd })).out).toMatch(
        /✗ read_prices[\s\S]*✓ read_fallback[\s\S]*✗ deliver\s[\s\S]*3 tries/,
      );
      expect((await pawl(['graph', 'c', '--ascii'], { cwd })).out).toMatch(/\+ page \(loop\)[\s\S]*7 times/);
      const drawn = JSON.parse((await pawl(['graph', 'f', '--format', 'json'], { cwd })).out) as {
        edges: { from: string; to: string; taken: boolean }[];
      };
      expect(drawn.edges.map(({ from, to, taken }) => `${from} ${to} ${taken}`)).toEqual([
        'read_prices total false',
        'read_prices read_fallback true',
        'read_fallback total true',
        'total deliver true',
      ]);
    }));
});

describe('given a dependency graph that adds, skips and undoes tasks', () => {
  it('when its run is drawn, then each of these stands where it came from', () =>
    inProject(async (cwd) => {
      const echo = 'action: core.echo, input: {message: x}';
      const tasks = [
        `a: {${echo}, compensate: {action: core.echo, input: {message: undo}}}`,
        `maybe: {needs: [a], when: "<% ctx(deep) %>", ${echo}}`,
        `grow: {needs: [a], ${echo}, expand: '<% [{name => extra, before => [bad]}] %>'}`,
        'bad: {needs: [grow], action: core.script, input: {module: nowhere.ts}}',
        'last: {needs: [bad], action: core.noop}',
      ];
      const head = 'version: 1.0\nfailure: skip\ninput: [deep: false]\ntasks:\n';
      writeFileSync(join(cwd, 'all.yaml'), head + tasks.map((line) => `  ${line}\n`).join(''));
      expect((await pawl(['run', 'all.yaml', '--id', 'all'], { cwd })).code).toBe(1);

      const { out } = await pawl(['graph', 'all', '--format', 'json'], { cwd });
      const { nodes, edges } = JSON.parse(out) as {
        nodes: { id: string; status: string }[];
        edges: { from: string; to: string; taken: boolean }[];
      };

      expect(nodes.map(({ id, status }) => `${id} ${status}`)).toEqual([
        'a succeeded',
        'maybe skipped',
        'grow succeeded',
        'bad failed',
        'last skipped',
        'extra succeeded',
        'undo a succeeded',
      ]);
      expect(edges.filter(({ taken }) => taken).map(({ from, to }) => `${from} > ${to}`)).toEqual([
        'a > grow',
        'grow > bad',
        'grow > extra',
        'extra > bad',
        'a > undo a',
      ]);
    }));
});

describe('given a drawing that goes to a file', () => {
  it.each([
    ['a.svg', '<svg '],
    ['a.mmd', 'flowchart TD'],
    ['a.dot', 'digraph '],
    ['a.json', '{"'],
    ['a.txt', '╭'],
  ])('when it is called %s, then it begins with %s', (name, beginning) =>
    inProject(async (cwd) => {
      const { code, out, err } = await pawl(['graph', 'examples/etl.yaml', '--out', name], { cwd });

      expect({ code, out }, err).toEqual({ code: 0, out: '' });
      expect(readFileSync(join(cwd, name), 'utf8').trimStart().startsWith(beginning)).toBe(true);
    }),
  );
});

describe('given arguments that cannot be meant', () => {
  it.each([
    [['graph', 'nothing.yaml'], /cannot read nothing\.yaml: there is no such file/],
    [['graph', 'no-such-run'], /there is no file "no-such-run" to draw.*--db/],
    [['graph', 'what is this'], /not the id of a run/],
    [['graph', 'examples/etl.yaml', '--format', 'png'], /--format png: write one of text, svg, mermaid, dot, json/],
    [['graph', 'examples/etl.yaml', '--theme', 'pink'], /--theme pink: write one of auto, light, dark/],
    [['graph', 'examples/etl.yaml', '--direction', 'up'], /--direction up: write one of down, right/],
    [['graph', 'examples/etl.yaml', '--direction', 'right'], /text is drawn downwards/],
    [['graph', 'examples/etl.yaml', '--out', 'a.png'], /--out a\.png: the name does not say which format/],
    [['graph', 'examples/etl.yaml', '--out', 'no/such/folder.svg'], /--out no\/such\/folder\.svg: /],
    [['graph', 'examples/etl.yaml', '--workflow', 'x'], /is a document and holds one workflow/],
    [['plan', 'examples/etl.yaml', '--quantile', 'p75'], /"p75" is no quantile that is kept/],
    [['plan', 'examples/etl.yaml', '--workers', '0'], /write a whole number from 1/],
    [['plan', 'examples/etl.yaml', '--db', 'none.db'], /there is no store file none\.db/],
    [['plan', 'nothing.ts'], /cannot read nothing\.ts: there is no such file/],
    [['plan', 'examples/data'], /it is a folder/],
  ])('when it is pawl %j, then it says %s and leaves with 2', (args, message) =>
    inProject(async (cwd) => {
      const { code, out, err } = await pawl(args, { cwd });

      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(message);
      expect(err).not.toMatch(/^ +at /m);
    }),
  );
});

const greet = `import { dag } from 'pawl';
interface Greeting { readonly to: string }
export const greet = dag('greet')
  .task('prepare', { run: (): Greeting => ({ to: 'you' }), estimate: '2s' })
  .task('write', { needs: ['prepare'], run: ({ prepare }) => 'Hello ' + prepare.to, estimate: '3s' });
`;

describe('given a workflow in a TypeScript file', () => {
  it('when it is checked, planned, drawn and run, then each takes it', () =>
    inProject(async (cwd) => {
      writeFileSync(join(cwd, 'greet.ts'), greet);

      expect(await pawl(['check', 'greet.ts'], { cwd })).toMatchObject({ code: 0, out: 'greet.ts is valid\n' });
      expect((await pawl(['plan', 'greet.ts'], { cwd })).out).toMatch(/^duration +5\.0 s$/m);
      expect((await pawl(['graph', 'greet.ts'], { cwd })).out).toMatch(/prepare[\s\S]*write/);
      const run = await pawl(['run', 'greet.ts', '--id', 'g', '--input', 'anything=1'], { cwd });
      expect(run.code, run.err).toBe(0);
      expect(JSON.parse(run.out)).toEqual({ write: 'Hello you' });
      expect((await pawl(['graph', 'g'], { cwd })).out).toMatch(/✓ prepare[\s\S]*✓ write/);
      expect((await pawl(['plan', 'greet.ts', '--db', 'pawl.db'], { cwd })).out).toMatch(/p50 of 1 earlier run/);
    }));

  it('when its run was left to others, then `resume` needs the file, and says so', () =>
    inProject(async (cwd) => {
      writeFileSync(join(cwd, 'greet.mts'), greet);
      await pawl(['run', 'greet.mts', '--id', 'g', '--detach'], { cwd });

      const without = await pawl(['resume', 'g'], { cwd });
      const withIt = await pawl(['resume', 'g', '--workflows', 'greet.mts'], { cwd });

      expect(without.code).toBe(1);
      expect(without.err).toContain('--workflows');
      expect(withIt.code, withIt.err).toBe(0);
      expect(JSON.parse(withIt.out)).toEqual({ write: 'Hello you' });
    }));

  it('when it exports several, then `--workflow` chooses; one that is exported twice counts once', () =>
    inProject(async (cwd) => {
      const more =
        "export const other = dag('other').task('only', { run: () => 1 });\nexport default [greet, other.build()];\n";
      writeFileSync(join(cwd, 'several.ts'), greet + more);

      const open = await pawl(['run', 'several.ts'], { cwd });
      const wrong = await pawl(['run', 'several.ts', '--workflow', 'third'], { cwd });
      const other = await pawl(['run', 'several.ts', '--workflow', 'other'], { cwd });

      expect(open).toMatchObject({
        code: 2,
        err: expect.stringMatching(/2 workflows; choose with --workflow NAME: .*greet/),
      });
      expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('no workflow "third"') });
      expect(JSON.parse(other.out)).toEqual({ only: 1 });
    }));

  it.each([
    ['has no workflow', 'export const x = 1;', /exports no workflow/],
    ['is no TypeScript', 'export const = 1;', /could not be loaded: /],
    ['uses what would have to be compiled', 'export enum Colour { red }', /Types are stripped, not compiled/],
    ['throws', "throw new Error('not today');", /could not be loaded: not today/],
    [
      'builds a graph with faults',
      "import { dag } from 'pawl';\nexport const x = dag('x').task('a', { needs: ['b', 'c'] as never, run: () => 1 });",
      /x\.ts: The task "a" needs "b"[\s\S]*x\.ts: The task "a" needs "c"/,
    ],
  ])('when it %s, then every command says so in a sentence', (_what, text, message) =>
    inProject(async (cwd) => {
      writeFileSync(join(cwd, 'x.ts'), text);
      for (const command of ['check', 'plan', 'graph', 'run']) {
        const { code, err } = await pawl([command, 'x.ts'], { cwd });
        expect(code).toBe(2);
        expect(err).toMatch(message);
        expect(err).not.toMatch(/^ +at /m);
      }
      expect(existsSync(join(cwd, 'pawl.db'))).toBe(false);
    }),
  );
});
