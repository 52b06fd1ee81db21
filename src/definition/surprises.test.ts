import { describe, expect, it } from 'vitest';
import { inspectFlow } from './inspect.ts';

const surprises = (text: string) =>
  inspectFlow(text)
    .warnings.filter(({ category }) => category === 'surprise')
    .map(({ code, position }) => `${code} ${position.line}:${position.column}`);

/** A task `a` with these lines, and tasks `b` and `c` to go to. */
const task = (lines: string) =>
  `tasks:\n  a:\n${lines.replace(/^/gm, '    ')}\n  b:\n    action: core.noop\n  c:\n    action: core.noop\n`;

describe('given a value that means something else than it seems to', () => {
  it.each<[string, string, ...string[]]>([
    ['a bare word as parameter', task('action: core.local cmd=date'), 'bare_word_parameter 3:24'],
    ['a bare word in publish', task('next:\n  - publish: x=abc\n    do: b'), 'bare_word_parameter 4:18'],
    ['a publish without parameters', task('next:\n  - publish: x\n    do: b'), 'nothing_published 4:18'],
    ['words behind an action', task('action: core.local echo hello'), 'text_behind_action 3:13'],
    ['parameters and an input', task('action: x a=1\ninput: {b: 2}'), 'input_replaced 3:13'],
    [
      'an action cut at a space in its expression',
      `input: [n]\n${task('action: <% ctx(n) %> a=1')}`,
      'action_cut_in_expression 4:13',
    ],
    [
      'a condition without expression',
      task('next:\n  - when: succeeded()\n    do: b'),
      'condition_without_expression 4:15',
    ],
    [
      'a condition around expressions',
      task('next:\n  - when: <% failed() %> or <% succeeded() %>\n    do: b'),
      'condition_is_text 4:15',
    ],
    [
      'a condition with a line end',
      task('next:\n  - when: |\n      <% failed() %>\n    do: b'),
      'condition_is_text 4:15',
    ],
    [
      'a retry condition without expression',
      task('action: x\nretry: {count: 1, when: failed()}'),
      'condition_without_expression 4:29',
    ],
    ['a delay as text', task('action: x\ndelay: "5"'), 'text_for_number 4:12'],
    ['a count as text', task('action: x\nretry: {count: three}'), 'text_for_number 4:20'],
    ['a concurrency of 0', task('action: x\nwith: {items: <% list(1) %>, concurrency: 0}'), 'concurrency_zero 4:47'],
    ['fewer names than lists', task('action: x\nwith: i in <% zip(list(1), list(2)) %>'), 'item_names_do_not_fit 4:11'],
    [
      'more names than lists',
      task('action: x\nwith: i, j, k in <% zip(list(1), list(2)) %>'),
      'item_names_do_not_fit 4:11',
    ],
    [
      'an expression over two lines',
      task('action: x\ninput:\n  m: |\n    <% 1 +\n    2 %>'),
      'expression_spans_lines 5:10',
    ],
    ['an expression that is not closed', task('action: x\ninput:\n  m: <% 1 + 2'), 'expression_not_closed 5:10'],
    ['a private name', `vars:\n  - __x: 1\n${task('action: x')}`, 'private_name 2:5'],
    ['a name with a dash', `vars:\n  - a-b: 1\n${task('action: x')}`, 'name_hard_to_read 2:5'],
    ['a key that is a number', `vars:\n  - x: {1: a}\n${task('action: x')}`, 'key_made_text 2:9'],
    [
      'a smaller map over a map',
      `vars:\n  - m: {x: 1, y: 2}\n${task('next:\n  - publish:\n      - m: {x: 3}\n    do: b')}`,
      'published_map_merges 7:16',
    ],
    [
      'an empty map over a map',
      `vars:\n  - m: {x: 1}\n${task('next:\n  - publish:\n      - m: {}\n    do: b')}`,
      'published_map_merges 7:16',
    ],
    ['a target twice', task('next:\n  - do: b, b'), 'repeated_target 4:16'],
    ['retry twice over', task('action: x\nretry: {count: 1}\nnext:\n  - do: retry'), 'retry_replaced 6:13'],
    ['a publish with retry', task('action: x\nnext:\n  - publish: x=1\n    do: retry'), 'publish_dropped 5:18'],
  ])('when a document has %s, then it is warned of, and valid', (_, text, ...expected) => {
    expect(surprises(text)).toEqual(expected);
    expect(inspectFlow(text).definition).toBeDefined();
  });
});

describe('given a way that ends elsewhere than it seems to', () => {
  it.each<[string, string, ...string[]]>([
    [
      'a join of more tasks than lead to it',
      'tasks:\n  a: {next: [{do: b}]}\n  b: {join: 2}',
      'join_never_complete 3:13',
    ],
    ['a join of no tasks', 'tasks:\n  a: {next: [{do: b}]}\n  b: {join: 0}', 'join_zero 3:13'],
    [
      'a join in a loop',
      'tasks:\n  s: {next: [{do: f}]}\n  f: {next: [{do: [x, y]}]}\n  x: {next: [{do: j}]}\n  y: {next: [{do: j}]}\n  j: {join: all, next: [{do: f}]}',
      'join_in_loop 6:13',
    ],
    [
      'branches in a loop without join',
      'tasks:\n  s: {next: [{do: f}]}\n  f: {next: [{do: [x, y]}]}\n  x: {next: [{do: f}]}\n  y: {next: [{do: f}]}',
      'branches_meet_in_loop 3:19',
    ],
    [
      'a transition without condition beside one for failures',
      task('action: x\nnext:\n  - do: b\n  - when: <% failed() %>\n    do: c'),
      'also_fires_on_failure 5:9',
    ],
    [
      'a task after fail',
      'tasks:\n  a: {next: [{do: [b, fail]}]}\n  b: {next: [{do: c}]}\n  c: {action: x}',
      'nothing_after_fail 2:20',
    ],
    [
      'tasks that nothing reaches',
      'tasks:\n  a: {action: x}\n  b: {next: [{do: c}]}\n  c: {next: [{do: b}]}',
      'task_never_reached 3:3',
      'task_never_reached 4:3',
    ],
  ])('when a document has %s, then it is warned of', (_, text, ...expected) => {
    expect(surprises(text)).toEqual(expected);
  });
});
