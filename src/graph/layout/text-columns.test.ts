import { describe, expect, it } from 'vitest';
import { columnsOf, oneLine, shortened, shortenedInside } from './text-columns.ts';

describe('given texts of several scripts', () => {
  it.each([
    ['', 0],
    ['task', 4],
    ['日本', 4],
    ['e\u0301', 1],
    ['🚀', 2],
  ])('when %j is measured, then it takes %i columns', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });
});

describe('given a text that a terminal would obey', () => {
  it('when it is made one line, then escapes, breaks and changes of direction are gone', () => {
    expect(oneLine(' a\u001b[31m\nb\u202E\u2028c\u0000 ')).toBe('a [31m b c');
  });
});

describe('given a long text', () => {
  it('when it is shortened, then it fits and says that something is missing', () => {
    expect(shortened('extract_orders', 8)).toBe('extract…');
    expect(columnsOf(shortened('日本語のタスク', 8))).toBeLessThanOrEqual(8);
  });

  it('when the middle is left out, then both ends are there', () => {
    expect(shortenedInside('unit tests (node 24)', 12)).toBe('unit te… 24)');
  });
});
