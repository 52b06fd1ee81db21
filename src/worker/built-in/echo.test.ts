import { describe, expect, it } from 'vitest';
import { Rehearsal } from '../../../test/worker/rehearsal.ts';
import { builtInActions } from './index.ts';

describe('given core.echo', () => {
  it.each([
    [{ message: 'hello' }, 'hello'],
    [{ message: { a: 1 } }, { a: 1 }],
    [
      { message: 'hello', more: 1 },
      { message: 'hello', more: 1 },
    ],
    [{}, {}],
    [['a'], ['a']],
    ['text', 'text'],
  ])('when its input is %j, then it gives %j', async (input, output) => {
    expect(await new Rehearsal(builtInActions()).outcome('core.echo', input)).toEqual({ status: 'succeeded', output });
  });
});
