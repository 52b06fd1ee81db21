/** What inspection says of dependency graphs: each error with its place and what to do. */

import { describe, expect, it } from 'vitest';
import { inspectFlow } from '../../src/definition/index.ts';

const found = (text: string) =>
  inspectFlow(text).errors.map(({ code, position }) => `${code} ${position.line}:${position.column}`);
const head = 'version: 1.0\ntasks:\n';

const broken: [string, string, string[], RegExp][] = [
  [
    'a need that does not exist',
    `${head}  a: { needs: [elsewhere] }\n`,
    ['undefined_task 3:16'],
    /define it under "tasks"/,
  ],
  ['a misspelt need', `${head}  fetch: { needs: [] }\n  b: { needs: [fetsh] }\n`, ['undefined_task 4:16'], /fetch/],
  ['a task that needs itself', `${head}  a: { needs: [a] }\n`, ['self_need 3:16'], /take it out/],
  ['a need twice', `${head}  a: { needs: [] }\n  b: { needs: [a, a] }\n`, ['repeated_need 4:19'], /name it once/],
  [
    'a need twice, of two kinds',
    `${head}  a: { needs: [] }\n  b: { needs: [a, { task: a, kind: preferred }] }\n`,
    ['repeated_need 4:19'],
    /name it once/,
  ],
  ['a circle', `${head}  a: { needs: [b] }\n  b: { needs: [a] }\n`, ['cycle 3:15'], /a -> b -> a|b -> a -> b/],
  [
    'a circle with a preferred need',
    `${head}  a: { needs: [{ task: b, kind: preferred }] }\n  b: { needs: [a] }\n`,
    ['cycle 3:15'],
    /circle/,
  ],
  [
    'needs and next',
    `${head}  a: { needs: [], next: [{ do: b }] }\n  b: { needs: [a] }\n`,
    ['needs_and_next 3:19'],
    /take "needs" out and use "next"/,
  ],
  [
    'needs and join',
    `${head}  a: { needs: [] }\n  b: { needs: [a], join: all }\n`,
    ['needs_and_next 4:20'],
    /"trigger"/,
  ],
  [
    'needs and match of a task',
    `${head}  a: { needs: [], match: first }\n`,
    ['needs_and_next 3:19'],
    /leave "match" out/,
  ],
  [
    'needs and match of the document',
    `version: 1.0\nmatch: first\ntasks:\n  a: { needs: [] }\n`,
    ['needs_and_next 2:1'],
    /leave "match" out/,
  ],
  ['a trigger without needs', `${head}  a: { trigger: all_done }\n`, ['needs_missing 3:8'], /add "needs"/],
  ['a condition without needs', `${head}  a: { when: "<% true %>" }\n`, ['needs_missing 3:8'], /add "needs"/],
  [
    'a failure policy without needs',
    `version: 1.0\nfailure: skip\ntasks:\n  a: { action: x }\n`,
    ['needs_missing 2:1'],
    /add "needs"/,
  ],
  [
    'a limit of tasks without needs',
    `version: 1.0\nconcurrency: 2\ntasks:\n  a: { action: x }\n`,
    ['needs_missing 2:1'],
    /add "needs"/,
  ],
  ['an unknown trigger', `${head}  a: { needs: [], trigger: one }\n`, ['wrong_value 3:28'], /all_succeeded/],
  ['an unknown policy', `version: 1.0\nfailure: ignore\ntasks:\n  a: { needs: [] }\n`, ['wrong_value 2:10'], /partial/],
  [
    'an unknown kind of need',
    `${head}  a: { needs: [] }\n  b: { needs: [{ task: a, kind: soft }] }\n`,
    ['wrong_value 4:33'],
    /preferred/,
  ],
  [
    'the result of a task that is not needed',
    `${head}  a: { needs: [] }\n  b: { needs: [], action: x, input: { v: "<% ctx(a) %>" } }\n`,
    ['unset_variable 4:46'],
    /add "a" to its "needs"/,
  ],
  [
    'the result of a need of a need',
    `${head}  a: { needs: [] }\n  b: { needs: [a] }\n  c: { needs: [b], action: x, input: { v: "<% ctx(a) %>" } }\n`,
    ['unset_variable 5:47'],
    /add "a" to its "needs"/,
  ],
  [
    'a condition that reads what is not needed',
    `${head}  a: { needs: [] }\n  b: { needs: [], when: "<% ctx(a) %>" }\n`,
    ['unset_variable 4:29'],
    /add "a"/,
  ],
  [
    'a variable that nothing sets',
    `${head}  a: { needs: [], action: x, input: { v: "<% ctx(q) %>" } }\n`,
    ['unset_variable 3:46'],
    /"input" or "vars"/,
  ],
  [
    'a result in vars',
    `version: 1.0\nvars: [{ v: "<% ctx(a) %>" }]\ntasks:\n  a: { needs: [] }\n`,
    ['unset_variable 2:17'],
    /before its task has run/,
  ],
  [
    'an output that nothing sets',
    `${head}  a: { needs: [] }\noutput: [{ o: "<% ctx(q) %>" }]\n`,
    ['unset_variable 4:19'],
    /"output"/,
  ],
  [
    'a task with the name of an input',
    `version: 1.0\ninput: [a]\ntasks:\n  a: { needs: [] }\n`,
    ['hidden_variable 4:3'],
    /rename/,
  ],
  [
    'a task with the name of a command',
    `${head}  fail: { needs: [] }\n`,
    ['reserved_task_name 3:3'],
    /rename the task/,
  ],
  [
    'items without an action',
    `${head}  a: { needs: [], with: { items: "<% range(2) %>" } }\n`,
    ['items_without_action 3:25'],
    /add the action/,
  ],
  ['a deadline of another type', `${head}  a: { needs: [], deadline: [1] }\n`, ['wrong_value 3:29'], /duration/],
  [
    'a fallback without action',
    `${head}  a: { needs: [], fallback: { input: { a: 1 } } }\n`,
    ['missing_key 3:29'],
    /action/,
  ],
  ['a cache with another key', `${head}  a: { needs: [], cache: { time: 3s } }\n`, ['unknown_key 3:28'], /ttl/],
];

describe('given a dependency graph with a fault', () => {
  it.each(broken)('when it has %s, then place and advice are given', (_what, text, places, advice) => {
    expect(found(text)).toEqual(places);
    expect(inspectFlow(text).errors[0]?.message).toMatch(advice);
  });

  it('when it has several, then all are given in the order of the text', () => {
    const text = `${head}  a: { needs: [q] }\n  b: { needs: [b] }\n  c: { needs: [], join: all }\n`;
    expect(found(text)).toEqual(['undefined_task 3:16', 'self_need 4:16', 'needs_and_next 5:19']);
  });

  it('when the output reads every result, then it may, needed or not', () => {
    expect(
      found(`${head}  a: { needs: [] }\n  b: { needs: [a] }\noutput: [{ a: "<% ctx(a) %>" }, { b: "<% ctx(b) %>" }]\n`),
    ).toEqual([]);
  });

  it('when only one task says what it needs, then the whole document is a graph', () => {
    const { definition } = inspectFlow(`${head}  a: { action: x }\n  b: { needs: a, action: x }\n`);
    expect(definition?.style).toBe('dag');
  });
});
