import { describe, expect, it } from 'vitest';
import type { Instant, Json } from '../../base/index.ts';
import { functionNote } from './note.ts';

const noted = (note: Json) => functionNote({ type: 'ProgramNoted', at: 0 as Instant, note });

describe('given what a durable function noted', () => {
  it.each<readonly [Json]>([
    [['returned']],
    [['threw']],
    [['patched', 'p', 3, true]],
    [['said', 'x']],
    [['emitted', 'x']],
    [['emitted', 'x', 4]],
    [['update', '#0', 'n']],
    [['answered', 'u']],
    [['rerun', 0]],
    [['update_failed', 'u', 'no']],
  ])('when it is %j, then it is read', (note) => {
    expect(noted(note)).toEqual(note);
  });

  it.each<readonly [Json]>([
    [null],
    ['returned'],
    [[]],
    [['toString']],
    [['later']],
    [['returned', 1]],
    [['patched', 'p', '3', true]],
    [['emitted', 'x', 'y']],
    [['rerun', null]],
  ])('when it is %j, then that stops the run', (note) => {
    expect(() => noted(note)).toThrow(/no known form/);
  });

  it('when an event is no note, then there is none', () => {
    expect(functionNote({ type: 'RunPaused', at: 0 as Instant })).toBeUndefined();
  });
});
