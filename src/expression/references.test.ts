import { describe, expect, it } from 'vitest';
import { referencedVariables } from './index.ts';

describe('given a text with expressions', () => {
  it.each([
    ['<% ctx().x + ctx(y) %>', ['x', 'y']],
    ['<% ctx("z") %> {{ ctx(\'w\') }}', ['w', 'z']],
    ['<% ctx().a.b %><% ctx().a %>', ['a']],
    ["<% ctx().get('x') %><% ctx()['y'] %>", []],
    ['<% ctx() %> ctx().outside', []],
    ['<% myctx(x) %>', []],
    ['<% ctx().dash-ed %>', ['dash']],
    ['<% ctx(dash-ed) %>', []],
  ])('when %s is searched, then the variables are %j', (text, names) => {
    expect(referencedVariables(text).map(({ name }) => name)).toEqual(names);
  });

  it('when a variable is found, then the language and the whole text are told', () => {
    expect(referencedVariables('a <% ctx(x) %>')).toEqual([
      { language: 'yaql', name: 'x', expression: 'a <% ctx(x) %>' },
    ]);
  });
});
