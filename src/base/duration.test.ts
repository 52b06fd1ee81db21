import { describe, expect, it } from 'vitest';
import type { Json } from '../base/index.ts';
import { parseDuration } from './duration.ts';

describe('given a duration of a document', () => {
  it.each<[Json, number]>([
    [0, 0],
    [1, 1_000],
    [0.5, 500],
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    [' 5 m ', 300_000],
  ])('when it is %j, then it is %i milliseconds', (value, ms) => {
    expect(parseDuration(value)).toBe(ms);
  });

  it.each<[Json]>([
    [-1],
    ['5'],
    ['5x'],
    ['m'],
    ['-5m'],
    ['1h30m'],
    [''],
    [null],
    [true],
    [[]],
    [{}],
    ['<% ctx(a) %>'],
    [1e300],
  ])('when it is %j, then it is none', (value) => {
    expect(parseDuration(value)).toBeUndefined();
  });
});
