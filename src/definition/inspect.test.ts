import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Diagnostic, inspectFlow, renderDiagnostics } from './index.ts';

const ok = '\ntasks:\n  ok:\n    action: core.noop\n';
const task = (lines: string) => `version: 1.0\ntasks:\n  a:\n${lines.replace(/^/gm, '    ')}\n`;
const place = ({ code, position }: Diagnostic) => `${code} ${position.line}:${position.column}`;

/** Name, document, and each error as code and place. */
const broken: [string, string, ...string[]][] = [
  ['nothing', '', 'wrong_type 1:1'],
  ['a word', 'hello', 'wrong_type 1:1'],
  ['a list', '- a', 'wrong_type 1:1'],
  ['no tasks', 'version: 1.0', 'missing_key 1:1'],
  ['a misspelt tasks', 'version: 1.0\ntask:\n  a: {action: x}', 'missing_key 1:1', 'unknown_key 2:1'],
  ['empty tasks', 'tasks: {}', 'empty_map 1:8'],
  ['tasks without value', 'tasks:', 'wrong_type 1:7'],
  ['tasks as a list', 'tasks:\n  - action: x', 'wrong_type 2:3'],
  ['another version', `version: 2.0${ok}`, 'wrong_value 1:10'],
  ['a version in words', `version: yes${ok}`, 'wrong_type 1:10', 'wrong_value 1:10'],
  ['an empty description', `description: ""${ok}`, 'empty_text 1:14'],
  ['tags as text', `tags: a, b${ok}`, 'wrong_type 1:7'],
  ['the same tag twice', `tags: [a, a]${ok}`, 'repeated_item 1:11'],
  ['vars as a map', `vars:\n  a: 1${ok}`, 'wrong_type 2:3'],
  ['two names in one entry', `vars:\n  - a: 1\n    b: 2${ok}`, 'several_keys 3:5'],
  ['no vars in the list', `vars: []${ok}`, 'empty_list 1:7'],
  ['a bare name in vars', `vars:\n  - a${ok}`, 'wrong_type 2:5'],
  ['a name that is a boolean', `vars:\n  - no: yes${ok}`, 'key_not_text 2:5'],
  ['a key twice', `version: 1.0\nversion: 1.0${ok}`, 'duplicate_key 2:1'],
  ['a task twice', 'tasks:\n  a: {action: x}\n  a: {action: y}', 'duplicate_key 3:3'],
  ['a task name with a dash', 'tasks:\n  a-b: {action: x}', 'task_name_malformed 2:3'],
  ['a number as task name', 'tasks:\n  1: {action: x}', 'task_name_not_text 2:3'],
  ['a boolean as task name', 'tasks:\n  yes: {action: x}', 'task_name_not_text 2:3'],
  ['a command as task name', 'tasks:\n  noop: {action: x}', 'reserved_task_name 2:3'],
  ['a task without value', 'tasks:\n  a:\n  b: {action: x}', 'wrong_type 2:5'],
  ['an empty task', 'tasks:\n  a: {}', 'empty_map 2:6'],
  ['an unknown key of a task', task('acton: x'), 'unknown_key 4:5'],
  ['a key of another language', task('action: x\non-success: [b]'), 'unknown_key 5:5'],
  ['two unknown keys', task('foo: 1\nbar: 2\naction: x'), 'unknown_key 4:5', 'unknown_key 5:5'],
  ['an empty action', task('action: ""'), 'empty_text 4:13'],
  ['a number as action', task('action: 5'), 'wrong_type 4:13'],
  ['parameters right behind the action', task('action: core.echo,x=1'), 'parameters_without_space 4:13'],
  ['an empty input', task('action: x\ninput: {}'), 'empty_map 5:12'],
  ['a negative delay', task('action: x\ndelay: -1'), 'number_out_of_range 5:12'],
  ['a fraction as delay', task('action: x\ndelay: 1.5'), 'wrong_value 5:12'],
  ['a join of words', task('action: x\njoin: any'), 'wrong_value 5:11'],
  ['items without in', task('action: x\nwith: xs'), 'wrong_form 5:11'],
  ['items as a list', task('action: x\nwith: [1, 2]'), 'wrong_type 5:11'],
  [
    'items with an unknown key',
    task('action: x\nwith:\n  items: <% ctx(a) %>\n  limit: 2').replace('tasks', 'input: [a]\ntasks'),
    'unknown_key 8:7',
  ],
  ['a concurrency without items', task('action: x\nwith:\n  concurrency: 2'), 'missing_key 6:7'],
  ['items without action', task('with: <% list(1) %>'), 'items_without_action 4:11'],
  ['a retry without count', task('action: x\nretry:\n  delay: 1'), 'missing_key 6:7'],
  ['a retry as a number', task('action: x\nretry: 3'), 'wrong_type 5:12'],
  ['a negative count', task('action: x\nretry: {count: -1}'), 'number_out_of_range 5:20'],
  ['a factor below 1', task('action: x\nretry: {count: 1, factor: 0.5}'), 'number_out_of_range 5:31'],
  ['a jitter above 1', task('action: x\nretry: {count: 1, jitter: 1.5}'), 'number_out_of_range 5:31'],
  ['a max_delay without unit', task('action: x\nretry: {count: 1, max_delay: "5"}'), 'wrong_form 5:34'],
  ['a timeout in another unit', task('action: x\ntimeout: 5 weeks'), 'wrong_form 5:14'],
  ['a negative timeout', task('action: x\ntimeout: -5'), 'number_out_of_range 5:14'],
  ['a priority above 100', task('action: x\npriority: 101'), 'number_out_of_range 5:15'],
  ['a match of another word', task('action: x\nmatch: any'), 'wrong_value 5:12'],
  ['no iterations at all', `limits: {iterations: 0}${ok}`, 'number_out_of_range 1:22'],
  ['next as a map', task('next:\n  do: noop'), 'wrong_type 5:7'],
  ['an empty transition', task('next:\n  - {}'), 'empty_map 5:9'],
  ['a transition as text', task('next:\n  - noop'), 'wrong_type 5:9'],
  ['a boolean condition', task('next:\n  - when: true\n    do: noop'), 'wrong_type 5:15'],
  ['an undefined task', task('next:\n  - do: bb'), 'undefined_task 5:13'],
  ['the second of two names undefined', task('next:\n  - do: noop, bb'), 'undefined_task 5:19'],
  ['a comma too many', task('next:\n  - do: noop,'), 'undefined_task 5:18'],
  ['an expression as target', task('next:\n  - do: <% result() %>'), 'undefined_task 5:13'],
  ['a number as target', task('next:\n  - do: 5'), 'wrong_value 5:13'],
  ['a publish of nothing', task('next:\n  - publish: []\n    do: noop'), 'empty_list 5:18'],
  ['an expression that does not parse', task('action: core.echo\ninput:\n  m: <% 1 + %>'), 'broken_expression 6:16'],
  ['an unset variable', task('action: core.echo m=<% ctx(nope) %>'), 'unset_variable 4:28'],
  [
    'a private variable',
    `vars:\n  - __p: 1${task('action: core.echo m=<% ctx(__p) %>').replace('version: 1.0', '')}`,
    'broken_expression 5:25',
    'private_variable 5:28',
  ],
  ['an unset variable in output', `${task('action: x')}output:\n  - r: <% ctx().r %>\n`, 'unset_variable 6:11'],
  ['broken YAML', 'tasks:\n  a: b: c', 'broken_yaml 2:6'],
  ['merge keys', 'tasks:\n  a: &a {action: x}\n  b:\n    <<: *a', 'empty_map 4:5', 'merge_key 4:5'],
  ['two documents', 'version: 1.0\n---\ntasks: {}', 'several_documents 2:1'],
];

describe('given a broken document', () => {
  it.each(broken)('when it has %s, then each mistake is named at its place', (_, text, ...places) => {
    const { errors, definition } = inspectFlow(text);

    expect(errors.map(place)).toEqual(places);
    expect(definition).toBeUndefined();
    for (const { message } of errors) expect(message).toMatch(/^.{20,400}$/s);
  });

  it('when it has several mistakes of all kinds, then all are given, in the order of the text', () => {
    const text =
      'vers: 1\ntasks:\n  a:\n    acton: x\n    next:\n      - when: <% ( %>\n        do: b\noutput:\n  - r: <% ctx(r) %>\n';

    expect(inspectFlow(text).errors.map(({ category }) => category)).toEqual([
      'syntax',
      'syntax',
      'expressions',
      'semantics',
      'context',
    ]);
  });

  it.each([
    ['tasks:\n  a: {acton: x}', '"action"'],
    ['tasks:\n  first: {next: [{do: frist}]}\n  b: {action: x}', '"first"'],
    ['input: [name]\ntasks:\n  a: {action: core.echo m=<% ctx(nmae) %>}', '"name"'],
    ['task: {}', '"tasks"'],
  ])('when a name of %j is misspelt, then the right one is offered', (text, name) => {
    expect(inspectFlow(text).errors.some(({ message }) => message.includes(`Did you mean ${name}`))).toBe(true);
  });

  it('when it is shown, then the line stands there with a caret under the place', () => {
    const text = 'tasks:\n\ta: b\n';
    const tidy = 'tasks:\n  a:\n    acton: x\n';

    expect(renderDiagnostics(tidy, inspectFlow(tidy).errors, 'flow.yaml')).toBe(
      'flow.yaml:3:5: error: "tasks.a" has the unknown key "acton". Did you mean "action"? [unknown_key]\n  3 |     acton: x\n    |     ^\n',
    );
    expect(renderDiagnostics(text, inspectFlow(text).errors, 'flow.yaml')).toContain('flow.yaml:2:1: error: ');
  });
});

describe('given names that the caller knows', () => {
  it('when a document uses one, then it is set', () => {
    const text = 'tasks:\n  a: {action: core.echo m=<% ctx(st2) %>}';

    expect(inspectFlow(text).errors).toHaveLength(1);
    expect(inspectFlow(text, { knownVariables: ['st2'] }).errors).toEqual([]);
  });
});

describe('given a document without an entry point', () => {
  const text = 'tasks:\n  a: {next: [{publish: x=1, do: b}]}\n  b: {next: [{do: a}]}\noutput:\n  - x: <% ctx(x) %>\n';

  it('when it is inspected, then it is valid, and a warning says that a start must name a task', () => {
    const { definition, errors, warnings } = inspectFlow(text);

    expect(errors).toEqual([]);
    expect(definition?.hasEntryPoint).toBe(false);
    expect(warnings.map(({ code }) => code)).toContain('no_entry_point');
  });
});

describe('given values that YAML 1.1 and 1.2 read differently', () => {
  it('when a document has some, then each is warned of', () => {
    const { warnings } = inspectFlow(`vars:\n  - a: yes\n  - b: 010\n  - c: 1:30\n  - d: 'no'\n  - e: 1e3${ok}`);

    expect(warnings.map(place)).toEqual([2, 3, 4, 6].map((line) => `yaml_versions_differ ${line}:8`));
    expect(warnings.every(({ category }) => category === 'yaml11')).toBe(true);
  });
});

describe('given a large document', () => {
  const chain = (count: number) =>
    `tasks:\n${Array.from({ length: count }, (_, n) => `  t${n}:\n    action: core.echo m=<% ctx().v${Math.max(0, n - 1)} %>\n    next:\n      - when: <% succeeded() %>\n        publish: v${n}=<% result() %>\n        do: t${n + 1}\n`).join('')}  t${count}:\n    action: core.noop\n`;

  it('when it is a chain of 2,000 tasks, then it is inspected in a moment', () => {
    const text = `input: [v0]\n${chain(2_000)}`;
    const start = performance.now();

    expect(inspectFlow(text).errors).toEqual([]);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('when its ways multiply at every step, then it is inspected all the same', () => {
    const steps = Array.from({ length: 60 }, (_, n) =>
      ['l', 'r']
        .map((side) => `  ${side}${n}: {next: [{publish: ${side}${n}=1, do: [l${n + 1}, r${n + 1}]}]}`)
        .join('\n'),
    );
    const text = `tasks:\n  s: {next: [{do: [l0, r0]}]}\n${steps.join('\n')}\n  l60: {action: x}\n  r60: {action: x}\n`;
    const start = performance.now();

    expect(inspectFlow(text).errors).toEqual([]);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('when loops lie in each other, then it is inspected all the same', () => {
    const names = Array.from({ length: 60 }, (_, n) => `t${n}`);
    const text = `tasks:\n  s: {next: [{do: t0}]}\n${names.map((name) => `  ${name}: {next: [{do: [${names.join(', ')}]}]}`).join('\n')}\n`;
    const start = performance.now();

    expect(inspectFlow(text).errors).toEqual([]);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe('given any text', () => {
  const pieces = fc.constantFrom(
    ...[
      'tasks',
      'a',
      'b',
      'action',
      'next',
      'do',
      'when',
      'publish',
      'with',
      'items',
      'join',
      'retry',
      'input',
      'vars',
    ],
    ...[': ', ':\n', '\n', '\n  ', '\n    ', '\n      - ', '- ', ', ', '[', ']', '{', '}', '"', "'", '1', 'all', 'yes'],
    ...[
      '<% ctx(a) %>',
      '<% ',
      ' %>',
      '{{ ',
      ' }}',
      'x=1',
      'noop',
      'retry',
      '&a ',
      '*a',
      '|\n',
      '~',
      '#',
      '.5',
      '\t',
      '\u2028',
    ],
  );

  it('when it is inspected, then it is answered, with a definition or with errors at places within it', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 80 }), (parts) => {
        const text = parts.join('');
        const { definition, errors, warnings } = inspectFlow(text);

        expect(definition === undefined).toBe(errors.length > 0);
        for (const { position } of [...errors, ...warnings]) expect(position.offset).toBeLessThanOrEqual(text.length);
        renderDiagnostics(text, [...errors, ...warnings], 'flow.yaml');
      }),
      { numRuns: 3_000 },
    );
  });
});
