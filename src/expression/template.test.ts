import { describe, expect, it } from 'vitest';
import { outcomeOf, scopeWith, variables } from './cases.ts';
import { compile, evaluate, evaluateTyped, truthy } from './index.ts';

describe('given a template without expressions', () => {
  it.each(['', 'plain', '<%', '%> <%', '{{ x', '{"a": 1}', '<% 1 +\n 1 %>'])(
    'when %j is evaluated, then it comes back itself',
    (text) => {
      const template = compile(text);

      expect(template.constant).toBe(true);
      expect(evaluate(template, scopeWith())).toEqual({ ok: true, value: text });
    },
  );

  it('when a structure is evaluated, then the very same object comes back', () => {
    const source = { a: [1, 'x', null] };

    expect(outcomeOf(source)).toEqual({ value: source });
    expect((outcomeOf(source) as { value: unknown }).value).toBe(source);
  });
});

describe('given a text that is one expression', () => {
  it('when it names data of the scope, then that data itself comes back, whatever its type', () => {
    expect((outcomeOf('<% ctx(l) %>') as { value: unknown }).value).toBe(variables.l);
    expect((outcomeOf('<% ctx(d).get(b) %>') as { value: unknown }).value).toBe((variables.d as { b: unknown }).b);
    expect((outcomeOf("{{ ctx('d').b }}") as { value: unknown }).value).toBe((variables.d as { b: unknown }).b);
  });

  it('when the value is text with an expression in it, then it stays text', () => {
    expect(outcomeOf('<% ctx(template) %>')).toEqual({ value: 'i is <% ctx(i) %>' });
    expect(outcomeOf("{{ '{' ~ '{ 1 }' ~ '}' }}")).toEqual({ value: '{{ 1 }}' });
  });
});

describe('given a text with expressions in it', () => {
  it.each([
    ['<% ctx(i) %><% ctx(s) %>', '3text'],
    ['n=<% ctx(n) %> yes=<% ctx(yes) %>', 'n=None yes=True'],
    ['l=<% ctx(l) %> d=<% ctx(d) %>', "l=[3, 1, 2] d={'a': 1, 'b': {'c': [10, 20]}}"],
    ['q=<% ["it\'s", \'say "x"\'] %>', 'q=["it\'s", \'say "x"\']'],
    ['u=<% [ctx(uni)] %>', "u=['žluť 🐎']"],
    ['tiny=<% 0.00001 %> big=<% 10000000000000000.0 %>', 'tiny=1e-05 big=1e+16'],
    ['gen=<% ctx(l).select($ + 1) %>', 'gen=[4, 2, 3]'],
    ["{{ ctx('i') }}<% ctx(i) %>", '3<% ctx(i) %>'],
    ["t={{ (1, 'a') }}", "t=(1, 'a')"],
  ])('when %j is evaluated, then each is written as Python writes it', (text, value) => {
    expect(outcomeOf(text)).toEqual({ value });
  });
});

describe('given a structure', () => {
  it('when it is evaluated, then keys and values are, and the rest is kept', () => {
    expect(outcomeOf({ '<% ctx(s) %>': ['<% ctx(i) %>', 1, { x: 'v{{ ctx().i }}' }] })).toEqual({
      value: { text: [3, 1, { x: 'v3' }] },
    });
  });

  it('when a key evaluates to __proto__, then it is a key like any other', () => {
    const outcome = outcomeOf({ '<% "__" + "proto__" %>': { polluted: true } }) as { value: object };

    expect(Object.keys(outcome.value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(outcome.value)).toBe(Object.prototype);
  });
});

describe('given text that cannot be parsed', () => {
  it.each([
    [{ a: ['<% 1 == 1 %>'] }, 'yaql', '<% 1 == 1 %>', 'write =', ['a', 0], 6],
    ['<% a || b %>', 'yaql', '<% a || b %>', 'write or', [], 5],
    ['<% "a": 1 %>', 'yaql', '<% "a": 1 %>', 'write =>', [], 6],
    ['x {{ 1 +/ 2 }}', 'jinja', 'x {{ 1 +/ 2 }}', "unexpected '/'", [], 8],
    ['{% if true %}x', 'jinja', '{% if true %}x', "'endif'", [], 14],
    ['{{ 1 }}<% 1 %>', null, '{{ 1 }}<% 1 %>', 'multiple types', [], 0],
  ] as const)(
    'when %j is compiled, then the fault says where and what to write',
    (source, language, expression, message, path, offset) => {
      const [fault] = compile(source).faults;

      expect(fault).toMatchObject({ language, expression, path, offset, message: expect.stringContaining(message) });
    },
  );

  it('when an unknown function is called, then that is no fault but an error', () => {
    expect(compile('<% nope(1) %>').faults).toEqual([]);
    expect(outcomeOf('<% nope(1) %>')).toMatchObject({
      error: { kind: 'YaqlEvaluationException', cause: 'NoFunctionRegisteredException' },
    });
    expect(outcomeOf('{{ 1 | nope }}')).toMatchObject({
      error: { kind: 'JinjaEvaluationException', cause: 'TemplateAssertionError' },
    });
  });
});

describe('given results that Json has no word for', () => {
  it('when they leave, then sets are sorted lists, dates ISO text, spans seconds', () => {
    expect(outcomeOf('<% set(3, 1, b, a) %>')).toEqual({ value: [1, 3, 'a', 'b'] });
    expect(outcomeOf('<% datetime(2020, 2, 29) %>')).toEqual({ value: '2020-02-29T00:00:00+00:00' });
    expect(outcomeOf('<% timespan(hours => 1) %>')).toEqual({ value: 3600 });
    expect(outcomeOf('{{ range(3) }}')).toEqual({ value: [0, 1, 2] });
    expect(outcomeOf('<% {1 => a} %>')).toEqual({ value: { '1': 'a' } });
  });

  it.each([
    '<% pow(2, 60) %>',
    "<% regex('a') %>",
    "{{ ctx('s').upper }}",
    '{{ [nope] }}',
    "<% float('inf') %>",
    '<% let(1) %>',
  ])('when %s is evaluated, then it is refused with a message', (text) => {
    expect(outcomeOf(text)).toMatchObject({ error: { message: expect.stringMatching(/.{20}/), expression: text } });
  });

  it('when types matter to a test, then evaluateTyped says them', () => {
    const typed = (text: string) => evaluateTyped(compile(text), scopeWith());

    expect(typed('<% 4 / 2 %>')).toEqual({ ok: true, value: { value: 2, type: 'int' } });
    expect(typed('{{ 4 / 2 }}')).toEqual({ ok: true, value: { value: 2, type: 'float' } });
    expect(typed('<% set(1) %>')).toEqual({ ok: true, value: { value: { $set: [1] }, type: 'set' } });
    expect(typed('<% pow(2, 60) %>')).toEqual({
      ok: true,
      value: { value: { $int: '1152921504606846976' }, type: 'int' },
    });
  });
});

describe('given the functions that look at the run', () => {
  it.each([
    ['<% succeeded() %>', true],
    ['<% failed() %>', false],
    ['<% completed() %>', true],
    ['<% result().code %>', 0],
    ['<% task_status(build) %>', 'succeeded'],
    ['<% task_status(other) %>', 'null'],
    ['<% item(host) %>', 'h1'],
    ['<% item().host %>', 'h1'],
    ['{{ succeeded() and result().code == 0 }}', true],
    ['<% ctx().get(__private) %>', null],
    ['<% now() %>', '2026-01-15T12:30:00+00:00'],
    ['<% random() %>', 0.25],
    ['<% random(1, 4) %>', 2],
  ])('when %s is evaluated, then it is %j', (text, value) => {
    expect(outcomeOf(text.replace('__private', "'__private'"))).toEqual({ value });
  });

  it('when a variable is missing or private, then the error names it', () => {
    expect(outcomeOf('<% ctx(nope) %>')).toMatchObject({ error: { cause: 'VariableUndefinedError' } });
    expect(outcomeOf("<% ctx('__private') %>")).toMatchObject({ error: { cause: 'VariableInaccessibleError' } });
    expect(outcomeOf('<% ctx().nope %>')).toMatchObject({
      error: { cause: 'KeyError', message: expect.stringContaining("'nope'") },
    });
    expect(outcomeOf('{{ ctx().nope }}')).toMatchObject({
      error: { message: 'There are unresolved variables: ctx().nope' },
    });
  });
});

describe('given a value to decide by', () => {
  it.each([
    [null, false],
    [0, false],
    ['', false],
    [[], false],
    [{}, false],
    ['False', true],
    [[0], true],
    [-1, true],
  ])('when it is %j, then it counts as %s', (value, expected) => {
    expect(truthy(value as never)).toBe(expected);
  });
});
