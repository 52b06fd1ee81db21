/** Random chains and graphs against what they should come to, worked out in the plainest way. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chain, graph, type StepContext } from '../../src/chain/index.ts';
import { listenersOf, rejection, settle, world } from './world.ts';

const kinds = ['plain', 'promise', 'late', 'generator'] as const;
type Kind = (typeof kinds)[number];

/** Appends its name to the text, in one of the ways a step may answer. */
function appending(name: string, kind: Kind): (input: unknown) => unknown {
  const answer = (input: unknown): string => `${JSON.stringify(input)}${name}`;
  switch (kind) {
    case 'plain':
      return answer;
    case 'promise':
      return async (input) => answer(input);
    case 'late':
      return async (input) => {
        await settle();
        return answer(input);
      };
    case 'generator':
      return async function* (input) {
        for (const letter of answer(input)) yield letter;
      };
  }
}

const kind = fc.constantFrom(...kinds);

describe('given any chain', () => {
  it('when it is invoked, streamed and batched, with limits and without, then it comes to the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(kind, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        fc.string(),
        async (steps, isLimited, input) => {
          const { ports, clock } = world();
          const { signal } = new AbortController();
          const limits = isLimited ? { timeoutMs: 1000, stepTimeoutMs: 100, retries: 2 } : {};
          const any = chain(
            steps.map((one, index) => appending(`${index}`, one)) as [(input: unknown) => unknown],
            limits,
          );
          const expected = steps.reduce<unknown>((value, _one, index) => `${JSON.stringify(value)}${index}`, input);
          const options = { ports, signal };

          let streamed = '';
          for await (const chunk of any.stream(input, options)) streamed += chunk;

          expect(await any.invoke(input, options)).toBe(expected);
          expect(streamed).toBe(expected);
          expect(await any.batch([input, input], options)).toEqual([expected, expected]);
          expect(clock.nextTimer()).toBeUndefined();
          expect(listenersOf(signal)).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

interface AnyGraph {
  readonly nodes: readonly Kind[];
  /** From a lower to a higher place. */
  readonly edges: readonly (readonly [number, number])[];
}

const anyGraph: fc.Arbitrary<AnyGraph> = fc.array(kind, { minLength: 1, maxLength: 10 }).chain((nodes) => {
  const place = fc.nat(nodes.length - 1);
  return fc
    .uniqueArray(fc.tuple(place, place), { selector: ([from, to]) => `${from} ${to}`, maxLength: 25 })
    .map((pairs) => ({ nodes, edges: pairs.filter(([from, to]) => from < to) }));
});

function built(
  { nodes, edges }: AnyGraph,
  workOf: (place: number) => (input: unknown, context: StepContext) => unknown,
) {
  const any = graph({ maxWorkers: 3 });
  for (const place of nodes.keys()) any.addNode(`n${place}`, workOf(place));
  for (const [from, to] of edges) any.addEdge(`n${from}`, `n${to}`);
  const places = [...nodes.keys()];
  any.setEntryPoint(places.filter((place) => edges.every(([, to]) => to !== place)).map((place) => `n${place}`));
  return any.setFinishPoint(places.map((place) => `n${place}`));
}

describe('given any graph', () => {
  it('when it is invoked, then every node ran once, after those it waits for, with what they gave', async () => {
    await fc.assert(
      fc.asyncProperty(anyGraph, async (any) => {
        const expected: string[] = [];
        for (const place of any.nodes.keys()) {
          const before = any.edges
            .flatMap(([from, to]) => (to === place ? [from] : []))
            .sort((one, other) => one - other);
          const given =
            before.length === 0
              ? 'in'
              : before.length === 1
                ? expected[before[0]!]
                : Object.fromEntries(before.map((from) => [`n${from}`, expected[from]]));
          expected.push(`${JSON.stringify(given)}${place}`);
        }
        const sorted = (input: unknown): unknown =>
          typeof input === 'object' && input !== null
            ? Object.fromEntries(
                Object.entries(input).sort(([one], [other]) => Number(one.slice(1)) - Number(other.slice(1))),
              )
            : input;
        const ran: number[] = [];
        const work = (place: number) => (input: unknown) => {
          ran.push(place);
          return appending(`${place}`, any.nodes[place]!)(sorted(input));
        };

        const output = await built(any, work).invoke('in');

        const outputs = any.nodes.length === 1 ? { n0: output } : output;
        expect(outputs).toEqual(Object.fromEntries(expected.map((text, place) => [`n${place}`, text])));
        expect(ran.toSorted((one, other) => one - other)).toEqual([...any.nodes.keys()]);
      }),
      { numRuns: 200 },
    );
  });

  it('when a node fails, then the graph does, and nothing begins afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(anyGraph, fc.nat(), async (any, chosen) => {
        const fails = chosen % any.nodes.length;
        let isOver = false;
        let beganLate = false;
        const { signal } = new AbortController();
        const work = (place: number) => (input: unknown) => {
          beganLate ||= isOver;
          if (place === fails) throw new Error('boom');
          return appending(`${place}`, any.nodes[place]!)(input);
        };

        const error = await rejection(built(any, work).invoke('in', { signal }));
        isOver = true;
        await settle();
        await settle();

        expect(error).toMatchObject({ code: 'failed', step: `n${fails}` });
        expect(beganLate).toBe(false);
        expect(listenersOf(signal)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
