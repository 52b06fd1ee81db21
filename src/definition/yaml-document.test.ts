import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json, jsonEqual } from '../base/index.ts';
import { defaultLimits } from './limits.ts';
import { LineIndex } from './position.ts';
import { readYaml } from './yaml-document.ts';
import { jsonOf } from './yaml-node.ts';

const read = (text: string, limits = defaultLimits) => readYaml(text, new LineIndex(text), limits);
const faultOf = (text: string) => read(text).faults[0];

/** In CPU time of this process: what else the machine does is no part of it. */
function timed<T>(work: () => T): { readonly value: T; readonly ms: number } {
  const since = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(since);
  return { value, ms: (user + system) / 1_000 };
}

describe('given a document made to exhaust its reader', () => {
  it.each([
    ['brackets', '['.repeat(100_000), 'nested_too_deeply'],
    ['brackets in a value', `a: ${'{a: '.repeat(100_000)}`, 'nested_too_deeply'],
    ['list signs on one line', '- '.repeat(100_000), 'nested_too_deeply'],
    ['question marks', '? '.repeat(100_000), 'nested_too_deeply'],
    [
      'deeper and deeper lines',
      Array.from({ length: 2_000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
      'nested_too_deeply',
    ],
    ['ten times ten times ten aliases', laughs(), 'too_many_entries'],
    ['thousands of aliases', `a: &a 1\nb: [${'*a,'.repeat(5_000)}]`, 'too_many_anchors'],
    ['a value that holds itself', 'a: &a [*a]', 'alias_in_itself'],
    ['merge keys', 'a: &a {b: 1}\nc: {<<: *a}', 'merge_key'],
    ['tags', '!a '.repeat(100_000), 'custom_tag'],
    ['17 million characters', 'x'.repeat(17 * 1024 * 1024), 'document_too_large'],
  ])('when it holds %s, then it is refused at once', (_, text, code) => {
    const { value, ms } = timed(() => faultOf(text));

    expect(value?.code).toBe(code);
    expect(ms).toBeLessThan(500);
  });

  it('when it has more keys than allowed, then it is refused', () => {
    const keys = (count: number) => Array.from({ length: count }, (_, n) => `k${n}: 1`).join('\n');
    const limits = { ...defaultLimits, entriesMax: 1_000 };

    expect(read(keys(1_000), limits).faults).toEqual([]);
    expect(read(keys(1_001), limits).faults[0]?.code).toBe('too_many_entries');
  });

  it.each([64, 63])('when flow lists are nested %i deep, then they are read', (depth) => {
    expect(read('['.repeat(depth) + ']'.repeat(depth)).faults).toEqual([]);
  });

  it('when lists are nested one level deeper than allowed, then it is refused', () => {
    expect(faultOf('['.repeat(65) + ']'.repeat(65))?.code).toBe('nested_too_deeply');
  });
});

describe('given a large honest document', () => {
  it('when it has 100,000 keys in ten maps, then it is read in seconds', () => {
    const text = Array.from(
      { length: 100_000 },
      (_, n) => `${n % 10_000 === 0 ? `map${n}:\n` : ''}  key${n}: value ${n}`,
    ).join('\n');

    const { value, ms } = timed(() => read(text));

    expect(value.faults).toEqual([]);
    expect(ms).toBeLessThan(10_000);
  });

  it('when one map has 60,000 keys, then it is refused where the limit is passed', () => {
    const block = Array.from({ length: 60_000 }, (_, n) => `key${n}: value ${n}`);

    for (const text of [block.join('\n'), `a: {${block.join(', ')}}`]) {
      const { faults } = read(text);

      expect(faults.map(({ code }) => code)).toEqual(['too_many_entries']);
    }
  });

  it('when a block scalar is full of brackets, then they are text', () => {
    const { faults, root } = read(`a: |\n${'  [[[[{{{{\n'.repeat(10_000)}`);

    expect(faults).toEqual([]);
    expect(String((jsonOf(root!) as { a: string }).a)).toHaveLength(90_000);
  });
});

describe('given text that is not what it seems', () => {
  it.each([
    ['two documents', 'a: 1\n---\nb: 2', 'several_documents', 2, 1],
    ['something behind the end of the document', '---\na: 1\n...\nb: 2', 'several_documents', 4, 1],
    ['a key twice', 'a: 1\nb: 2\n"a": 3', 'duplicate_key', 3, 1],
    ['1 and "1" as keys', '1: a\n"1": b', 'duplicate_key', 2, 1],
    ['an unknown alias', 'a: *b', 'unknown_alias', 1, 4],
    ['a custom tag', 'a: !secret x', 'custom_tag', 1, 4],
    ['a tag that does not fit', 'a: !!int x', 'wrong_tag', 1, 10],
    ['Jinja without quotes', 'a: {{ ctx(x) }}', 'key_not_text', 1, 5],
    ['a tab as indentation', 'a:\n\tb: 1', 'broken_yaml', 2, 1],
    ['an equals sign', 'a: =', 'reserved_text', 1, 4],
    ['an integer beyond 2^53', 'a: 9007199254740993', 'number_not_exact', 1, 4],
    ['infinity', 'a: .inf', 'number_not_exact', 1, 4],
    ['a NUL', 'a: \0', 'control_character', 1, 4],
    ['a quote that is never closed', 'a: 1\nb: "x\nc: 2\n', 'unclosed_quote', 2, 4],
    ['an apostrophe that is never closed', "a: 'it''s\nb: 1", 'unclosed_quote', 1, 4],
    ['a colon in a value', 'a: b: c', 'broken_yaml', 1, 4],
    ['a bracket that is never closed', 'a: [1,\nb: 2', 'broken_yaml', 2, 1],
  ])('when it holds %s, then the place is named', (_, text, code, line, column) => {
    const fault = faultOf(text);

    expect(fault?.code).toBe(code);
    expect(new LineIndex(text).at(fault!.offset)).toMatchObject({ line, column });
  });

  it('when a key stands twice, then both places are named', () => {
    expect(faultOf('a: 1\nb: 2\na: 3')?.message).toContain('line 1, column 1');
  });
});

describe('given YAML of every kind', () => {
  it.each<[string, string, Json]>([
    ['nothing', '', null],
    ['a comment', '# x\n', null],
    ['quotes', `a: 'it''s'\nb: "x\\ty"`, { a: "it's", b: 'x\ty' }],
    ['numbers and words in quotes', 'a: "1"\nb: \'yes\'', { a: '1', b: 'yes' }],
    ['core tags', 'a: !!str 1\nb: !!int "3"\nc: !!float 1\nd: ! 5', { a: '1', b: 3, c: 1, d: '5' }],
    ['aliases', 'a: &x [1]\nb: *x', { a: [1], b: [1] }],
    ['keys that are no text', '1: a\ntrue: b\nnull: c', { 1: 'a', true: 'b', null: 'c' }],
    ['a pair in a flow list', '[a: 1, b]', [{ a: 1 }, 'b']],
    ['names of prototypes', '__proto__: 1\nconstructor: 2', JSON.parse('{"__proto__": 1, "constructor": 2}')],
    ['folded text', 'a: >-\n  x\n  y\n', { a: 'x y' }],
    ['an expression', 'a: <% ctx(x)[0].get("k") %>', { a: '<% ctx(x)[0].get("k") %>' }],
    ['a date', 'a: 2020-01-01', { a: '2020-01-01' }],
    ['a document mark', '--- # first\na: 1\n...\n', { a: 1 }],
  ])('when it is %s, then it is read', (_, text, value) => {
    const { root, faults } = read(text);

    expect(faults).toEqual([]);
    expect(jsonOf(root!)).toEqual(value);
  });

  it('when any Json is written as JSON, then it is read as the same value', () => {
    fc.assert(
      fc.property(fc.object({ values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)] }), (value) => {
        const { root, faults } = read(JSON.stringify(value));

        expect(faults).toEqual([]);
        expect(jsonEqual(jsonOf(root!), value as Json)).toBe(true);
      }),
    );
  });

  it('when it is any text, then it is answered', () => {
    const piece = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '|',
      '>',
      '&a',
      '*a',
      '!',
      '#',
      '?',
      ',',
      '  ',
      '%',
      '\t',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const { root, faults } = read(pieces.join(''));
        expect(root !== undefined || faults.length > 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

function laughs(): string {
  const names = 'abcdefghi';
  const lines = [...names].map((name, index) => {
    const value = index === 0 ? 'x' : `*${names[index - 1]}`;
    return `${name}: &${name} [${Array(10).fill(value).join(', ')}]`;
  });
  return lines.join('\n');
}
