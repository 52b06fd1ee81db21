/**
 * Small inputs that would cost a naive program its life: each with how it is thrown at an engine, and what must come back.
 *
 * A bomb is refused where it is thrown, or ends its run as failed, within `bombMs` of processor time, and the process lives.
 */

import { parseJsonText } from '../../../src/base/index.ts';
import type { Json, JsonObject, Pawl } from '../../../src/index.ts';

/** What one bomb may cost, in milliseconds of processor time. */
export const bombMs = 100;

export interface Bomb {
  readonly name: string;
  /** Throws the bomb. Resolves with how it was refused; undefined where it was not. */
  readonly throwAt: (pawl: Pawl) => Promise<string | undefined>;
}

const depth = 200_000;

function nested(levels: number, kind: 'list' | 'map'): Json {
  let value: Json = 1;
  for (let level = 0; level < levels; level += 1) value = kind === 'list' ? [value] : { a: value };
  return value;
}

function aliases(): string {
  let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
  for (let level = 1; level < 9; level += 1) {
    text += `a${level}: &a${level} [${new Array(10).fill(`*a${level - 1}`).join(', ')}]\n`;
  }
  return `version: 1.0\n${text}tasks: { a: { action: bomb.echo, input: { x: *a8 } } }\n`;
}

function manyKeys(at: 'root' | 'input'): string {
  const lines = Array.from({ length: 60_000 }, (_, index) => `k${index}: ${index}`);
  if (at === 'root') return `version: 1.0\n${lines.join('\n')}\ntasks: { a: { action: core.noop } }\n`;
  return `version: 1.0\ntasks:\n  a:\n    action: core.noop\n    ${lines.join('\n    ')}\n`;
}

function merges(): string {
  const keys = Array.from({ length: 4_000 }, (_, index) => `k${index}: 0`).join(', ');
  return `version: 1.0\nx: &a { ${keys} }\ny: { <<: [${new Array(4_000).fill('*a').join(', ')}] }\ntasks: { a: { action: core.noop } }\n`;
}

function indented(): string {
  const lines = Array.from({ length: 2_000 }, (_, level) => `${' '.repeat(level)}a:`);
  return `${lines.join('\n')} 1\n`;
}

const documents: Readonly<Record<string, string>> = {
  '40 KB of [': '['.repeat(40_000),
  '40 KB of [ and ]': '['.repeat(20_000) + ']'.repeat(20_000),
  '40 KB of {a:': '{a: '.repeat(10_000),
  'aliases for 10^9 values': aliases(),
  '60,000 keys of a document': manyKeys('root'),
  '60,000 keys of a task': manyKeys('input'),
  'merge keys, 4,000 by 4,000': merges(),
  '2,000 levels of maps': indented(),
  '40 KB of !!binary': '!!binary '.repeat(4_500),
  '40 KB of - - -': '- '.repeat(20_000),
  '40 KB of ? ? ?': '? '.repeat(20_000),
  '40 KB of "': '"'.repeat(40_001),
};

const long = 'a'.repeat(40);

/** Each rendered as the input of a task. */
const expressions: Readonly<Record<string, string>> = {
  'a list of 10^9 numbers': '<% range(1000000000).len() %>',
  'a text of 10^9 letters': "<% 'x' * 1000000000 %>",
  'lists of lists of lists': '<% range(3000).select(range(3000).select(range(3000).sum())) %>',
  'a list doubled 40 times': `<% range(100)${'.selectMany([$, $])'.repeat(40)} %>`,
  '10,000 brackets': `<% ${'('.repeat(10_000)}1${')'.repeat(10_000)} %>`,
  '10,000 minus signs': `<% ${'-'.repeat(10_000)}1 %>`,
  'a regular expression with nested repeats': `<% regex('^(a+)+$').matches('${long}!') %>`,
  'a regular expression with nested alternatives': `<% regex('^(a|aa)+$').matches('${long}!') %>`,
  'a regular expression of 1000 x 1000 x 1000': `<% regex('((a{1,1000}){1,1000}){1,1000}').matches('${long}') %>`,
  'Jinja: a text of 10^9 letters': "{{ 'x' * 1000000000 }}",
  'Jinja: a list of 10^9 numbers': '{{ range(1000000000) | list }}',
  'Jinja: loops in loops': '{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}',
  'Jinja: a power of a power': '{{ 9 ** 9 ** 9 ** 9 }}',
  'Jinja: a regular expression': `{{ '${long}!' | regex_match('^(a+)+$') }}`,
};

/** Expressions that come out as a value, since they are harmless here: regular expressions run in linear time. */
const harmless = new Set([
  'a regular expression with nested repeats',
  'a regular expression with nested alternatives',
  'Jinja: a regular expression',
]);

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : `not a coded error: ${error}`;
}

async function refusalOf(work: () => unknown): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

const listening = `version: 1.0
tasks: { hear: { action: core.receive, input: { signal: news } } }
`;

export const bombs: readonly Bomb[] = [
  ...Object.entries(documents).map(([name, text]): Bomb => {
    const throwAt: Bomb['throwAt'] = (pawl) => refusalOf(() => pawl.workflow(text));
    return { name: `document: ${name}`, throwAt };
  }),
  ...Object.entries(expressions).map(
    ([name, text]): Bomb => ({
      name: `expression: ${name}`,
      async throwAt(pawl) {
        try {
          const workflow = pawl.workflow(
            `version: 1.0\ntasks:\n  a: { action: bomb.echo, input: { x: ${JSON.stringify(text)} } }\n`,
          );
          const { status } = await pawl.run(workflow);
          return status === 'failed' || harmless.has(name) ? status : undefined;
        } catch (error) {
          return codeOf(error);
        }
      },
    }),
  ),
  ...(['list', 'map'] as const).map(
    (kind): Bomb => ({
      name: `input: ${depth} levels of ${kind}s`,
      throwAt: (pawl) =>
        refusalOf(() => pawl.start(pawl.workflow(listening), { deep: nested(depth, kind) } as JsonObject)),
    }),
  ),
  {
    name: `JSON text: ${depth} levels`,
    async throwAt() {
      const parsed = parseJsonText('['.repeat(depth) + ']'.repeat(depth));
      return parsed.ok ? undefined : parsed.error.code;
    },
  },
  {
    name: `signal: ${depth} levels`,
    async throwAt(pawl) {
      const handle = await pawl.start(pawl.workflow(listening));
      return refusalOf(() => handle.signal('news', nested(depth, 'map')));
    },
  },
  ...(['deep', 'cyclic', 'huge', 'unprintable'] as const).map(
    (what): Bomb => ({
      name: `result: ${what}`,
      async throwAt(pawl) {
        const { status } = await pawl.run(pawl.workflow(`version: 1.0\ntasks: { a: { action: bomb.${what} } }\n`));
        return status === 'failed' ? status : undefined;
      },
    }),
  ),
];

/** What the actions `bomb.…` give back. */
export const results: Readonly<Record<string, () => unknown>> = {
  deep: () => nested(depth, 'list'),
  cyclic: () => {
    const one: { self?: unknown } = {};
    one.self = one;
    return one;
  },
  huge: () => 'x'.repeat(32 * 1024 * 1024),
  unprintable: () => ({
    toJSON() {
      throw new Error('no');
    },
  }),
};
