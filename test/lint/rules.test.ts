import { Linter } from 'eslint';
import { describe, expect, it } from 'vitest';
import plugin from '../../src/lint/index.ts';
import { typedParser } from './typed-parser.ts';

const linter = new Linter();

type Rule = 'no-outside-world' | 'await-run-only';

/** What the rule says of a file: the line, and what stands in quotes; the same from the tree of a parser for TypeScript. */
function said(rule: Rule, code: string, options: object = {}): string[] {
  const plain = saidOf(rule, code, options);
  expect(saidOf(rule, code, options, typedParser)).toEqual(plain);
  return plain;
}

function saidOf(rule: Rule, code: string, options: object = {}, parser?: Linter.Parser): string[] {
  const messages = linter.verify(code, {
    languageOptions: { sourceType: 'module', ecmaVersion: 2025, ...(parser === undefined ? {} : { parser }) },
    plugins: { pawl: plugin },
    rules: { [`pawl/${rule}`]: ['error', options] },
  });
  for (const message of messages) expect(message.fatal, message.message).not.toBe(true);
  return messages.map(({ line, message }) => {
    const quoted = [...message.matchAll(/"([^"]*)"/g)].map((match) => match[1]);
    return `${line}: ${rule === 'no-outside-world' ? quoted[0] : quoted[1]}`;
  });
}

const head = "import { workflow, defineAction } from 'pawl';\n";
const inBody = (body: string): string => `${head}workflow('w', async (run, input) => {\n${body}\n});`;

describe('given a durable function', () => {
  it.each<[code: string, what: string]>([
    ['const at = Date.now();', 'Date.now'],
    ['const at = new Date();', 'new Date()'],
    ['const at = new Date;', 'new Date'],
    ['const at = Date();', 'Date()'],
    ['const at = globalThis.Date.now();', 'globalThis.Date.now'],
    ["const at = Date['now']();", "Date['now']"],
    ['const { now } = Date; const at = now();', 'now'],
    ['const at = performance.now();', 'performance.now'],
    ['const at = process.hrtime.bigint();', 'process.hrtime.bigint'],
    ['const at = Temporal.Now.instant();', 'Temporal.Now.instant'],
    ['const n = Math.random();', 'Math.random'],
    ['const f = Math.random; f();', 'Math.random'],
    ['items.sort(() => Math.random() - 0.5);', 'Math.random'],
    ['const id = crypto.randomUUID();', 'crypto.randomUUID'],
    ['const id = globalThis.crypto.getRandomValues(x);', 'globalThis.crypto.getRandomValues'],
    ['setTimeout(() => {}, 5);', 'setTimeout'],
    ['setInterval(tick, 5);', 'setInterval'],
    ['const signal = AbortSignal.timeout(5);', 'AbortSignal.timeout'],
    ['process.nextTick(() => {});', 'process.nextTick'],
    ["const page = await fetch('https://x');", 'fetch'],
    ["const load = fetch; load('https://x');", 'fetch'],
    ['const ws = new WebSocket(url);', 'WebSocket'],
    ['const level = process.env.LEVEL;', 'process.env.LEVEL'],
    ['process.exit(1);', 'process.exit'],
    ["const fs = await import('node:fs');", ''],
    ['if (a) { for (const b of c) { b(() => Date.now()); } }', 'Date.now'],
    [`const text = \`at \${Date.now()}\`;`, 'Date.now'],
    ['const o = { at: Date.now() };', 'Date.now'],
    ['await run.all([() => run.step("a", () => 1), async () => Math.random()]);', 'Math.random'],
    ['await run.map(items, (item) => run.task("a", { at: Date.now() }));', 'Date.now'],
    ['run.compensate(() => fetch(url));', 'fetch'],
    ['await run.shield(async () => { Date.now(); });', 'Date.now'],
    ['await run.waitUntil(() => Date.now() > input.at);', 'Date.now'],
    ["await run.step('a', () => 1, { timeout: Math.random() });", 'Math.random'],
    ['run.update("u", { handle: () => Math.random() });', 'Math.random'],
    ['run?.step("a", () => 1); Date?.now();', 'Date?.now'],
  ])('when %j stands in it, then that is found', (code, what) => {
    expect(said('no-outside-world', inBody(code))).toEqual(what === '' ? [] : [`3: ${what}`]);
  });

  it.each([
    'const at = run.now;',
    'const at = new Date(run.now); const n = run.random(); const id = run.uuid();',
    'const day = new Date(input.at).getTime(); Date.parse(x); Date.UTC(2030, 1);',
    'const top = Math.max(1, 2); const f = Math.floor;',
    "await run.step('a', () => Date.now());",
    "await run.step('a', async () => { const x = await fetch(u); setTimeout(() => Math.random(), 5); return process.env.X; });",
    "await run.step('a', async function () { return Math.random(); }, { timeout: '3s' });",
    "await run.step('a', () => 1, { effect: 'once', verify: async () => fetch(u) });",
    "run.query('age', () => Date.now() - started);",
    'await run.transaction((sql) => { sql.run("x", [Date.now()]); });',
    "await run.all([() => run.step('a', () => Math.random())]);",
    'const Date = { now: () => 4 }; Date.now();',
    'const random = () => 4; random(); const Math = { random }; Math.random();',
    'const fetch = (x) => run.task("get", x); await fetch(1);',
    'const o = { now: 1, setTimeout: 2, fetch }; let fetch;',
    'let count = 0; count += 1; const list = []; list.push(count);',
    'console.log("again"); structuredClone({}); new URL("https://x"); new AbortController();',
    'input.process; input.fetch(); input.Date.now();',
  ])('when %j stands in it, then nothing is said', (code) => {
    expect(said('no-outside-world', inBody(code))).toEqual([]);
  });

  it.each<[imported: string, code: string, what: string[]]>([
    ["import fs from 'node:fs';", 'fs.readFileSync(p);', ['4: fs.readFileSync']],
    ["import * as fs from 'fs';", 'fs.promises.readFile(p);', ['4: fs.promises.readFile']],
    ["import { readFile as read } from 'fs/promises';", 'await read(p);', ['4: read']],
    ["import { setTimeout as delay } from 'node:timers/promises';", 'await delay(5);', ['4: delay']],
    ["import { randomUUID, createHash } from 'node:crypto';", 'createHash("sha1"); randomUUID();', ['4: randomUUID']],
    ["import crypto from 'node:crypto';", 'crypto.createHash("sha1"); crypto.randomInt(4);', ['4: crypto.randomInt']],
    ["import { v4, validate } from 'uuid';", 'validate(x); v4();', ['4: v4']],
    ["import { nanoid } from 'nanoid';", 'nanoid();', ['4: nanoid']],
    ["import { exec } from 'node:child_process';", 'items.map(exec);', ['4: exec']],
    ["import { env } from 'node:process';", 'env.X;', ['4: env.X']],
    ["import os from 'node:os';", 'os.hostname();', ['4: os.hostname']],
    ["import axios from 'axios';", 'await axios.get(u);', ['4: axios.get']],
    ["const { readFileSync } = require('fs');", 'readFileSync(p);', ['4: readFileSync']],
    ["import { join } from 'node:path'; import { z } from 'zod';", 'join(a, b); z.string();', []],
    ["import { readFile } from 'node:fs/promises';", "await run.step('r', () => readFile(p));", []],
    ["import { readFile } from 'node:fs/promises';", "await run.step('r', readFile);", ['4: readFile']],
  ])('when it uses %j by %j, then what reaches outside is found', (imported, code, what) => {
    expect(said('no-outside-world', `${head}${imported}\nworkflow('w', async (run) => {\n${code}\n});`)).toEqual(what);
  });

  it.each<[state: string, code: string, what: string[]]>([
    ['let count = 0;', 'count += 1;', ['4: count']],
    ['let count = 0; export function add() { count++; }', 'return count;', ['4: count']],
    ['let limit = 3;', 'return limit;', []],
    ['const seen = new Set();', 'if (seen.has(1)) return; seen.add(1);', ['4: seen', '4: seen']],
    ['const cache = {};', 'cache[input.id] = 1;', ['4: cache']],
    ['const state = { n: 0 };', 'state.n++;', ['4: state']],
    ['const table = { a: 1 }; const list = [1, 2];', 'return table.a + list.map((x) => x)[0] + list.length;', []],
    ['const seen = new Set();', "await run.step('s', () => seen.add(1));", []],
    ['const shop = {}; delete shop.x;', 'return shop.y;', ['4: shop']],
  ])('when the module has %j and it does %j, then state that changes is found', (state, code, what) => {
    expect(said('no-outside-world', `${head}${state}\nworkflow('w', async (run, input) => {\n${code}\n});`)).toEqual(
      what,
    );
  });

  it.each<[code: string, what: string[]]>([
    ["const body = async (run) => { Date.now(); };\nworkflow('w', body);", ['2: Date.now']],
    ["async function body(run) { Date.now(); }\nworkflow('w', body, { version: '2' });", ['2: Date.now']],
    ["workflow('w', { version: '2' }, async (run) => { Date.now(); });", ['2: Date.now']],
    [
      "workflow('w', async function (context) { await context.step('a', () => Date.now()); Date.now(); });",
      ['2: Date.now'],
    ],
    ["export default [workflow('w', () => Date.now())];", ['2: Date.now']],
    ["function today() { return new Date(); }\nworkflow('w', () => today());", ['2: new Date()']],
    [
      "const a = () => b();\nconst b = () => c();\nfunction c() { return Math.random() + a(); }\nworkflow('w', () => a());",
      ['4: Math.random'],
    ],
    [
      "function once() { return new Date(); }\nworkflow('v', () => once());\nworkflow('w', () => once());",
      ['2: new Date()'],
    ],
    [
      "const clock = { now: () => Date.now(), zone: () => process.env.TZ };\nworkflow('w', () => clock.now());",
      ['2: Date.now'],
    ],
    ["const pick = () => Math.random();\nworkflow('w', (run) => [1].map(pick));", ['2: Math.random']],
    ["const pick = () => Math.random();\nworkflow('w', (run) => run.step('pick', pick));", []],
    ["const pick = (run) => run.step('pick', () => Math.random());\nworkflow('w', (run) => pick(run));", []],
    ["const pick = (n, r) => r.step('pick', () => Math.random());\nworkflow('w', (run) => pick(1, run));", []],
    [
      "const pick = (r) => inner(r);\nconst inner = (q) => q.step('pick', () => Math.random());\nworkflow('w', (run) => pick(run));",
      [],
    ],
    ["const unused = () => Math.random();\nworkflow('w', (run) => 1);\nunused();", []],
    [
      "const act = defineAction({ name: 'a', handler: () => Date.now() });\nworkflow('w', (run) => run.task(act, 1));",
      [],
    ],
    ["workflow('w', (run) => run.task(defineAction({ name: 'a', handler: () => Date.now() }), 1));", []],
    ['Date.now();\nfunction f() { return fetch(u); }', []],
  ])('when the file is %j, then what is run again is looked at, and only that', (code, what) => {
    expect(said('no-outside-world', head + code)).toEqual(what);
  });

  it.each<[imports: string, call: string, found: number]>([
    ["import { workflow as wf } from 'pawl';", 'wf', 1],
    ["import * as pawl from 'pawl';", 'pawl.workflow', 1],
    ["const { workflow } = require('pawl');", 'workflow', 1],
    ["import { workflow } from './other.js';", 'workflow', 0],
    ["import { step as workflow } from 'pawl';", 'workflow', 0],
    ['const workflow = (a, b) => b;', 'workflow', 0],
  ])('when it is made by %j, then it is one where that is Pawl', (imports, call, found) => {
    expect(said('no-outside-world', `${imports}\n${call}('w', () => Date.now());`).length).toBe(found);
  });

  it('when workflow comes from a module of the project that the options name, then it is one', () => {
    const code = "import { workflow } from '#pawl';\nworkflow('w', () => Date.now());";
    expect(said('no-outside-world', code, { modules: ['#pawl'] })).toEqual(['2: Date.now']);
  });

  it('when something is found, then the message says what to use instead, and where it is called from', () => {
    const messages = linter.verify(
      `${head}const f = () => Date.now();\nworkflow('pay', () => f());`,
      plugin.configs.recommended,
    );
    expect(messages.map(({ message }) => message)).toEqual([
      '"Date.now" in the durable function "pay", which calls this: it has gone on when the function is run again; use run.now.',
    ]);
  });
});

describe('given what a durable function awaits', () => {
  it.each<[code: string, what: string]>([
    ['await sendEmail(input);', 'sendEmail(input)'],
    ['await client.orders.get(1);', 'client.orders.get(1)'],
    ['await sendEmail(input).then((x) => x);', 'sendEmail(input).then((x) => x)'],
    ['await new Promise((resolve) => emitter.once("x", resolve));', 'new Promise((resolve) => emitter.once(x'],
    ["await import('./other.js');", 'import('],
    ['const mail = sendEmail(input); await mail;', 'mail'],
    ['await Promise.all([run.task("a", 1), sendEmail(1)]);', ''],
    ['await Promise.all([sendEmail(1), sendEmail(2)]);', 'Promise.all([sendEmail(1), sendEmail(2)])'],
    ['for await (const part of sendEmail(1)) use(part);', 'sendEmail(1)'],
    ['const other = async () => { await sendEmail(1); }; await other();', 'sendEmail(1)'],
    ['await (input.fast ? sendEmail(1) : run.task("a"));', ''],
  ])('when it is %j, then what is no call of run is found', (code, what) => {
    const file = `import { sendEmail, client, emitter } from './mail.js';\n${inBody(code)}`;
    const found = said('await-run-only', file).map((text) => text.replace(/^\d+: /, ''));
    expect(found.length).toBe(what === '' ? 0 : 1);
    if (what !== '') expect(found[0]).toContain(what.slice(0, 30));
  });

  it.each([
    'await run.task("a", 1);',
    'await run.task("a", 1).catch(() => undefined);',
    'const call = run.task("a", 1); await other; await call;',
    'const calls = items.map((item) => run.task("a", item)); await Promise.all(calls);',
    'await Promise.all(items.map((item) => run.task("a", item)));',
    'await Promise.all([run.sleep(1), run.signal("x")]);',
    'await Promise.race([run.sleep(1), run.signal("x")]);',
    'for await (const one of run.signals("x")) use(one);',
    'const { result, cancel } = run.cancelable(() => run.sleep(1)); cancel(); await result;',
    'const part = run.cancelable(() => run.sleep(1)); await part.result;',
    'const ask = async (name) => run.ask(name, "?"); await ask("a");',
    'await helper(run, input);',
    'await steps.charge(run, input);',
    'await input.promise; await null; await Promise.resolve(3);',
    'const plain = async () => 3; await plain();',
    'await run.step("a", async () => { await sendEmail(1); await fetch(u); });',
    'run.query("q", async () => { await sendEmail(1); });',
    'const work = async (r) => { await r.sleep(1); }; await work(run);',
    'await run.all([() => run.task("a"), async () => { await run.sleep(1); }]);',
    'const saga = new Saga(run); await saga.start();',
  ])('when it is %j, then nothing is said', (code) => {
    const file = `import { sendEmail, helper, steps, Saga } from './mail.js';\n${inBody(code)}`;
    expect(said('await-run-only', file)).toEqual([]);
  });

  it('when it is outside of a durable function, then nothing is said', () => {
    expect(said('await-run-only', `${head}await sendEmail(1);\nexport const f = async () => { await g(); };`)).toEqual(
      [],
    );
  });
});

describe('given TypeScript', () => {
  const file = (name: string, code: string) => linter.verify(code, plugin.configs.typescript, { filename: name });

  it('when a file has types, then it is read without them, and every place is where it was', () => {
    const code = `import { type RunContext, workflow } from 'pawl';
interface Order { id: string }
export const order = workflow('order', async (run, order: Order): Promise<number> => {
  const at: number = (Date.now() as number)!;
  return helper(run, at);
});
async function helper(run: RunContext, at: number): Promise<number> {
  return at + Math.random();
}
`;
    expect(file('order.ts', code).map(({ line, column, ruleId }) => [line, column, ruleId])).toEqual([
      [4, 23, 'pawl/no-outside-world'],
      [8, 15, 'pawl/no-outside-world'],
    ]);
  });

  it('when a comment turns the rule off, then it is off', () => {
    const code =
      "import { workflow } from 'pawl';\n// eslint-disable-next-line pawl/no-outside-world\nworkflow('w', () => Date.now() as number);\n";
    expect(file('order.mts', code)).toEqual([]);
  });

  it('when Node could not run it, then the place is said', () => {
    const messages = file('order.ts', "import { workflow } from 'pawl';\n\nenum A { B }\n");
    expect(messages).toEqual([
      expect.objectContaining({ fatal: true, line: 3, message: expect.stringMatching(/enum/) }),
    ]);
  });

  it('when a parser keeps the types, then they change nothing', () => {
    const code = `import { type RunContext, workflow } from 'pawl';
import { sendEmail } from './mail.ts';
interface Order { id: string; at: Date }
export const order = workflow('order', async (run: RunContext, order: Order): Promise<number> => {
  const at: number = (Date.now() as number)!;
  const again = (Date as unknown as { now(): number }).now();
  await run!.step('x', (() => Math.random()) as () => number);
  await (run as RunContext).step<number>('x', () => Math.random());
  await (sendEmail as (to: string) => Promise<void>)('ada');
  let date: typeof Date | undefined;
  return helper(run, at);
});
async function helper(of: RunContext, at?: number, { id }: { id?: string } = {}): Promise<number> {
  await of.step('x', () => Math.random());
  return at! + Math.random();
}
export class Clock { constructor(private readonly at: Date = new Date()) {} }
export enum Level { Low = Date.now() }
`;
    expect(saidOf('no-outside-world', code, {}, typedParser).map((text) => text.replace(/:.*/s, ''))).toEqual([
      '5',
      '6',
      '15',
    ]);
    expect(saidOf('await-run-only', code, {}, typedParser)).toEqual([
      "9: (sendEmail as (to: string) => Promise<void>)('ada')",
    ]);
  });
});
