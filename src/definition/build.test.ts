import { describe, expect, it } from 'vitest';
import type { FlowDefinition, FlowTask } from './flow.ts';
import { inspectFlow } from './inspect.ts';

function flow(text: string): FlowDefinition {
  const { definition, errors } = inspectFlow(text);
  expect(errors).toEqual([]);
  if (definition?.style !== 'flow') throw new Error('not a flow');
  return definition;
}

function task(lines: string): FlowTask {
  const text = `input: [xs]\ntasks:\n  a:\n${lines.replace(/^/gm, '    ')}\n  b: {action: x}\n  c: {action: x}\n`;
  return flow(text).tasks.get('a')!;
}

describe('given a document without errors', () => {
  it('when it says little, then the rest has its defaults', () => {
    expect(flow('tasks:\n  a: {action: x}')).toMatchObject({
      style: 'flow',
      tags: [],
      input: [],
      vars: [],
      output: [],
      match: 'all',
      limits: {},
      hasEntryPoint: true,
    });
  });

  it('when it says all there is, then all of it is there, in order', () => {
    const made = flow(
      'version: 1.0\nname: n\ndescription: d\ntags: [t]\nmatch: first\nlimits: {duration: 90m, iterations: 7}\ninput: [z, {y: 1}]\nvars: [{b: 2}, {a: <% ctx(b) %>}]\noutput: [{o: <% ctx(a) %>}]\ntasks:\n  q: {action: x}\n  p: {action: x}\n',
    );

    expect(made).toMatchObject({ name: 'n', description: 'd', tags: ['t'], match: 'first' });
    expect(made.limits).toEqual({ durationMs: 5_400_000, iterations: 7 });
    expect(made.input.map(({ name, value }) => [name, value?.source])).toEqual([
      ['z', undefined],
      ['y', 1],
    ]);
    expect(made.vars.map(({ name, value }) => [name, value.source])).toEqual([
      ['b', 2],
      ['a', '<% ctx(b) %>'],
    ]);
    expect(made.output.map(({ name }) => name)).toEqual(['o']);
    expect([...made.tasks.keys()]).toEqual(['q', 'p']);
  });

  it('when parameters stand behind an action, then they are its input, and the last of a name wins', () => {
    const { action, input } = task('action: core.local cmd="date" n=1 n=2');

    expect(action?.source).toBe('core.local');
    expect(input?.source).toEqual({ cmd: 'date', n: 2 });
  });

  it('when an input is one expression, then it stays one', () => {
    expect(task('action: x\ninput: <% ctx(xs) %>').input?.source).toBe('<% ctx(xs) %>');
  });

  it('when a task has items, then names, expression and concurrency are apart', () => {
    const { with: items } = task('action: x\nwith:\n  items: i,j  in <% ctx(xs) %>\n  concurrency: 2');

    expect(items).toMatchObject({ keys: ['i', 'j'], text: '<% ctx(xs) %>' });
    expect(items?.items.source).toBe('<% ctx(xs) %>');
    expect(items?.concurrency?.source).toBe(2);
  });

  it('when items hold the word in, then it is taken for a name only before an expression', () => {
    expect(task('action: x\nwith: <% ctx(xs).where($ in list(1)) %>').with).toMatchObject({
      text: '<% ctx(xs).where($ in list(1)) %>',
    });
  });

  it('when a task says when, how often and how long, then it is kept', () => {
    const made = task(
      'action: x\njoin: all\ndelay: 3\ntimeout: 30s\npriority: 70\nmatch: first\nretry: {count: 2, delay: 1, factor: 2, max_delay: 5m, jitter: 0.1}',
    );

    expect(made).toMatchObject({ join: 'all', priority: 70, match: 'first' });
    expect(made.delay?.source).toBe(3);
    expect(made.timeout?.source).toBe('30s');
    expect(made.retry).toMatchObject({ factor: 2, maxDelayMs: 300_000, jitter: 0.1 });
    expect([made.retry?.count.source, made.retry?.delay?.source, made.retry?.when]).toEqual([2, 1, undefined]);
  });

  it('when transitions name their targets as text or list, then they are names without repeats', () => {
    const { next } = task('next:\n  - do: b , c\n  - do: [c, b]\n  - publish: x=1 y="2"');

    expect(next.map(({ index, targets }) => [index, targets])).toEqual([
      [0, ['b', 'c']],
      [1, ['c', 'b']],
      [2, ['continue']],
    ]);
    expect(next[2]?.publish.map(({ name, value }) => [name, value.source])).toEqual([
      ['x', 1],
      ['y', '2'],
    ]);
  });

  it('when a transition says retry, then the task has a retry and the transition no such target', () => {
    const { next, retry } = task('action: x\nnext:\n  - when: <% failed() %>\n    do: retry\n  - do: b, retry');

    expect(next.map(({ targets }) => targets)).toEqual([[], ['b']]);
    expect([retry?.count.source, retry?.when?.source]).toEqual([3, '<% completed() %>']);
  });
});
