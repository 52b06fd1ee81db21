import { describe, expect, it } from 'vitest';
import { chain, type Graph, graph, type StepContext, step, structureOf } from '../../src/chain/index.ts';
import { byHand, deaf, listenersOf, rejection, settle, world } from './world.ts';

/** Counts what runs at once. */
function busy() {
  const begun: string[] = [];
  let running = 0;
  const most = { value: 0 };
  const work = async (_input: unknown, { step: name }: StepContext): Promise<string> => {
    begun.push(name);
    running += 1;
    most.value = Math.max(most.value, running);
    await settle();
    running -= 1;
    return name;
  };
  return { begun, most, work };
}

/** One entry point, five nodes that wait for it, and one that waits for all. */
function fan(options: Parameters<typeof graph>[0], work: (input: unknown, context: StepContext) => unknown): Graph {
  const wide = graph(options).addNode('start', work).addNode('end', work);
  for (const name of ['a', 'b', 'c', 'd', 'e']) wide.addNode(name, work).addEdge('start', name).addEdge(name, 'end');
  return wide.setEntryPoint('start').setFinishPoint('end');
}

describe('given a graph', () => {
  it('when nodes stand in a row, then each gets what the one before gave', async () => {
    const row = graph<number, string>()
      .addNode('double', (value: number) => value * 2)
      .addNode('show', async (value: number) => `<${value}>`)
      .addEdge('double', 'show')
      .setEntryPoint(['double'])
      .setFinishPoint(['show']);

    expect(await row.invoke(21)).toBe('<42>');
  });

  it('when a node waits for several, then it gets a map of what they gave', async () => {
    const join = graph<number, unknown>()
      .addNode('one', (value: number) => value + 1)
      .addNode('two', async (value: number) => value + 2)
      .addNode('both', (given: unknown) => given)
      .addEdge('one', 'both')
      .addEdge('two', 'both')
      .setEntryPoint(['one', 'two'])
      .setFinishPoint('both');

    expect(await join.invoke(10)).toEqual({ one: 11, two: 12 });
  });

  it('when it has several finish points, then its output is a map of theirs, also of one with successors', async () => {
    const two = graph<number, unknown>()
      .addNode('a', (value: number) => value + 1)
      .addNode('b', (value: number) => value * 10)
      .addEdge('a', 'b')
      .setEntryPoint('a')
      .setFinishPoint(['a', 'b']);

    expect(await two.invoke(1)).toEqual({ a: 2, b: 20 });
  });

  it('when a branch leads to no finish point, then it runs all the same and is waited for', async () => {
    let noted: unknown;
    const notes = graph<number, number>()
      .addNode('a', (value: number) => value)
      .addNode('note', async (value: number) => {
        await settle();
        noted = value;
      })
      .addEdge('a', 'note')
      .setEntryPoint('a')
      .setFinishPoint('a');

    expect(await notes.invoke(5)).toBe(5);
    expect(noted).toBe(5);
  });

  it('when it is a node of another and a step of a chain, then it is called like any other', async () => {
    const inner = graph<number, number>({ name: 'inner' })
      .addNode('increase', (value: number) => value + 1)
      .setEntryPoint('increase')
      .setFinishPoint('increase');
    const outer = graph<number, number>()
      .addNode('inner', inner)
      .addNode('chain', chain([inner, (value: number) => value * 2]))
      .addEdge('inner', 'chain')
      .setEntryPoint('inner')
      .setFinishPoint('chain');

    expect(await outer.invoke(1)).toBe(6);
  });

  it('when it is called twice at once, then the calls do not meet', async () => {
    const { work } = busy();
    const wide = fan({}, async (input, context) => [input, await work(input, context)].length);

    expect(await wide.batch([1, 2])).toEqual([2, 2]);
  });

  it('when ten thousand nodes stand in a row, then it ends well', async () => {
    const long = graph<number, number>();
    const total = 10_000;
    for (let index = 0; index < total; index += 1) long.addNode(`n${index}`, (value: number) => value + 1);
    for (let index = 1; index < total; index += 1) long.addEdge(`n${index - 1}`, `n${index}`);

    expect(
      await long
        .setEntryPoint('n0')
        .setFinishPoint(`n${total - 1}`)
        .invoke(0),
    ).toBe(total);
  });
});

describe('given limits of a graph', () => {
  it('when nothing is said, then what can run runs at once, up to 8', async () => {
    const { work, most } = busy();

    await fan({}, work).invoke(null);

    expect(most.value).toBe(5);
  });

  it('when it has two workers, then two nodes run at once, in the order they became ready', async () => {
    const { work, most, begun } = busy();

    await fan({ maxWorkers: 2 }, work).invoke(null);

    expect(most.value).toBe(2);
    expect(begun).toEqual(['start', 'a', 'b', 'c', 'd', 'e', 'end']);
  });

  it('when parallel execution is off, then one node runs at a time', async () => {
    const { work, most } = busy();

    await fan({ parallel: false, maxWorkers: 4 }, work).invoke(null);

    expect(most.value).toBe(1);
  });

  it('when more nodes are ready than its queue holds, then limit_exceeded says how many', async () => {
    const { work } = busy();

    expect(await rejection(fan({ maxWorkers: 2, queueSize: 2 }, work).invoke(null))).toMatchObject({
      code: 'limit_exceeded',
      details: { waiting: 3, queueSize: 2, maxWorkers: 2 },
    });
    expect(await fan({ maxWorkers: 2, queueSize: 3 }, work).invoke(null)).toBe('end');
  });

  it('when it takes longer than it may, then it is stopped', async () => {
    const { ports, pass, clock } = world();
    const failed = rejection(fan({ timeoutMs: 10, name: 'slow' }, deaf).invoke(null, { ports }));

    await pass(10);

    expect(await failed).toMatchObject({ code: 'timeout', details: { timeoutMs: 10 } });
    expect(clock.nextTimer()).toBeUndefined();
  });

  it('when a node fails, then it is tried again as the graph says, or as the node says', async () => {
    const tried: string[] = [];
    const work = (_input: unknown, { step: name, attempt }: StepContext): string => {
      tried.push(`${name} ${attempt}`);
      if (attempt === 1 && name === 'a') throw new Error('boom');
      return name;
    };

    expect(await fan({ retries: { count: 1, delayMs: 0 } }, work).invoke(null)).toBe('end');
    expect(tried).toContain('a 2');
    const never = graph({ retries: 3 })
      .addNode('a', step(work, { retries: 0 }))
      .setEntryPoint('a')
      .setFinishPoint('a');
    expect(await rejection(never.invoke(null))).toMatchObject({ details: { attempts: 1 } });
  });

  it('when a node fails for good, then the others are stopped, nothing more begins, and the error names it', async () => {
    const signals: AbortSignal[] = [];
    const begun: string[] = [];
    const { signal } = new AbortController();
    const gate = byHand<never>();
    const work = (_input: unknown, context: StepContext): unknown => {
      begun.push(context.step);
      signals.push(context.signal);
      if (context.step === 'start') return null;
      return context.step === 'b' ? gate.promise : deaf();
    };
    const failed = rejection(fan({ name: 'wide', maxWorkers: 3 }, work).invoke(null, { signal }));
    await settle();
    gate.reject(new Error('boom'));

    expect(await failed).toMatchObject({ code: 'failed', step: 'b' });
    expect(begun).toEqual(['start', 'a', 'b', 'c']);
    expect(signals.every((one) => one.aborted)).toBe(true);
    expect(listenersOf(signal)).toBe(0);
  });

  it.each([
    ['no workers', { maxWorkers: 0 }],
    ['half a worker', { maxWorkers: 0.5 }],
    ['a negative queue', { queueSize: -1 }],
    ['no time', { timeoutMs: 0 }],
  ])('when it is to have %s, then it is refused', (_what, options) => {
    expect(() => graph(options)).toThrow(expect.objectContaining({ code: 'bad_definition' }));
  });
});

describe('given a graph that is wrong', () => {
  const noop = (): null => null;
  const three = (): Graph => graph({ name: 'g' }).addNode('a', noop).addNode('b', noop).addNode('c', noop);

  it.each<[string, () => unknown, string[]]>([
    ['a name twice', () => three().addNode('a', noop), ['a']],
    ['an edge from nowhere', () => three().addEdge('x', 'a'), ['x']],
    ['an edge to nowhere', () => three().addEdge('a', 'x'), ['x']],
    ['an edge twice', () => three().addEdge('a', 'b').addEdge('a', 'b'), ['a', 'b']],
    ['an edge to itself', () => three().addEdge('a', 'a'), ['a', 'a']],
    ['an unknown entry point', () => three().setEntryPoint('x'), ['x']],
    ['an unknown finish point', () => three().setFinishPoint(['a', 'x']), ['x']],
    ['no nodes', () => graph().validate(), []],
    ['no entry point', () => three().setFinishPoint('a').validate(), []],
    ['no finish point', () => three().setEntryPoint('a').validate(), []],
    [
      'a cycle',
      () =>
        three().addEdge('a', 'b').addEdge('b', 'c').addEdge('c', 'b').setEntryPoint('a').setFinishPoint('c').validate(),
      ['b', 'c'],
    ],
    [
      'a finish point that nothing leads to',
      () => three().addEdge('a', 'b').setEntryPoint('a').setFinishPoint(['b', 'c']).validate(),
      ['c'],
    ],
    [
      'a node that nothing leads to',
      () => three().addEdge('a', 'b').setEntryPoint('a').setFinishPoint('b').validate(),
      ['c'],
    ],
    [
      'an entry point with an edge to it',
      () => three().addEdge('a', 'b').addEdge('b', 'c').setEntryPoint(['a', 'b']).setFinishPoint('c').validate(),
      ['b'],
    ],
  ])('when it has %s, then it is refused with the nodes at fault', (_what, make, nodes) => {
    expect(make).toThrow(expect.objectContaining({ code: 'bad_definition', details: { nodes } }));
  });

  it('when it is called, then it is refused as well', async () => {
    expect(await rejection(three().invoke(null))).toMatchObject({ code: 'bad_definition' });
  });

  it('when a cycle is refused, then the message shows it in its order', () => {
    const ring = three().addEdge('a', 'b').addEdge('b', 'c').addEdge('c', 'a').setEntryPoint('a').setFinishPoint('c');

    expect(() => ring.validate()).toThrow(/(a → b → c → a|b → c → a → b|c → a → b → c)/);
  });
});

describe('given the structure of a graph', () => {
  it('when it is read, then nodes, edges, ends and limits are there, and those of a graph within', () => {
    const inner = chain([(value: number) => value], { name: 'inner' });
    const { structure } = graph({ name: 'g', maxWorkers: 3, queueSize: 9 })
      .addNode('last', () => null)
      .addNode('first', inner)
      .addEdge('first', 'last')
      .setEntryPoint('first')
      .setFinishPoint('last');

    expect(structure).toMatchObject({
      kind: 'graph',
      name: 'g',
      edges: [['first', 'last']],
      entryPoints: ['first'],
      finishPoints: ['last'],
      maxWorkers: 3,
      queueSize: 9,
    });
    expect(structure.steps.map(({ name }) => name)).toEqual(['first', 'last']);
    expect(structureOf(structure.steps[0]!.runnable)).toMatchObject({ kind: 'chain', name: 'inner' });
  });
});
