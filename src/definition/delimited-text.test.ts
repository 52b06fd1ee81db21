import { describe, expect, it } from 'vitest';
import { holdsBlock, holdsExpression, isOneExpression, openExpression, withoutExpressions } from './delimited-text.ts';

describe('given a text that may hold expressions', () => {
  it.each([
    ['plain', 'plain'],
    ['<% a %>', 'x'],
    ['a <% b %> c {{ d }}{% e %}', 'a x c xx'],
    ['<% a\n %>', '<% a\n %>'],
    ['<% a <% b %>', 'x'],
    ['{{ a <% b %>', '{{ a x'],
    ['<%%>', 'x'],
  ])('when it is %j, then %j is left of it', (text, rest) => {
    expect(withoutExpressions(text)).toBe(rest);
    expect(holdsExpression(text)).toBe(text !== rest);
  });

  it.each([
    ['<% a %>', true],
    ['{{ a }}', true],
    ['<% a %> ', false],
    ['<% a %> <% b %>', false],
    ['{% if a %}', false],
  ])('when it is %j, then being one expression is %s', (text, one) => {
    expect(isOneExpression(text)).toBe(one);
  });

  it.each([
    ['a <% b', { at: 2, isClosedLater: false }],
    ['<% b\n %>', { at: 0, isClosedLater: true }],
    ['{{ b\n }}', { at: 0, isClosedLater: true }],
    ['{{ b', undefined],
    ['{{ b\n }} {% c %}', undefined],
    ['<% a %>', undefined],
  ])('when it is %j, then what is open is %j', (text, open) => {
    expect(openExpression(text)).toEqual(open);
  });

  it.each(['<%', '{{', '{%', '{{\n', '%>', '<% x'])(
    'when it is %j half a million times, then it is read in a moment',
    (piece) => {
      const text = piece.repeat(500_000);
      const start = performance.now();
      openExpression(text);
      holdsBlock(text);
      expect(performance.now() - start).toBeLessThan(3_000);
    },
  );
});
