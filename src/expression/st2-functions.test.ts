import { describe, expect, it } from 'vitest';
import { outcomeOf, scopeWith } from './cases.ts';

const scope = scopeWith({
  keyValue: (key) => (key === 'system.name' ? 'value' : undefined),
  yaml: { parse: (text) => ({ parsed: text }), write: (value) => JSON.stringify(value) },
});

describe('given the functions that StackStorm adds', () => {
  it.each([
    ["<% regex_match('zabc', 'a.c') %>", false],
    ["<% regex_replace('hello world', '(\\\\w+) (\\\\w+)', '\\\\2 \\\\1') %>", 'world hello'],
    ["{{ 'a1b22' | regex_substring('[0-9]+', 1) }}", '22'],
    ["<% version_compare('1.10.0', '1.9.0') %>", 1],
    ["<% version_compare('1.0.0-alpha.1', '1.0.0') %>", -1],
    ["{{ '1.2.3' | version_match('>=1.0.0') }}", true],
    ["<% version_bump_minor('1.2.3') %>", '1.3.0'],
    ['<% to_human_time_from_seconds(3661) %>', '1h1m1s'],
    ["{{ '/a/b/c.txt' | basename }}", 'c.txt'],
    ["{{ '/a/b/c.txt' | dirname }}", '/a/b'],
    ['<% to_json_string({a => [1, null]}) %>', '{"a": [1,null]}'],
    ["{{ ctx('d') | json_dump | json_parse }}", { a: 1, b: { c: [10, 20] } }],
    ["{{ ctx('d') | jsonpath_query('b.c[1]') }}", [20]],
    ["<% jsonpath_query(ctx(people), '[*].name') %>", ['Ann', 'Bob', 'cyd']],
    ["<% jsonpath_query(ctx(d), '$..c[0:1]') %>", [10]],
    ["<% jsonpath_query(ctx(d), 'nope') %>", null],
    ["<% st2kv('system.name') %>", 'value'],
    ["{{ st2kv('nope', default='d') }}", 'd'],
    ["<% from_yaml_string('a: 1') %>", { parsed: 'a: 1' }],
    ["{{ ctx('l') | yaml_dump }}", '[3,1,2]'],
  ])('when %s is evaluated, then it is %j', (text, value) => {
    expect(outcomeOf(text, scope)).toEqual({ value });
  });

  it('when the scope has no store and no YAML, then they fail and say so', () => {
    expect(outcomeOf("<% st2kv('system.name') %>")).toMatchObject({
      error: { message: expect.stringContaining('does not exist') },
    });
    expect(outcomeOf("<% from_yaml_string('a') %>")).toMatchObject({
      error: { message: expect.stringContaining('not available') },
    });
  });
});
