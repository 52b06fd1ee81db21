import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../base/index.ts';
import { barePairs, parseInlineParameters } from './inline-parameters.ts';

const parsed = (text: string) => parseInlineParameters(text).map(({ name, value }) => [name, value]);

describe('given text with parameters', () => {
  // What Orquesta 1.6 makes of each.
  it.each<[string, [string, Json][]]>([
    ['core.noop', []],
    [
      'core.local cmd="date" x=1',
      [
        ['cmd', 'date'],
        ['x', 1],
      ],
    ],
    [
      "a='one two' b='x'",
      [
        ['a', 'one two'],
        ['b', 'x'],
      ],
    ],
    ['x=abc', []],
    ['x=abc y=1', [['y', 1]]],
    [
      'a=1,b=2;c=3',
      [
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ],
    ],
    [
      'a=1.5 b=-2 c=-.5 d=.5',
      [
        ['a', 1.5],
        ['b', -2],
        ['c', '-.5'],
        ['d', '.5'],
      ],
    ],
    ['a=007', [['a', '007']]],
    [
      'a=true b=FALSE c=null d=Null',
      [
        ['a', true],
        ['b', false],
        ['c', null],
      ],
    ],
    [
      'a="7" b="true" c="null"',
      [
        ['a', '7'],
        ['b', 'true'],
        ['c', 'null'],
      ],
    ],
    [`a='{"k": 1}'`, [['a', { k: 1 }]]],
    ['a=""', [['a', '']]],
    ['a=[1, 2] ', [['a', [1, 2]]]],
    ["a=['x']", [['a', "['x']"]]],
    ['a=[1] b=[2]', [['a', '[1] b=[2]']]],
    [
      'a=<% ctx(b) %> c={{ ctx("d") }}',
      [
        ['a', '<% ctx(b) %>'],
        ['c', '{{ ctx("d") }}'],
      ],
    ],
    ['a=<% ctx(b)\n %>', []],
    [
      'a=1a=2',
      [
        ['a', 1],
        ['a', 2],
      ],
    ],
    ['a = 1', []],
    ['a==1', []],
    [
      'ä=1 名=2',
      [
        ['ä', 1],
        ['名', 2],
      ],
    ],
    ['a="unclosed', []],
  ])('when it is %j, then its parameters are %j', (text, parameters) => {
    expect(parsed(text)).toEqual(parameters);
  });

  it.each([
    ['core.local cmd=date', ['cmd']],
    ['x=abc, y=def', ['x', 'y']],
    ['core.local cmd="a b=c d" x=1', []],
    ['core.local <% ctx(a) = b %>', []],
    ['x=<% ctx(y=z) %>', []],
    ['https://example.com?a=b', []],
  ])('when it is %j, then the bare words are %j', (text, names) => {
    expect(barePairs(text).map(({ name }) => name)).toEqual(names);
  });

  it.each(['a=[', 'a="', "a='", 'a=<%', 'a={{', 'a', 'a=', 'a=-', '=[a'])(
    'when it is %j a hundred thousand times, then it is read in a moment',
    (piece) => {
      const start = performance.now();
      parseInlineParameters(piece.repeat(100_000));
      expect(performance.now() - start).toBeLessThan(2_000);
    },
  );

  it('when it is any text, then each parameter is where it says', () => {
    const piece = fc.constantFrom('a', '=', '"', "'", '[', ']', '1', '.', ' ', '<%', '%>', 'true', ',', '\n');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        let from = 0;
        for (const { name, start, end } of parseInlineParameters(text)) {
          expect(start).toBeGreaterThanOrEqual(from);
          expect(text.slice(start)).toMatch(new RegExp(`^${name}=`));
          from = end;
        }
      }),
    );
  });
});
