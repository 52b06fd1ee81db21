/** What is wrong with a graph is told when it is built, all of it, with codes. */

import { describe, expect, it } from 'vitest';
import { type DagBuilder, dag, defineAction, isPawlError } from '../../src/index.ts';

/** A graph as a user of JavaScript may write it: nothing holds the names and values back. */
interface Loose {
  task(name: unknown, options?: unknown): Loose;
  map(name: unknown, options?: unknown): Loose;
  include(prefix: unknown, segment: unknown, options?: unknown): Loose;
  output(names: unknown, give: unknown): Loose;
  check(): ReturnType<ReturnType<typeof dag>['check']>;
  build(): unknown;
}

function loose(name: unknown = 'x', options: unknown = {}): Loose {
  return dag(name as string, options as object) as unknown as Loose;
}

const one = (): number => 1;

function codes(graph: Pick<Loose, 'check'>): string[] {
  return graph.check().map(({ code, task }) => (task === undefined ? code : `${code} ${task}`));
}

describe('given a graph with nothing wrong', () => {
  it('when it is checked, then there are no faults', () => {
    expect(codes(dag('x').task('a', { run: one }))).toEqual([]);
  });

  it('when it is built, then it is a workflow that does not change', () => {
    const built = dag('x', { version: '3' }).task('a', { run: one }).build();

    expect(built).toMatchObject({ name: 'x', version: '3', definition: { style: 'dag', failure: 'stop' } });
    expect(Object.isFrozen(built)).toBe(true);
    expect(Object.isFrozen(built.definition)).toBe(true);
  });

  it('when it is built twice, then it is the same workflow', () => {
    const graph = dag('x').task('a', { run: one });

    expect(graph.build()).toBe(graph.build());
  });

  it('when a builder goes on, then the one before is as it was', () => {
    const short = dag('x').task('a', { run: one });
    const long = short.task('b', { needs: ['a'], run: one });
    const other = short.task('c', { run: one });

    expect([...short.definition.tasks.keys()]).toEqual(['a']);
    expect([...long.definition.tasks.keys()]).toEqual(['a', 'b']);
    expect([...other.definition.tasks.keys()]).toEqual(['a', 'c']);
  });

  it('when it has ten thousand tasks, then it is built all the same', () => {
    let graph = dag('x').open().task('t0', { run: one });
    for (let index = 1; index < 10_000; index += 1) graph = graph.task(`t${index}`, { needs: [`t${index - 1}`] });

    expect(graph.definition.tasks.size).toBe(10_000);
  });
});

describe('given a graph with several faults', () => {
  const graph = loose('x', { concurrency: 0, failure: 'never' })
    .task('a', { needs: ['b', 'nowhere'], run: one, priority: 101 })
    .task('b', { needs: ['a'], trigger: 'sometimes', timeout: 'soon' })
    .task('a', {})
    .output(['c'], () => null);

  it('when it is checked, then all of them are told', () => {
    expect(codes(graph).sort()).toEqual([
      'cycle a',
      'duplicate_task a',
      'number_out_of_range',
      'number_out_of_range a',
      'undefined_task',
      'undefined_task a',
      'wrong_value',
      'wrong_value b',
      'wrong_value b',
    ]);
  });

  it('when it is built, then one error holds all of them', () => {
    let thrown: unknown;
    try {
      graph.build();
    } catch (error) {
      thrown = error;
    }

    expect(isPawlError(thrown) && thrown.code).toBe('bad_definition');
    expect(isPawlError(thrown) && thrown.details.faults).toEqual(graph.check());
  });

  it('when an engine is given it, then it is refused the same way', () => {
    const whole = graph as unknown as DagBuilder<ReturnType<typeof dag> extends DagBuilder<infer K> ? K : never>;

    expect(() => whole.definition).toThrow(expect.objectContaining({ code: 'bad_definition' }));
    expect(() => whole.handlers).toThrow(expect.objectContaining({ code: 'bad_definition' }));
  });
});

describe('given names', () => {
  it.each([
    ['no tasks', loose(), 'no_tasks'],
    ['a name with a dot', loose().task('a.b'), 'invalid_name a.b'],
    ['an empty name', loose().task(''), 'invalid_name '],
    ['a graph without a name', loose('').task('a'), 'invalid_name'],
    ['a command of flows as a name', loose().task('noop'), 'reserved_task_name noop'],
    ['a task called input', loose().task('input'), 'reserved_task_name input'],
    ['a task called result', loose().task('result'), 'reserved_task_name result'],
    ['a task twice', loose().task('a').task('a'), 'duplicate_task a'],
    ['a task with the name of a variable', loose('x', { vars: { a: 1 } }).task('a'), 'hidden_variable a'],
    ['a variable called input', loose('x', { vars: { input: 1 } }).task('a'), 'hidden_variable'],
    ['a variable with a space', loose('x', { vars: { 'a b': 1 } }).task('a'), 'invalid_name'],
    ['an action that is no name', loose().task('a', { action: 'no name' }), 'invalid_name a'],
    ['a prefix with a dot', loose().include('a.b', loose().task('c')), 'invalid_name'],
  ])('when there is %s, then it is a fault', (_what, graph, fault) => {
    expect(codes(graph)).toEqual([fault]);
  });

  it('when a name is of another script, then it is fine', () => {
    expect(
      codes(
        loose()
          .task('приём_2')
          .task('試験', { needs: ['приём_2'] }),
      ),
    ).toEqual([]);
  });

  it('when a variable has the name of every object, then closures see its value', () => {
    expect(codes(loose('x', { vars: { constructor: 1 } }).task('toString'))).toEqual([]);
  });
});

describe('given needs', () => {
  it.each([
    ['an unknown task', loose().task('a', { needs: ['b'] }), 'undefined_task a'],
    ['itself', loose().task('a', { needs: ['a'] }), 'self_need a'],
    [
      'a task twice',
      loose()
        .task('b')
        .task('a', { needs: ['b', { task: 'b', kind: 'preferred' }] }),
      'repeated_need a',
    ],
    ['no list', loose().task('a', { needs: 'b' }), 'wrong_value a'],
    ['nothing', loose().task('a', { needs: [null] }), 'undefined_task a'],
    [
      'a need of an unknown kind',
      loose()
        .task('b')
        .task('a', { needs: [{ task: 'b', kind: 'x' }] }),
      'wrong_value a',
    ],
  ])('when a task needs %s, then it is a fault', (_what, graph, fault) => {
    expect(codes(graph)).toEqual([fault]);
  });

  it('when an unknown task is nearly one that is there, then that is suggested', () => {
    const [fault] = loose()
      .task('install')
      .task('a', { needs: ['instal'] })
      .check();

    expect(fault?.message).toContain('"install"');
  });

  it('when a task below is needed, then it is no fault', () => {
    expect(
      codes(
        loose()
          .task('a', { needs: ['b'] })
          .task('b'),
      ),
    ).toEqual([]);
  });

  it('when there are two cycles, then each is told with its tasks', () => {
    const graph = loose()
      .task('a', { needs: ['c'] })
      .task('b', { needs: ['a'] })
      .task('c', { needs: ['b'] })
      .task('d', { needs: ['c', 'e'] })
      .task('e', { needs: [{ task: 'd', kind: 'preferred' }] });

    const cycles = graph.check().map(({ code, cycle }) => [code, new Set(cycle)]);

    expect(cycles).toEqual(
      expect.arrayContaining([
        ['cycle', new Set(['a', 'b', 'c'])],
        ['cycle', new Set(['d', 'e'])],
      ]),
    );
    expect(cycles.length).toBe(2);
  });

  it('when a segment has a cycle, then its tasks are named in full', () => {
    const segment = loose()
      .task('a', { needs: ['b'] })
      .task('b', { needs: ['a'] });
    const [fault] = loose().include('s', segment).check();

    expect(fault?.code).toBe('cycle');
    expect(new Set(fault?.cycle)).toEqual(new Set(['s.a', 's.b']));
  });

  it('when a segment waits for a task that waits for it, then it is a cycle', () => {
    const graph = loose()
      .include('s', loose().task('a'), { needs: ['b'] })
      .task('b', { needs: ['s.a'] });

    expect(codes(graph).map((code) => code.split(' ')[0])).toEqual(['cycle']);
  });

  it('when a segment needs an unknown task, then it is told of the tasks that would wait', () => {
    expect(codes(loose().include('s', loose().task('a'), { needs: ['b'] }))).toEqual(['undefined_task s.a']);
  });

  it('when the output reads an unknown task, then it is a fault', () => {
    expect(codes(loose().task('a').output(['b'], one))).toEqual(['undefined_task']);
  });
});

describe('given values', () => {
  const faultOf = (options: object): string[] => codes(loose().task('a', { run: one, ...options }));

  it.each([
    ['a duration without a unit', { timeout: '30' }, 'wrong_value a'],
    ['a negative duration', { timeout: -1 }, 'wrong_value a'],
    ['half a second of delay', { delay: '500ms' }, 'wrong_value a'],
    ['half a second before a retry', { retry: { count: 1, delay: 0.5 } }, 'wrong_value a'],
    ['a deadline that is no time', { deadline: 'tomorrow' }, 'wrong_value a'],
    ['an estimate that is none', { estimate: 'long' }, 'wrong_value a'],
    ['a cache for so many moons', { cache: { ttl: '2 moons' } }, 'wrong_value a'],
    ['a priority above 100', { priority: 101 }, 'number_out_of_range a'],
    ['a priority below 0', { priority: -1 }, 'number_out_of_range a'],
    ['a priority between two numbers', { priority: 0.5 }, 'number_out_of_range a'],
    ['a trigger that is unknown', { trigger: 'one_succeeded' }, 'wrong_value a'],
    ['fewer retries than none', { retry: { count: -1 } }, 'number_out_of_range a'],
    ['no count of retries', { retry: {} }, 'wrong_value a'],
    ['a factor below 1', { retry: { count: 1, factor: 0.5 } }, 'number_out_of_range a'],
    ['more jitter than there is delay', { retry: { count: 1, jitter: 1.5 } }, 'number_out_of_range a'],
    ['less memory than none', { resources: { memoryMb: -5 } }, 'number_out_of_range a'],
    ['a type of work that is unknown', { type: 'magic' }, 'wrong_value a'],
    ['both code and an action', { action: 'core.echo' }, 'run_and_action a'],
    ['a fallback that calls nothing', { fallback: {} }, 'wrong_value a'],
    ['a compensation that calls nothing', { compensate: {} }, 'wrong_value a'],
    ['an input that is not JSON', { input: { at: new Date(0) } }, 'not_json a'],
    ['code that is no function', { run: 'one' }, 'wrong_value a'],
    ['a condition that is no function', { when: true }, 'wrong_value a'],
    ['a key that means nothing', { retires: { count: 1 } }, 'unknown_key a'],
  ])('when a task has %s, then it is a fault', (_what, options, fault) => {
    expect(faultOf(options)).toEqual([fault]);
  });

  it('when durations are seconds or have a unit, then they are fine', () => {
    const { definition } = dag('x')
      .task('a', { run: one, delay: '1m', timeout: 0.25, deadline: '2h', estimate: 3, cache: { ttl: '1d' } })
      .task('b', { run: one, deadline: '2030-01-31T09:00:00Z', retry: { count: 1, delay: '2s', maxDelay: '90s' } });

    expect(definition.tasks.get('a')).toMatchObject({
      delay: { source: 60 },
      timeout: { source: 0.25 },
      deadline: { source: '2h' },
      estimateMs: 3_000,
      cache: { ttlMs: 86_400_000 },
    });
    expect(definition.tasks.get('b')).toMatchObject({ retry: { delay: { source: 2 }, maxDelayMs: 90_000 } });
  });

  it.each([
    ['no list', { run: one }, 'items_missing a'],
    ['nothing to do', { over: [1] }, 'items_without_action a'],
    ['a width of none', { over: [1], run: one, width: 0 }, 'number_out_of_range a'],
    ['a negative width', { over: [1], run: one, width: -2 }, 'number_out_of_range a'],
  ])('when a map has %s, then it is a fault', (_what, options, fault) => {
    expect(codes(loose().map('a', options))).toEqual([fault]);
  });

  it.each([
    ['tags that are not JSON', { tags: [one] }, 'not_json'],
    ['a schema that is none', { input: {} }, 'wrong_value'],
    ['an empty version', { version: '' }, 'wrong_value'],
    ['a negative limit', { limits: { durationMs: -1 } }, 'number_out_of_range'],
    ['a variable that is not JSON', { vars: { a: new Map() } }, 'not_json'],
    ['a key that means nothing', { failures: 'stop' }, 'unknown_key'],
  ])('when a graph has %s, then it is a fault', (_what, options, fault) => {
    expect(codes(loose('x', options).task('b'))).toEqual([fault]);
  });

  it('when two actions have one name, then it is a fault', () => {
    const first = defineAction({ name: 'twice', handler: one });
    const second = defineAction({ name: 'twice', handler: () => 2 });

    expect(codes(dag('x').task('a', { action: first }).task('b', { action: second }))).toEqual(['duplicate_action b']);
    expect(codes(dag('x').task('a', { action: first }).task('b', { action: first }))).toEqual([]);
  });
});

describe('given segments', () => {
  it('when one has no tasks, then it is a fault', () => {
    expect(codes(loose().task('a').include('s', loose()))).toEqual(['no_tasks']);
  });

  it('when two have one prefix, then it is a fault', () => {
    const graph = loose().include('s', loose().task('a')).include('s', loose().task('b'));

    expect(codes(graph)).toEqual(['duplicate_task']);
  });

  it('when it is no builder, then it is refused', () => {
    const built = dag('s').task('a').build();

    expect(() => loose().include('s', built)).toThrow(expect.objectContaining({ code: 'bad_input' }));
  });

  it('when one stands in another, then names have both prefixes', () => {
    const inner = dag('inner').task('a', { run: one });
    const outer = dag('outer')
      .include('in', inner)
      .task('b', { needs: ['in.a'], run: one });

    expect([...dag('x').include('out', outer).definition.tasks.keys()]).toEqual(['out.in.a', 'out.b']);
  });
});
