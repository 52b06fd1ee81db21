import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../base/index.ts';
import { Contexts } from './contexts.ts';
import { applyPatch, composePatches, type Patch } from './patch.ts';

/** Contexts as the documentation has them: lists of numbered publishes, merged from the start each time. */
class Model {
  readonly lists: { number: number; values: JsonObject }[][] = [];
  #next = 0;

  root(values: JsonObject): number {
    return this.lists.push([{ number: this.#next++, values }]) - 1;
  }

  publish(parent: number, values: JsonObject): number {
    return this.lists.push([...this.lists[parent]!, { number: this.#next++, values }]) - 1;
  }

  join(held: number, arriving: number): number {
    const have = new Set(this.lists[held]!.map((one) => one.number));
    const more = this.lists[arriving]!.filter((one) => !have.has(one.number));
    return this.lists.push([...this.lists[held]!, ...more]) - 1;
  }

  value(context: number): Json {
    return this.lists[context]!.reduce<Json>((value, one) => applyPatch(value, { '~': one.values }), {});
  }
}

const leaf = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 3 }), fc.constantFrom('x', '__proto__'));
const key = fc.constantFrom('a', 'b', '__proto__', 'constructor');
const map: fc.Arbitrary<JsonObject> = fc.letrec<{ value: Json; map: JsonObject }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, tie('map')) as fc.Arbitrary<Json>,
  map: fc.dictionary(key, tie('value'), { maxKeys: 3 }) as fc.Arbitrary<JsonObject>,
})).map;

type Step =
  | { do: 'publish'; from: number; values: JsonObject }
  | { do: 'join'; from: number; with: number }
  | { do: 'fold'; keep: number[] };
const index = fc.nat({ max: 1_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('publish' as const), from: index, values: map }),
  fc.record({ do: fc.constant('join' as const), from: index, with: index }),
  fc.record({ do: fc.constant('fold' as const), keep: fc.array(index, { minLength: 1, maxLength: 4 }) }),
);

describe('given contexts that branches publish to, join and fold', () => {
  it('when any history of them is read, then each held context is what its list of publishes merges to', () => {
    fc.assert(
      fc.property(map, fc.array(step, { maxLength: 25 }), fc.boolean(), (root, steps, freeze) => {
        let contexts = new Contexts();
        const model = new Model();
        let held: { real: number; model: number }[] = [{ real: contexts.root(root), model: model.root(root) }];
        const at = (n: number) => held[n % held.length]!;
        for (const one of steps) {
          if (one.do === 'publish') {
            const from = at(one.from);
            held.push({ real: contexts.publish(from.real, one.values), model: model.publish(from.model, one.values) });
          } else if (one.do === 'join') {
            const [a, b] = [at(one.from), at(one.with)];
            held.push({ real: contexts.join(a.real, b.real), model: model.join(a.model, b.model) });
          } else {
            held = [...new Set(one.keep.map((n) => at(n)))];
            contexts.fold(held.map((context) => context.real));
          }
          if (freeze) contexts = Contexts.thaw(JSON.parse(JSON.stringify(contexts.freeze())) as Json);
          for (const context of held) expect(contexts.value(context.real)).toEqual(model.value(context.model));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('when a loop publishes 10,000 times and folds as it goes, then a handful of nodes are left', () => {
    const contexts = new Contexts();
    const root = contexts.root({ n: 0 });
    let current = root;
    for (let round = 1; round <= 10_000; round += 1) {
      current = contexts.publish(current, { n: round });
      if (round % 64 === 0) contexts.fold([root, current]);
    }
    contexts.fold([root, current]);
    expect(contexts.size).toBe(2);
    expect(contexts.value(current)).toEqual({ n: 10_000 });
  });
});

describe('given two publishes made into one', () => {
  const patch: fc.Arbitrary<Patch> = map.map((values) => ({ '~': values }));

  it('when it is applied, then it does what the two do one after the other', () => {
    fc.assert(
      fc.property(map, fc.array(patch, { minLength: 2, maxLength: 5 }), (target, patches) => {
        const inTurn = patches.reduce<Json>((value, one) => applyPatch(value, one), target);
        const atOnce = applyPatch(
          target,
          patches.reduce((first, second) => composePatches(first, second)),
        );
        expect(atOnce).toEqual(inTurn);
      }),
    );
  });
});
