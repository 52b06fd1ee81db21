/** The deploy gate: recorded runs against the code of files, by the command line. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createColors } from 'picocolors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { createPawl, type Pawl, type RunContext, workflow } from '../../src/index.ts';
import { root } from '../page.ts';

let folder: string;
let pawl: Pawl | undefined;
const did: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pawl-gate-'));
  did.length = 0;
});
afterEach(async () => {
  await pawl?.close();
  pawl = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string): string => join(folder, name);

const order = workflow('order', async (run: RunContext, { id }: { id: string }) => {
  await run.step('charge', () => void did.push(id));
  await run.signal('packed');
  return run.step('ship', () => 'shipped');
});

/** A store with so many orders that wait to be packed, and the first of them packed. */
async function stored(orders: number, packed = 0): Promise<Pawl> {
  pawl = await createPawl({ path: path('runs.sqlite'), workflows: [order], listen: false, synchronous: 'normal' });
  const owner = pawl;
  const ids = Array.from({ length: orders }, (_, number) => `order-${number}`);
  await Promise.all(ids.map((id) => owner.start(order, { id }, { id })));
  for (const id of ids.slice(0, packed)) await owner.handle(id).signal('packed');
  await Promise.all(ids.slice(0, packed).map((id) => owner.handle(id).result()));
  while (did.length < orders) await new Promise((resolve) => setImmediate(resolve));
  await owner.engine.settled();
  return owner;
}

/** A file with functions of these names and bodies. */
function code(
  name: string,
  ...functions: readonly (readonly [name: string, body: string, options?: string])[]
): string {
  const made = functions.map(
    ([called, body, options = '{}'], number) =>
      `export const f${number} = workflow(${JSON.stringify(called)}, async (run, input) => {\n${body}\n}, ${options});`,
  );
  writeFileSync(
    path(name),
    `import { workflow } from ${JSON.stringify(join(root, 'src/index.ts'))};\n${made.join('\n')}\n`,
  );
  return path(name);
}

const same = `
  await run.step('charge', () => { throw new Error('executed'); });
  await run.signal('packed');
  return run.step('ship', () => { throw new Error('executed'); });`;
const wrapped = `
  await run.step('wrap', () => { throw new Error('executed'); });
  await run.signal('packed');`;

async function gate(...args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const exit = await main(['check-replay', ...args], {
    out: (line) => void out.push(line),
    say: (line) => void err.push(line),
    write: (text) => void out.push(text),
    isLive: false,
    width: 100,
    color: createColors(false),
  });
  return { exit, out: out.join('\n'), err: err.join('\n') };
}

const db = (): string[] => ['--store', path('runs.sqlite')];

describe('given a store whose owner drives open runs', () => {
  it('when the code is the same, then all go on and nothing is executed', async () => {
    await stored(3);
    const { exit, out } = await gate(code('same.mts', ['order', same]), ...db());
    expect([exit, out]).toEqual([0, '3 runs checked: all go on']);
    expect(did).toHaveLength(3);
  });

  it('when a step was renamed, then the runs that would stand still are named once, with both calls and the line', async () => {
    await stored(5);
    const file = code('new.mts', ['order', wrapped]);
    const { exit, out } = await gate(file, ...db());
    expect(exit).toBe(1);
    expect(out.split('\n')).toEqual([
      'order  order-0, order-1, order-2 and 2 more',
      '  call 0 was the step "charge"',
      `  now it is the step "wrap"  ${file}:4`,
      '  put the code back, or let it ask `run.patched` which way to go',
      '',
      '5 of 5 runs would stand still',
    ]);
  });

  it('when asked for JSON, then each such run is a line, and the last is the count', async () => {
    await stored(2);
    const { exit, out } = await gate(code('new.mts', ['order', wrapped]), ...db(), '--json');
    const lines = out.split('\n').map((line) => JSON.parse(line));
    expect(exit).toBe(1);
    expect(lines).toMatchObject([
      { run: 'order-0', workflow: 'order', ok: false, at: 0, recorded: { kind: 'step', name: 'charge' } },
      { run: 'order-1', called: { kind: 'step', name: 'wrap' }, place: expect.stringMatching(/new\.mts:4$/) },
      { checked: 2, broken: 2, unreadable: 0, withoutCode: [] },
    ]);
  });

  it('when some have ended, then those are checked only where that is asked', async () => {
    await stored(4, 3);
    const file = code('same.mts', ['order', same]);
    expect((await gate(file, ...db())).out).toContain('1 run checked');
    expect((await gate(file, ...db(), '--ended')).out).toContain('4 runs checked');
    const shorter = code('shorter.mts', ['order', `await run.step('charge', () => {}); await run.signal('packed');`]);
    expect((await gate(shorter, ...db())).exit).toBe(0);
    expect((await gate(shorter, ...db(), '--ended')).out).toContain('3 of 4 runs would stand still');
  });

  it('when a sample is asked for, then so many are checked', async () => {
    await stored(40);
    const file = code('same.mts', ['order', same]);
    expect((await gate(file, ...db(), '--sample', '7')).out).toBe('7 runs checked: all go on');
    expect((await gate(file, ...db(), '--sample', '70')).out).toBe('40 runs checked: all go on');
  });

  it('when there are more than a page of runs, then all are checked', async () => {
    await stored(450);
    expect((await gate(code('same.mts', ['order', same]), ...db())).out).toBe('450 runs checked: all go on');
  });

  it('when functions print while they are replayed, then that is not the answer of the command', async () => {
    await stored(1);
    const { out, err } = await gate(code('prints.mts', ['order', `console.log('hello');${same}`]), ...db(), '--json');
    expect(JSON.parse(out)).toMatchObject({ checked: 1 });
    expect(err).toContain('hello');
  });

  it('when runs of other functions and of documents are in the store, then the first are said to be unchecked and the others need no check', async () => {
    const owner = await stored(1);
    await owner.start(workflow('other', async (run) => run.signal('never')));
    const flow = 'version: 1.0\ntasks:\n  wait: { action: core.receive, input: { signal: never } }\n';
    await owner.start(owner.workflow(flow, 'flow'));
    const { exit, out, err } = await gate(code('same.mts', ['order', same]), ...db());
    expect([exit, out]).toEqual([0, '1 run checked: all go on']);
    expect(err).toBe('not checked: 1 run of "other", which no file exports');
    expect((await gate(path('same.mts'), ...db(), '--workflow', 'order')).err).toBe('');
  });

  it('when runs began with a version that no file exports any more, then they would stand still', async () => {
    await stored(1);
    const { exit, out } = await gate(code('v2.mts', ['order', same, `{ version: '2' }`]), ...db());
    expect(exit).toBe(1);
    expect(out).toMatch(/began with version \S+, which no file exports/);
    const both = code('both.mts', ['order', same], ['order', wrapped, `{ version: '2' }`]);
    expect((await gate(both, ...db())).exit).toBe(0);
  });
});

describe('given a store with damaged rows', () => {
  it.each([
    ['a history', "UPDATE journal SET events = events || ' ' WHERE run = (SELECT key FROM runs WHERE id = 'order-1')"],
    ['the row of a run', "UPDATE runs SET status = 'odd' WHERE id = 'order-1'"],
  ])(
    'when %s is damaged, then the other runs are checked, and that one is said to be unreadable',
    async (_what, sql) => {
      await (await stored(3)).close();
      const file = new DatabaseSync(path('runs.sqlite'));
      file.exec(sql);
      file.close();
      const { exit, out } = await gate(code('same.mts', ['order', same]), ...db());
      expect(exit).toBe(1);
      expect(out).toMatch(/damaged {2}order-1/);
      expect(out).toMatch(/1 could not be read\n2 runs checked: all go on$/);
      const { out: json } = await gate(path('same.mts'), ...db(), '--json');
      expect(JSON.parse(json.split('\n').at(-1) ?? '')).toMatchObject({ checked: 2, broken: 0, unreadable: 1 });
    },
  );
});

describe('given a run that began anew', () => {
  it('when its code is checked, then what it did before does not count', async () => {
    pawl = await createPawl({ path: path('runs.sqlite'), listen: false, synchronous: 'normal' });
    const rounds = workflow('rounds', async (run, { round }: { round: number }) => {
      await run.step(round === 0 ? 'first' : 'later', () => void did.push('x'));
      if (round < 3) await run.continueAsNew({ round: round + 1 });
      await run.signal('go');
    });
    await pawl.start(rounds, { round: 0 }, { id: 'one' });
    while (did.length < 4) await new Promise((resolve) => setImmediate(resolve));
    await pawl.engine.settled();
    const body = (name: string) => `await run.step('${name}', () => {}); await run.signal('go');`;
    expect((await gate(code('later.mts', ['rounds', body('later')]), ...db())).out).toBe('1 run checked: all go on');
    expect((await gate(code('other.mts', ['rounds', body('other')]), ...db())).out).toContain(
      'call 0 was the step "later"',
    );
    writeFileSync(path('history.json'), JSON.stringify(await pawl.handle('one').history()));
    expect((await gate(path('later.mts'), '--history', path('history.json'))).exit).toBe(0);
  });
});

describe('given histories in files', () => {
  const exported = async (lines: boolean): Promise<string> => {
    const owner = await stored(1);
    const history = await owner.handle('order-0').history();
    const text = lines
      ? history.map((event, index) => JSON.stringify({ revision: index + 1, ...event })).join('\n')
      : JSON.stringify(history);
    writeFileSync(path('history.json'), text);
    return path('history.json');
  };

  it.each([true, false])('when they are checked (as lines: %s), then no store is needed', async (lines) => {
    const file = await exported(lines);
    expect((await gate(code('same.mts', ['order', same]), '--history', file)).out).toBe('1 run checked: all go on');
    const { exit, out } = await gate(code('new.mts', ['order', wrapped]), '--history', file);
    expect(exit).toBe(1);
    expect(out).toContain('call 0 was the step "charge"');
  });

  it.each([
    ['is not there', undefined, /cannot read .*: there is no such file/],
    ['is empty', '', /it is empty/],
    ['is not JSON', '{"revision":1', /line 1 is not JSON/],
    [
      'breaks off in a line',
      '{"revision":1,"type":"RunStarted","at":1,"workflow":"order","version":"v","style":"function","seed":1,"input":{},"iterationsMax":9}\n\n{"rev',
      /line 3 is not JSON/,
    ],
    ['is a list of something else', '[1, 2]', /event 1 is not a JSON object/],
    [
      'has events of a newer version',
      '[{"type":"RunDreamt","at":1}]',
      /event 1 has the type "RunDreamt", which is none/,
    ],
    ['lacks its beginning', '{"revision":5,"type":"RunPaused","at":1}', /event 1 is number 5 of its history/],
    [
      'lacks a field',
      '[{"type":"RunStarted","at":1,"workflow":"order"}]',
      /event 1 \(RunStarted\) needs "style" to be a string/,
    ],
    [
      'cannot have happened',
      '[{"type":"RunStarted","at":1,"workflow":"order","version":"V","style":"function","seed":1,"input":{},"iterationsMax":9},{"type":"TaskEnded","at":1,"task":7,"outcome":{"status":"succeeded","output":1}}]',
      /event 2 \(TaskEnded\) cannot follow/,
    ],
    [
      'is one of a flow',
      '[{"type":"RunStarted","at":1,"workflow":"order","version":"v","style":"flow","seed":1,"input":{},"iterationsMax":9}]',
      /history of a flow/,
    ],
    [
      'is one of another function',
      '[{"type":"RunStarted","at":1,"workflow":"trip","version":"v","style":"function","seed":1,"input":{},"iterationsMax":9}]',
      /history of "trip", which no file exports; they export order/,
    ],
  ])('when one %s, then that is said and nothing is checked', async (_what, text, message) => {
    const owner = await stored(1);
    const version = (await owner.handle('order-0').state()).version;
    if (text !== undefined) writeFileSync(path('bad.json'), text.replace('"V"', JSON.stringify(version)));
    const { exit, err } = await gate(code('same.mts', ['order', same]), '--history', path('bad.json'));
    expect(exit).toBe(2);
    expect(err).toMatch(message);
  });
});

describe('given a command line that cannot be carried out', () => {
  it.each([
    ['the code file is not there', () => [path('none.mts'), ...db()], /no such file/],
    ['it exports no function', () => [code('none.mts'), ...db()], /exports no workflow/],
    [
      'the store is not there',
      () => [code('same.mts', ['order', same]), '--store', path('none.sqlite')],
      /there is no store file/,
    ],
    [
      'the workflow is not in the code',
      () => [code('same.mts', ['order', same]), ...db(), '--workflow', 'trip'],
      /no file exports a function "trip"; they export order/,
    ],
    [
      'two functions have one name',
      () => [code('two.mts', ['order', same], ['order', wrapped]), ...db()],
      /give one of them a version of its own/,
    ],
    ['the sample is none', () => [code('same.mts', ['order', same]), ...db(), '--sample', '0'], /whole number from 1/],
    ['no file is given', () => [...db()], /missing required argument/],
  ])('when %s, then that is said with exit code 2', async (_what, args, message) => {
    const { exit, err } = await gate(...args());
    expect(exit).toBe(2);
    expect(err).toMatch(message);
  });
});
