/** Random chains, graphs and combinators over numbers, some of whose steps fail. */

import { branch, type Composite, chain, graph, map, parallel } from '../../src/chain/index.ts';
import { SeededRandom } from '../../src/testing/simulation.ts';

export type AnyStepForTests = Composite<unknown, unknown>;

let made = 0;

export function randomComposite(seed: number): AnyStepForTests {
  made = 0;
  return composite(new SeededRandom(seed), 3, `c${seed}`);
}

function composite(random: SeededRandom, depth: number, name: string): AnyStepForTests {
  const kind = random.pick(['chain', 'chain', 'parallel', 'branch', 'map', 'graph'] as const);
  const inner = (place: number) =>
    depth > 0 && random.chance(0.35) ? composite(random, depth - 1, `${kind}${place}`) : step(random);
  const some = Array.from({ length: random.between(1, 3) }, (_, place) => inner(place));
  const options = { name };
  switch (kind) {
    case 'chain':
      return chain(some as never, options) as unknown as AnyStepForTests;
    case 'parallel':
      return parallel(
        Object.fromEntries(some.map((one, place) => [`p${place}`, one])) as never,
        options,
      ) as unknown as AnyStepForTests;
    case 'branch': {
      const limit = random.below(9);
      const arms = some.map((one, place) => [(value: unknown) => numberOf(value) % 3 === place && limit > 2, one]);
      return branch(arms as never, inner(9) as never, options) as unknown as AnyStepForTests;
    }
    case 'map':
      return chain(
        [(value: unknown) => [numberOf(value), 1, 2], map(some[0] as never), inner(8)] as never,
        options,
      ) as unknown as AnyStepForTests;
    case 'graph': {
      const nodes = graph(options);
      for (const [place, one] of some.entries()) nodes.addNode(`n${place}`, one as never);
      for (let to = 1; to < some.length; to += 1) nodes.addEdge(`n${random.below(to)}`, `n${to}`);
      const last = some.map((_, place) => `n${place}`);
      return nodes.setEntryPoint('n0').setFinishPoint(last) as unknown as AnyStepForTests;
    }
  }
}

function step(random: SeededRandom): (value: unknown) => unknown {
  const number = made;
  made += 1;
  const [factor, more] = [random.between(1, 4), random.below(5)];
  const fails = random.chance(0.06) ? random.below(7) : -1;
  const isAsync = random.chance(0.5);
  const compute = (value: unknown): number => {
    const n = numberOf(value);
    if (n % 7 === fails) throw new Error(`step ${number} fails`);
    return (n * factor + more) % 1000;
  };
  return isAsync ? async (value: unknown) => compute(value) : compute;
}

/** Whatever a step gave, as a number. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return [...JSON.stringify(value ?? null)].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 9973, 7);
}
