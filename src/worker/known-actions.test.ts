import { describe, expect, it } from 'vitest';
import type { AnyAction } from './action.ts';
import { builtInActions } from './built-in/index.ts';
import { knownActions } from './known-actions.ts';

const action = (name: unknown, handler: unknown = () => null) => ({ name, handler }) as AnyAction;

describe('given actions of a user', () => {
  it.each(['a', 'mail.send', 'my-pack.do_it', 'A.b.C-1', 'corely.x'])(
    'when one is called %j, then it is known',
    (name) => {
      expect(knownActions([action(name)]).has(name)).toBe(true);
    },
  );

  it.each([
    ['core.mine'],
    ['core.echo'],
    [''],
    ['a b'],
    ['a..b'],
    ['.a'],
    ['a.'],
    ['ä'],
    ['a'.repeat(201)],
    [undefined],
    [7],
  ])('when one is called %j, then it is refused', (name) => {
    expect(() => knownActions([action(name)])).toThrowError(expect.objectContaining({ code: 'bad_input' }));
  });

  it('when two have one name, then they are refused', () => {
    expect(() => knownActions([action('a'), action('a')])).toThrowError(
      expect.objectContaining({ code: 'bad_input', details: { action: 'a' } }),
    );
  });

  it('when one has no handler, then it is refused', () => {
    expect(() => knownActions([action('a', undefined), action('b', 'text')])).toThrowError(
      expect.objectContaining({ code: 'bad_input' }),
    );
  });
});

describe('given the built-in actions', () => {
  it('when nothing is allowed, then there is no shell', () => {
    expect([...knownActions(builtInActions()).keys()].sort()).toEqual(['core.echo', 'core.http', 'core.script']);
  });

  it('when the shell is allowed, then it is there', () => {
    expect(knownActions(builtInActions({ allowShell: true })).has('core.local')).toBe(true);
  });
});
