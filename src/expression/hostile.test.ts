import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonFault } from '../base/index.ts';
import { outcomeOf, scopeWith } from './cases.ts';
import { compile, evaluate, referencedVariables } from './index.ts';

const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype];
const before = prototypes.map((prototype) => Object.getOwnPropertyNames(prototype).join());

afterAll(() => {
  expect(prototypes.map((prototype) => Object.getOwnPropertyNames(prototype).join())).toEqual(before);
});

const escapes = [
  "{{ ''.__class__.__mro__[1].__subclasses__() }}",
  '{{ ctx.__globals__ }}',
  "{{ ctx.__init__.__globals__['os'].popen('id').read() }}",
  '{{ self._TemplateReference__context }}',
  "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
  "{{ lipsum.__globals__['os'] }}",
  '{{ joiner.__init__ }}',
  '{{ namespace.__init__.__globals__ }}',
  "{{ ''.constructor.constructor('return process')() }}",
  "{{ range.constructor('return process')() }}",
  '{{ ctx().constructor }}',
  '{{ ctx().__proto__ }}',
  "{{ ctx()['__proto__']['polluted'] }}",
  '{{ [].constructor }}',
  "{{ ''['constructor'] }}",
  "{{ 'a' | attr('__class__') }}",
  "{{ 'a' | attr('constructor') }}",
  "{{ [''] | map(attribute='__class__') | list }}",
  "{{ [''] | map('attr', '__class__') | list }}",
  "{{ '{0.__class__}'.format('a') }}",
  "{{ '{0.__class__.__mro__}'.format('a') }}",
  "{{ ctx.call.constructor('return this')() }}",
  '{{ (1).constructor }}',
  '{{ [1].map.constructor }}',
  '{{ toString }}',
  '{{ constructor }}',
  '{{ __proto__ }}',
  '{{ this }}',
  '{{ global }}',
  '{{ process.env }}',
  "{{ hasOwnProperty('a') }}",
  '{{ valueOf() }}',
  '{% set x = ctx().__proto__ %}{{ x.polluted }}',
  "{% for k in ''.__class__ %}{{ k }}{% endfor %}",
  '{% set ns = namespace() %}{% set ns.__proto__ = 1 %}{{ ns.__class__ }}',
  '<% ctx().constructor %>',
  "<% ctx()['__proto__'] %>",
  "<% ctx().get('constructor') .call %>",
  "<% ctx().get('__proto__').polluted %>",
  "<% call('constructor', [], {}) %>",
  "<% call('__proto__', [], {}) %>",
  "<% 'a'.constructor() %>",
  '<% toString() %>',
  "<% 'a'.toString() %>",
  '<% [1].constructor %>',
  '<% ctx(s).length %>',
  '<% $.constructor %>',
  '<% $constructor.x %>',
  '<% hasOwnProperty(a) %>',
  "<% {}.get('toString').a %>",
  '<% let(constructor => 1) -> $toString.a %>',
  '<% def(constructor, $) -> valueOf(1) %>',
];

describe('given the published ways out of a sandbox', () => {
  it.each(escapes)('when %s is evaluated, then it is refused', (text) => {
    expect(outcomeOf(text)).toHaveProperty('error');
  });

  it('when data has such names of its own, then they are data', () => {
    const variables = JSON.parse(
      '{"constructor": 1, "toString": "t", "o": {"__proto__": {"x": 2}, "hasOwnProperty": 3}}',
    );
    const scope = scopeWith({ variables });

    expect(outcomeOf('<% ctx().constructor %>', scope)).toEqual({ value: 1 });
    expect(outcomeOf('{{ ctx().toString }}', scope)).toEqual({ value: 't' });
    expect(outcomeOf("<% ctx(o).get('__proto__').x %>", scope)).toEqual({ value: 2 });
    expect(outcomeOf("<% ctx(o).set('__proto__', 5).len() %>", scope)).toEqual({ value: 2 });
    expect(outcomeOf('{{ ctx().o.hasOwnProperty }}', scope)).toEqual({ value: 3 });
  });

  it('when a template changes a list, then the scope does not', () => {
    const list = [1];
    const scope = scopeWith({ variables: { list } });

    expect(outcomeOf("{% set _ = ctx('list').append(2) %}{{ ctx('list') }}", scope)).toEqual({ value: '[1, 2]' });
    expect(outcomeOf("{{ (ctx('list') | attr('app' ~ 'end'))(2) }}", scope)).toEqual({ value: null });
    expect(list).toEqual([1]);
  });
});

const bombs: readonly (readonly [string, string])[] = [
  ['a range', '<% range(1000000000).len() %>'],
  ['a range as a result', '<% range(1000000000) %>'],
  ['long text', "<% 'a' * 1000000000 %>"],
  ['long text in Jinja', "{{ 'a' * 1000000000 }}"],
  ['a wide field', "{{ '%1000000000d' % 1 }}"],
  ['nested selects', '<% range(1000).select(range(1000).select(range(1000).sum())) %>'],
  ['nested loops', '{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}'],
  ['deep parentheses', `<% ${'('.repeat(10_000)}1${')'.repeat(10_000)} %>`],
  ['deep lists', `{{ ${'['.repeat(10_000)}${']'.repeat(10_000)} }}`],
  ['a long sum', `<% ${'1 + '.repeat(10_000)}1 %>`],
  ['a long path', `{{ ctx()${'.a'.repeat(20_000)} }}`],
  ['many filters', `{{ 1${'|string'.repeat(6000)} }}`],
  ['many signs', `<% ${'-'.repeat(10_000)}1 %>`],
  ['an endless iterator', '<% [1].cycle().len() %>'],
  ['an endless generator', '<% generate(1, true, $ + 1) %>'],
  ['a queue that grows', '<% generateMany(1, [$, $]) %>'],
  ['recursion', '<% def(f, f()) -> f() %>'],
  ['a macro that calls itself', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}'],
  ['a recursive loop', '{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}'],
  ['a doubling list', '<% range(60).aggregate([$1, $1], 1) %>'],
  ['a doubling text', "<% range(60).aggregate($1 + $1, 'ab') %>"],
  [
    'a doubling list as text',
    '{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}',
  ],
  ['a large power', '{{ 10 ** 10 ** 10 }}'],
  ['a large shift', '<% shiftBitsLeft(1, 1000000000) %>'],
  ['a batch', '{{ [1]|batch(1000000000, 0)|list }}'],
  ['an unclosed quote', `<% '${"\\'".repeat(20_000)} %>`],
];

describe('given an expression that asks for too much', () => {
  it.each(bombs)('when it is %s, then it is refused and not run to the end', (_, text) => {
    expect(outcomeOf(text)).toHaveProperty('error');
  });

  it('when a pattern would backtrack for ever, then it answers', () => {
    expect(outcomeOf("<% ('a' * 20000) =~ '(a+)+b' %>")).toEqual({ value: false });
    expect(outcomeOf("<% 'aa' =~ '(a)\\\\1' %>")).toMatchObject({
      error: { message: expect.stringContaining('linear time') },
    });
  });

  it('when data is nested without end, then it is refused', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 20_000; level++) deep = [deep];
    const scope = scopeWith({ variables: { deep: deep as never } });

    expect(outcomeOf('x<% ctx(deep) %>', scope)).toMatchObject({ error: { kind: 'limit_exceeded' } });
    expect(evaluate(compile(deep as never), scope).ok).toBe(true);
  });
});

const words = [
  'ctx',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '$',
  '.',
  '?.',
  '->',
  '=>',
  ',',
  "'",
  '"',
  '1',
  '2.5',
  'x',
  'l',
  'and',
  'not',
  'in',
  '+',
  '-',
  '*',
  '/',
  '=',
  '<',
  '|',
  '~',
  ':',
  '%',
  'if',
  'else',
  'for',
  'endfor',
  'endif',
  'set',
  'is',
  'map',
  'list',
  'select',
  'where',
  'len',
  'str',
  ' ',
  '\n',
  '\\',
  '__',
  'null',
  '{%',
  '%}',
  '{{',
  '}}',
  '<%',
  '%>',
];

describe('given any text', () => {
  it('when it is compiled and evaluated, then nothing is thrown and only Json comes out', () => {
    const soup = fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((parts) => parts.join(''));
    const text = fc.oneof(
      soup.map((body) => `<% ${body} %>`),
      soup.map((body) => `{{ ${body} }}`),
      soup.map((body) => `{% ${body} %}`),
      soup,
      fc.string({ unit: 'binary', maxLength: 60 }).map((body) => `<% ${body} %>{{ ${body} }}`),
    );
    fc.assert(
      fc.property(text, (source) => {
        const template = compile(source);
        const result = evaluate(template, scopeWith());
        referencedVariables(source);
        if (result.ok) expect(jsonFault(result.value, 250)).toBeUndefined();
        else expect(result.error.message).not.toBe('');
        for (const fault of template.faults) expect(fault.offset).toBeLessThanOrEqual(source.length);
      }),
      { numRuns: 3000 },
    );
  });
});
