import { describe, expect, it } from 'vitest';
import { takeOutput, withTexts } from './json-copy.ts';
import { Redactor } from './redactor.ts';

const plain = { bytesMax: 1_000, redact: (text: string) => text };

describe('given what a handler returned', () => {
  it('when it is JSON, then a copy of it is taken', () => {
    const given = { list: [1, 'two', null, { deep: true }] };
    const output = takeOutput(given, plain);
    given.list.push(5);

    expect(output).toEqual({ taken: true, value: { list: [1, 'two', null, { deep: true }] } });
  });

  it('when a key is called __proto__, then it stays a key', () => {
    const output = takeOutput(JSON.parse('{"__proto__": {"x": 1}}'), plain);

    expect(output.taken && JSON.stringify(output.value)).toBe('{"__proto__":{"x":1}}');
  });

  it.each<[string, unknown, string]>([
    ['a function', () => 1, 'not_json'],
    ['undefined inside', { a: undefined }, 'not_json'],
    ['NaN', Number.NaN, 'not_json'],
    ['a Date', new Date(0), 'not_json'],
    ['a Map', new Map(), 'not_json'],
    ['a hole', new Array(1), 'not_json'],
    ['a bigint', 1n, 'not_json'],
    ['text beyond the limit', 'x'.repeat(1_000), 'too_large'],
    ['text that is beyond it once it is escaped', '\u0000'.repeat(200), 'too_large'],
  ])('when it is %s, then it is refused as %s', (_, given, reason) => {
    expect(takeOutput(given, plain)).toMatchObject({ taken: false, reason });
  });

  it('when it is a list of a billion, then it is refused without a look at all of them', () => {
    expect(takeOutput(new Array(1_000_000_000), plain)).toMatchObject({ taken: false, reason: 'too_large' });
  });

  it('when it holds itself, then it is refused at once, also where it does so twice', () => {
    const one: { [key: string]: unknown } = {};
    one.self = one;
    const two: { [key: string]: unknown } = {};
    two.left = two;
    two.right = two;

    expect(takeOutput(one, plain)).toMatchObject({ taken: false, reason: 'not_json' });
    expect(takeOutput(two, plain)).toMatchObject({ taken: false, reason: 'too_large' });
  });

  it('when secrets are in keys, texts and numbers, then none is taken', () => {
    const redactor = new Redactor(['canary', '123456']);
    const output = takeOutput(
      { canary: ['a canary', 123456, 1234567, 12] },
      { bytesMax: 1_000, redact: (text) => redactor.text(text) },
    );

    expect(output).toEqual({ taken: true, value: { '***': ['a ***', '***', '***7', 12] } });
  });
});

describe('given an input', () => {
  it('when its texts are changed, then everything else is as it was, and nothing is shared', () => {
    const input = { a: ['x', 1, { b: 'x' }], x: null };
    const copy = withTexts(input, (text) => text.toUpperCase());

    expect(copy).toEqual({ a: ['X', 1, { b: 'X' }], x: null });
    expect((copy as typeof input).a).not.toBe(input.a);
  });
});
