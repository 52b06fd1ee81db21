import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../cases.ts';

/** Values are those of Jinja 3.1 itself, sandboxed, strict about undefined names, blocks trimmed. */
const expressions: readonly (readonly [string, unknown])[] = [
  ['7 / 2', 3.5],
  ['7 // 2', 3],
  ['-7 % 3', 2],
  ['2 ** 3', 8],
  ['1 < 2 < 3', true],
  ["'a' ~ 1 ~ none", 'a1None'],
  ["'%s-%05.1f' % ('a', 2.25)", 'a-002.2'],
  ["'x' if false else 'y'", 'y'],
  ['1 not in [2]', true],
  ["ctx('l')[::-1]", [2, 1, 3]],
  ["ctx('uni')[-1]", '🐎'],
  ["ctx('d').b.c[0]", 10],
  ["ctx('n') is none", true],
  ["ctx('people') | map(attribute='name') | list", ['Ann', 'Bob', 'cyd']],
  ["ctx('people') | selectattr('age', '>', 30) | list | length", 2],
  ["ctx('people') | groupby('age') | map('first') | list", [25, 31]],
  ["ctx('people') | sort(attribute='age,name') | map(attribute='name') | list", ['Bob', 'Ann', 'cyd']],
  ["ctx('l') | sort(reverse=true)", [3, 2, 1]],
  ["ctx('l') | join('-')", '3-1-2'],
  ["ctx('l') | sum(start=10)", 16],
  ["['b', 'A'] | sort", ['A', 'b']],
  ["['a', 'A', 'b'] | unique | list", ['a', 'b']],
  [
    "ctx('l') | batch(2, 0) | list",
    [
      [3, 1],
      [2, 0],
    ],
  ],
  ["ctx('l') | slice(2) | list", [[3, 1], [2]]],
  [
    "{'b': 1, 'a': 2} | dictsort",
    [
      ['a', 2],
      ['b', 1],
    ],
  ],
  [
    "ctx('d').items() | list",
    [
      ['a', 1],
      ['b', { c: [10, 20] }],
    ],
  ],
  ["nope | default('x')", 'x'],
  ["'' | default('x', true)", 'x'],
  ["'42.7' | int", 42],
  ["'x' | int(-1)", -1],
  ["'ff' | int(base=16)", 255],
  ['2.5 | round', 2],
  ["2.1 | round(0, 'ceil')", 3],
  ["'hello world' | title", 'Hello World'],
  ["'<b>&' | escape", '&lt;b&gt;&amp;'],
  ["'<p>a  b</p>' | striptags", 'a b'],
  ["{'a': [1, none]} | tojson", '{"a": [1, null]}'],
  ["'a b/c' | urlencode", 'a%20b/c'],
  ["'a b c d e f' | truncate(7, leeway=0)", 'a b...'],
  ["'a\nb' | indent(2)".replace('\n', '\\n'), 'a\n  b'],
  ["'foo bar baz' | wordwrap(7)", 'foo bar\nbaz'],
  ['123456 | filesizeformat', '123.5 kB'],
  ["'{:>5}|{!r}'.format('a', 'b')", "    a|'b'"],
  ["'{0[a]:.2f}'.format({'a': 1})", '1.00'],
  ["'a,b'.split(',')", ['a', 'b']],
  ["'%(a)s' % {'a': 1}", '1'],
  ["'ab'.center(6, '*')", '**ab**'],
  ["'a' is in 'abc'", true],
  ['6 is divisibleby 3', true],
  ['nope is undefined', true],
  ["'upper' is filter", true],
  ["dict(a=1).get('b', 2)", 2],
  ["json('[1.0]')[0] is float", true],
  [
    "zip([1, 2], ['a'], pad=0)",
    [
      [1, 'a'],
      [2, 0],
    ],
  ],
  [
    '[1, 2] | zip([3, 4])',
    [
      [1, 3],
      [2, 4],
    ],
  ],
  ['range(2, 8, 3) | list', [2, 5]],
  ["'a' 'b'", 'ab'],
  ['1_000 + 0x10', 1016],
];

const texts: readonly (readonly [string, string])[] = [
  ["{% for x in ctx('l') %}{{ loop.index }}:{{ x }}{% if not loop.last %};{% endif %}{% endfor %}", '1:3;2:1;3:2'],
  ['{% for x in [] %}{{ x }}{% else %}none{% endfor %}', 'none'],
  ["{% for x in ctx('l') if x > 1 %}{{ x }}{{ loop.length }}{% endfor %}", '3222'],
  ['{% if true %}\n  x\n{% endif %}\n', '  x\n'],
  ['a\n   {% if 1 %}b{% endif %}\nc', 'a\nbc'],
  ['{%- if 1 -%}  b  {%- endif -%}  c', 'bc'],
  ['{% set x %}a{{ 1 }}{% endset %}{{ x }}{{ x | length }}', 'a12'],
  ['{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}', '1'],
  ['{% set n = namespace(t=0) %}{% for i in [1, 2] %}{% set n.t = n.t + i %}{% endfor %}{{ n.t }}', '3'],
  [
    '{% macro m(a, b=2) %}[{{ a }}{{ b }}{{ varargs }}]{% endmacro %}{{ m(1) }}{{ m(1, b=3) }}{{ m(1, 2, 3) }}',
    '[12()][13()][12(3,)]',
  ],
  ['{% macro m(x) %}{{ caller(x) }}{% endmacro %}{% call(y) m(4) %}<{{ y }}>{% endcall %}', '<4>'],
  ['{% filter upper %}a{{ 1 }}b{% endfilter %}', 'A1B'],
  ['{% with a=1, b=2 %}{{ a + b }}{% endwith %}', '3'],
  ['{% for r in [[1, [2]], 3] recursive %}{{ loop(r) if r is iterable else r }}{% endfor %}', '123'],
  [
    "{% for x in [1, 1, 2] %}{{ loop.cycle('a', 'b') }}{{ 'c' if loop.changed(x) }}{% endfor %}".replace(
      "{{ 'c' if loop.changed(x) }}",
      '{% if loop.changed(x) %}!{% endif %}',
    ),
    'a!ba!',
  ],
  ['{% raw %}{{ a }}{% endraw %} {{ 1 }}', '{{ a }} 1'],
  ['{# c #}{% block b %}x{% endblock %}', 'x'],
];

describe('given a Jinja expression', () => {
  it.each(expressions)('when %s is evaluated, then the value is that of Jinja', (text, value) => {
    expect(outcomeOf(`{{ ${text} }}`)).toEqual({ value });
  });

  it.each([
    ["'a' + 1", 'TypeError'],
    ['1 / 0', 'ZeroDivisionError'],
    ['nope.x', 'UndefinedError'],
    ['not nope', 'UndefinedError'],
    ["'a' < 1", 'TypeError'],
    ["ctx('d').nope.more", 'UndefinedError'],
    ["''.__class__.x", 'SecurityError'],
    ['1 is nope', 'TemplateAssertionError'],
    ["ctx('s')()", 'TypeError'],
    ["'%d' % 'a'", 'TypeError'],
  ])('when %s is evaluated, then it fails with %s', (text, cause) => {
    expect(outcomeOf(`{{ ${text} }}`)).toMatchObject({ error: { kind: 'JinjaEvaluationException', cause } });
  });
});

describe('given a text with Jinja blocks', () => {
  it.each(texts)('when %j is rendered, then the text is that of Jinja', (text, value) => {
    expect(outcomeOf(text)).toEqual({ value });
  });
});
