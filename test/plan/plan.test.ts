import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DagDefinition, type ExecutionPlan, type PlannedTask, plan } from '../../src/definition/index.ts';
import { definitionOf, graphOf } from './graphs.ts';

function task(made: ExecutionPlan, name: string): PlannedTask {
  return made.stages.flatMap(({ tasks }) => tasks).find((one) => one.name === name)!;
}

function stageNames(made: ExecutionPlan): string[][] {
  return made.stages.map(({ tasks }) => tasks.map(({ name }) => name));
}

describe('given a chain', () => {
  const chain = graphOf({
    a: { estimateMs: 1_000 },
    b: { needs: ['a'], estimateMs: 2_000 },
    c: { needs: ['b'], estimateMs: 3_000 },
  });

  it('when it is planned, then each task is a stage of its own, all are critical, and nothing runs beside another', () => {
    const made = plan(chain);

    expect(stageNames(made)).toEqual([['a'], ['b'], ['c']]);
    expect(made).toMatchObject({
      workflow: 'g',
      taskCount: 3,
      criticalPath: ['a', 'b', 'c'],
      estimatedMs: 6_000,
      criticalMs: 6_000,
      workMs: 6_000,
      parallelism: 1,
      parallelismBy: 'work',
      peakTasks: 1,
      unknown: [],
    });
    expect(made.stages.map(({ number, maxParallelism, estimatedMs }) => [number, maxParallelism, estimatedMs])).toEqual(
      [
        [1, 1, 1_000],
        [2, 1, 2_000],
        [3, 1, 3_000],
      ],
    );
    expect(task(made, 'c')).toMatchObject({ startMs: 3_000, endMs: 6_000, slackMs: 0, critical: true });
  });

  it('when it is planned on five workers, then they do not help', () => {
    expect(plan(chain, { workers: 5 })).toMatchObject({ estimatedMs: 6_000, workers: 5, utilisation: 0.2 });
  });
});

describe('given a diamond with one long side', () => {
  const diamond = graphOf({
    a: { estimateMs: 10 },
    long: { needs: ['a'], estimateMs: 50 },
    short: { needs: ['a'], estimateMs: 20 },
    z: { needs: ['long', 'short'], estimateMs: 10 },
  });

  it('when it is planned, then the long side is critical and the short one has the difference as slack', () => {
    const made = plan(diamond);

    expect(made.criticalPath).toEqual(['a', 'long', 'z']);
    expect(task(made, 'short')).toMatchObject({ startMs: 10, endMs: 30, slackMs: 30, critical: false });
    expect(made).toMatchObject({ estimatedMs: 70, parallelism: 90 / 70, peakTasks: 2 });
    expect(made.stages[1]).toMatchObject({ maxParallelism: 2, estimatedMs: 50 });
  });

  it('when one worker plans it, then all the work stands in a row, and the worker is never idle', () => {
    const made = plan(diamond, { workers: 1 });

    expect(made).toMatchObject({ estimatedMs: 90, criticalMs: 70, utilisation: 1, peakTasks: 1 });
    expect(task(made, 'short')).toMatchObject({ startMs: 60, endMs: 80 });
    expect(made.stages[1]).toMatchObject({ maxParallelism: 1, estimatedMs: 70 });
  });

  it('when the workflow itself runs one at a time, then so does its plan, whatever the workers', () => {
    expect(plan({ ...diamond, concurrency: 1 }, { workers: 8 })).toMatchObject({ estimatedMs: 90, workers: 1 });
  });

  it('when a task is twice as long on both sides, then both sides are critical and one of them is the path', () => {
    const made = plan(diamond, { estimates: new Map([['short', 50]]) });

    expect(made.criticalPath).toEqual(['a', 'long', 'z']);
    expect(task(made, 'short')).toMatchObject({ slackMs: 0, critical: true });
  });
});

describe('given ten tasks beside each other', () => {
  const wide = graphOf(Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`t${n}`, { estimateMs: 100 }])));

  it.each([
    [1, 1_000],
    [2, 500],
    [3, 400],
    [10, 100],
    [50, 100],
    [Number.POSITIVE_INFINITY, 100],
    [undefined, 100],
  ])('when %s workers plan them, then they take %s ms', (workers, estimatedMs) => {
    expect(plan(wide, workers === undefined ? {} : { workers }).estimatedMs).toBe(estimatedMs);
  });

  it.each([0, -1, 1.5, Number.NaN])('when %s workers are to plan them, then that is refused', (workers) => {
    expect(() => plan(wide, { workers })).toThrowError(expect.objectContaining({ code: 'bad_input' }));
  });
});

describe('given a preferred need', () => {
  const preferring = graphOf({
    first: { estimateMs: 10 },
    second: { needs: ['~first'], estimateMs: 100 },
  });

  it('when it is planned, then it gates nothing: both are of stage 1 and start at once', () => {
    const made = plan(preferring);

    expect(stageNames(made)).toEqual([['first', 'second']]);
    expect(made).toMatchObject({ estimatedMs: 100, criticalPath: ['second'] });
    expect(task(made, 'second')).toMatchObject({ startMs: 0, needs: [], prefers: ['first'] });
  });

  it('when one worker plans it, then the one that is preferred goes first, although the other is longer', () => {
    const made = plan(preferring, { workers: 1 });

    expect([task(made, 'first').startMs, task(made, 'second').startMs]).toEqual([0, 10]);
  });
});

describe('given triggers', () => {
  const tasks = { quick: { estimateMs: 10 }, slow: { estimateMs: 100 } };

  it('when one need is enough, then the task starts after the quicker one', () => {
    const made = plan(
      graphOf({ ...tasks, go: { needs: ['slow', 'quick'], trigger: 'any_succeeded', estimateMs: 20 } }),
    );

    expect(task(made, 'go')).toMatchObject({ startMs: 10, endMs: 30, slackMs: 70 });
    expect(stageNames(made)).toEqual([['quick', 'slow'], ['go']]);
    expect(made).toMatchObject({ criticalPath: ['slow'], estimatedMs: 100 });
  });

  it.each(['all_succeeded', 'all_done', 'none_failed'] as const)(
    'when it is %s, then it starts after both',
    (trigger) => {
      const made = plan(graphOf({ ...tasks, go: { needs: ['slow', 'quick'], trigger, estimateMs: 20 } }));

      expect(task(made, 'go')).toMatchObject({ startMs: 100, endMs: 120 });
    },
  );

  it('when one need is enough and one worker does it all, then it starts after whichever came first', () => {
    const made = plan(
      graphOf({ ...tasks, go: { needs: ['slow', 'quick'], trigger: 'any_succeeded', estimateMs: 20 } }),
      { workers: 1 },
    );

    expect(task(made, 'go').startMs).toBeGreaterThanOrEqual(10);
    expect(made.estimatedMs).toBe(130);
  });
});

describe('given tasks without an estimate', () => {
  const partly = graphOf({
    a: { estimateMs: 10 },
    unsure: { needs: ['a'] },
    b: { needs: ['a'], estimateMs: 100 },
    after: { needs: ['unsure'], estimateMs: 5 },
  });

  it('when one is off the critical path, then the duration stands, and what depends on it is absent and not 0', () => {
    const made = plan(partly);

    expect(made).toMatchObject({ estimatedMs: 110, criticalPath: ['a', 'b'], unknown: ['unsure'] });
    expect(made).not.toHaveProperty('workMs');
    expect(made).not.toHaveProperty('atLeastMs');
    expect(task(made, 'unsure')).toMatchObject({ startMs: 10, soonestMs: 10 });
    expect(task(made, 'unsure')).not.toHaveProperty('endMs');
    expect(task(made, 'unsure')).not.toHaveProperty('estimateMs');
    expect(task(made, 'unsure')).not.toHaveProperty('slackMs');
    expect(task(made, 'after')).not.toHaveProperty('startMs');
    expect(task(made, 'after').soonestMs).toBe(10);
    expect(made.stages[1]).not.toHaveProperty('estimatedMs');
    expect(made).toMatchObject({ parallelism: 4 / 3, parallelismBy: 'tasks', peakBy: 'stages' });
  });

  it('when one is on the critical path, then there is no duration but a bound', () => {
    const made = plan(graphOf({ a: { estimateMs: 10 }, b: { needs: ['a'] }, c: { needs: ['b'], estimateMs: 5 } }));

    expect(made).toMatchObject({ atLeastMs: 15, criticalPath: ['a', 'b', 'c'] });
    expect(made).not.toHaveProperty('estimatedMs');
    expect(made).not.toHaveProperty('criticalMs');
  });

  it('when two paths weigh the same, then the one that may be longer is the critical one', () => {
    const made = plan(graphOf({ a: { estimateMs: 10 }, b: { needs: ['a'], estimateMs: 0 }, c: { needs: ['a'] } }));

    expect(made.criticalPath).toEqual(['a', 'c']);
  });

  it('when none has one, then the longest way by tasks is critical', () => {
    const made = plan(graphOf({ a: {}, x: {}, b: { needs: ['a'] }, c: { needs: ['b'] } }));

    expect(made).toMatchObject({ criticalPath: ['a', 'b', 'c'], atLeastMs: 0, parallelism: 4 / 3 });
    expect(made.unknown).toEqual(['a', 'x', 'b', 'c']);
    expect(task(made, 'x').critical).toBe(false);
  });

  it('when there are too few workers, then starts are known up to the turn of the first such task', () => {
    const made = plan(partly, { workers: 2 });

    expect(made).not.toHaveProperty('estimatedMs');
    expect(made.atLeastMs).toBe(110);
    expect(['a', 'b', 'unsure', 'after'].map((name) => task(made, name).startMs)).toEqual([0, 10, 10, undefined]);
  });

  it('when a task calls nothing, then it is over at once, and that is known', () => {
    const made = plan(definitionOf('version: 1.0\ntasks:\n  a: {needs: []}\n  b: {needs: [a], action: core.noop}\n'));

    expect(made).toMatchObject({ estimatedMs: 0, unknown: [] });
  });
});

describe('given estimates from elsewhere', () => {
  const graph = graphOf({ a: { estimateMs: 10 }, b: { needs: ['a'] } });
  const quantiles = { p50: 20, p90: 40, p99: 80 };

  it('when they are a map, then they go before what the task declares', () => {
    expect(plan(graph, { estimates: new Map([['a', 100]]) }).atLeastMs).toBe(100);
  });

  it('when they are a function, then it is asked by name, and what it does not know is as declared', () => {
    expect(plan(graph, { estimates: (name) => (name === 'b' ? 5 : undefined) }).estimatedMs).toBe(15);
  });

  it.each([
    ['p50', 30],
    ['p90', 50],
    ['p99', 90],
  ] as const)('when they are quantiles and %s counts, then the plan takes %s ms', (quantile, estimatedMs) => {
    expect(plan(graph, { estimates: new Map([['b', quantiles]]), quantile })).toMatchObject({ estimatedMs, quantile });
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
    'when one is %s, then it is refused by the name of its task',
    (bad) => {
      expect(() => plan(graph, { estimates: new Map([['b', bad]]) })).toThrowError(
        expect.objectContaining({ code: 'bad_input', details: { task: 'b' } }),
      );
    },
  );
});

describe('given tasks that ask for resources', () => {
  const heavy = graphOf({
    a: { estimateMs: 10, resources: { cpu: 0.1, memoryMb: 100, named: { licence: 1 } } },
    b: { estimateMs: 20, resources: { cpu: 0.2, gpus: 1, named: { licence: 2 } } },
    c: { needs: ['a'], estimateMs: 5, resources: { cpu: 4, diskMb: 7, networkMbps: 9 } },
  });

  it('when it is planned, then each peak is the most that is held at one time, and an end lets go before a start takes', () => {
    const made = plan(heavy);

    expect(made.peakBy).toBe('schedule');
    expect(made.peak).toEqual({ cpu: 4.2, memoryMb: 100, gpus: 1, diskMb: 7, networkMbps: 9, named: { licence: 3 } });
    expect(made.peakTasks).toBe(2);
  });

  it('when one worker plans it, then nothing adds up', () => {
    expect(plan(heavy, { workers: 1 }).peak).toMatchObject({ cpu: 4, named: { licence: 2 } });
  });

  it('when an estimate is missing, then each stage is taken to run at once', () => {
    const made = plan({ ...heavy, tasks: new Map([...heavy.tasks].map(([name, one]) => [name, without(one)])) });

    expect(made).toMatchObject({ peakBy: 'stages', peak: { cpu: 4, memoryMb: 100, named: { licence: 3 } } });
  });

  it('when tasks take no time at all, then no peak is negative', () => {
    const made = plan(
      graphOf({
        a: { estimateMs: 0, resources: { cpu: 1 } },
        b: { estimateMs: 0, needs: ['a'], resources: { cpu: 2 } },
      }),
    );
    expect(made.peak).toEqual({ cpu: 2 });
  });

  function without({
    estimateMs: _,
    ...rest
  }: DagDefinition['tasks'] extends ReadonlyMap<string, infer T> ? T : never) {
    return rest;
  }
});

describe('given a flow', () => {
  it('when it has no loop, then its transitions are the needs, commands are none, and conditions are told', () => {
    const made = plan(
      definitionOf(
        'version: 1.0\ntasks:\n  a: {action: core.echo message="x", next: [{when: <% succeeded() %>, do: [b, c]}, {when: <% failed() %>, do: fail}]}\n' +
          '  b: {action: core.echo message="x", next: [{when: "<% result().ok %>", do: d}]}\n  c: {next: [{do: d}]}\n  d: {join: all, action: core.echo message="x"}\n',
      ),
    );

    expect(stageNames(made)).toEqual([['a'], ['b', 'c'], ['d']]);
    expect(task(made, 'd')).toMatchObject({ needs: ['b', 'c'], conditional: true });
    expect(task(made, 'b').conditional).toBe(false);
  });

  it('when it loops, then it is refused with the loop', () => {
    const loop = definitionOf(
      'version: 1.0\ntasks:\n  a: {next: [{do: b}]}\n  b: {next: [{do: c}]}\n  c: {next: [{when: <% failed() %>, do: b}]}\n',
    );

    expect(() => plan(loop)).toThrowError(
      expect.objectContaining({
        code: 'cycle',
        details: { cycle: ['b', 'c'] },
        message: expect.stringContaining('b -> c -> b'),
      }),
    );
  });

  it('when a task leads to itself, then it is refused with that task', () => {
    const loop = definitionOf(
      'version: 1.0\ntasks:\n  a: {next: [{do: b}]}\n  b: {next: [{when: <% failed() %>, do: b}]}\n',
    );

    expect(() => plan(loop)).toThrowError(expect.objectContaining({ details: { cycle: ['b'] } }));
  });
});

describe('given a graph whose tasks add others', () => {
  it('when it is planned, then they are named, since what they add is not in the plan', () => {
    const expand = { source: [], constant: true } as unknown as NonNullable<
      Parameters<typeof graphOf>[0][string]['expand']
    >;

    expect(plan(graphOf({ a: { expand }, b: {} })).growing).toEqual(['a']);
  });
});

describe('given any small graph', () => {
  const smallGraph = fc
    .array(fc.record({ duration: fc.integer({ min: 0, max: 9 }), needs: fc.integer({ min: 0, max: 127 }) }), {
      minLength: 1,
      maxLength: 7,
    })
    .map((tasks) =>
      graphOf(
        Object.fromEntries(
          tasks.map(({ duration, needs }, at) => [
            `t${at}`,
            { estimateMs: duration, needs: tasks.flatMap((_, n) => (n < at && (needs >> n) & 1 ? [`t${n}`] : [])) },
          ]),
        ),
      ),
    );

  it('when 1 to 3 workers plan it, then no bound is broken and it takes at most (2 − 1/m) times the shortest schedule', () => {
    fc.assert(
      fc.property(smallGraph, fc.integer({ min: 1, max: 3 }), (graph, workers) => {
        const made = plan(graph, { workers });
        const { estimatedMs = -1, criticalMs = -1, workMs = -1 } = made;
        const best = shortest(graph, workers);

        expect(estimatedMs).toBeGreaterThanOrEqual(Math.max(criticalMs, workMs / workers));
        expect(estimatedMs).toBeGreaterThanOrEqual(best);
        expect(estimatedMs).toBeLessThanOrEqual((2 - 1 / workers) * best);
        expectValid(made, workers);
      }),
      { numRuns: 300 },
    );
  });

  it('when there are workers for all, then it takes as long as its critical path, whose tasks have no slack', () => {
    fc.assert(
      fc.property(smallGraph, (graph) => {
        const made = plan(graph);
        const onPath = made.criticalPath.map((name) => task(made, name));

        expect(made.estimatedMs).toBe(made.criticalMs);
        expect(onPath.reduce((sum, one) => sum + one.estimateMs!, 0)).toBe(made.criticalMs);
        expect(onPath.every(({ slackMs, critical }) => slackMs === 0 && critical)).toBe(true);
        expectValid(made, Number.POSITIVE_INFINITY);
      }),
      { numRuns: 300 },
    );
  });

  function expectValid(made: ExecutionPlan, workers: number): void {
    const all = made.stages.flatMap(({ tasks }) => tasks);
    for (const one of all) {
      for (const need of one.needs) expect(one.startMs).toBeGreaterThanOrEqual(task(made, need).endMs!);
      const beside = all.filter(({ startMs, endMs }) => startMs! <= one.startMs! && endMs! > one.startMs!);
      expect(beside.length).toBeLessThanOrEqual(workers);
    }
  }
});

/** The shortest schedule there is, by trying every choice of tasks at every moment, idling included. */
function shortest(graph: DagDefinition, workers: number): number {
  const tasks = [...graph.tasks.values()];
  const number = new Map(tasks.map(({ name }, at) => [name, at]));
  const needs = tasks.map((one) => one.needs.reduce((mask, { task: name }) => mask | (1 << number.get(name)!), 0));
  const known = new Map<string, number>();
  const remaining = (done: number, running: readonly (readonly [task: number, left: number])[]): number => {
    if (done === 2 ** tasks.length - 1) return 0;
    const key = `${done} ${running.join(';')}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const busy = running.reduce((mask, [one]) => mask | (1 << one), 0);
    const ready = tasks.flatMap((_, at) =>
      ((done | busy) >> at) & 1 || (needs[at]! & done) !== needs[at] ? [] : [at],
    );
    let best = Number.POSITIVE_INFINITY;
    for (let choice = 0; choice < 2 ** ready.length; choice += 1) {
      const begun = ready.filter((_, at) => (choice >> at) & 1).map((one) => [one, tasks[one]!.estimateMs!] as const);
      const now = [...running, ...begun].sort((a, b) => a[0] - b[0]);
      if (now.length === 0 || now.length > workers) continue;
      const step = Math.min(...now.map(([, left]) => left));
      const over = now.reduce((mask, [one, left]) => (left === step ? mask | (1 << one) : mask), done);
      best = Math.min(
        best,
        step +
          remaining(
            over,
            now.flatMap(([one, left]) => (left === step ? [] : [[one, left - step]])),
          ),
      );
    }
    known.set(key, best);
    return best;
  };
  return remaining(0, []);
}

/** Of this process, so that what else the machine does is no part of it. */
function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

describe('given 10,000 tasks in a row', () => {
  it('when they are planned, then the length of the critical path is no factor: less than 300 ms of CPU, the first time too', () => {
    const names = Array.from({ length: 10_000 }, (_, at) => `t${at}`);
    const row = graphOf(
      Object.fromEntries(names.map((name, at) => [name, { estimateMs: 1, needs: at === 0 ? [] : [names[at - 1]!] }])),
    );
    const began = process.cpuUsage();
    const made = plan(row);
    const took = cpuMs(began);

    expect(made.criticalPath).toHaveLength(10_000);
    expect(took).toBeLessThan(300);
  });
});

describe('given 10,000 tasks in layers of a hundred', () => {
  const names = Array.from({ length: 10_000 }, (_, at) => `t${at}`);
  const large = graphOf(
    Object.fromEntries(
      names.map((name, at) => [
        name,
        {
          estimateMs: (at * 7919) % 1000,
          needs: at < 100 ? [] : [1, 37, 63].map((n) => names[at - (at % 100) - 100 + ((at + n) % 100)]!),
        },
      ]),
    ),
  );

  it.each([undefined, 8])('when %s workers plan them, then that takes less than 300 ms of CPU', (workers) => {
    plan(large);
    const began = process.cpuUsage();
    const made = plan(large, workers === undefined ? {} : { workers });
    const took = cpuMs(began);

    expect(made.stages).toHaveLength(100);
    expect(took).toBeLessThan(300);
  });
});
