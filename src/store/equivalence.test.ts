import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { append, at, row, runId, start } from './conformance/arrange.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { openSqlite } from './sqlite/sqlite-store.ts';
import type { Bundle, RunAppend, RunRowChange, Store } from './store.ts';

const ids = ['a', 'b', 'c', 'd'].map(runId);

const change: fc.Arbitrary<RunRowChange> = fc.record(
  {
    status: fc.constantFrom('running', 'waiting', 'failed'),
    final: fc.boolean(),
    active: fc.boolean(),
    endedAt: fc.option(fc.integer({ min: 0, max: 9 }).map(at), { nil: undefined }),
    attributes: fc.option(
      fc.dictionary(
        fc.constantFrom('x', 'y'),
        fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('a', 'b', true)),
        {
          noNullPrototype: true,
        },
      ),
      { nil: undefined },
    ),
    parent: fc.option(fc.constantFrom(...ids), { nil: undefined }),
    dueAt: fc.option(fc.integer({ min: 0, max: 5 }).map(at), { nil: undefined }),
    owner: fc.option(fc.constantFrom('e1', 'e2'), { nil: undefined }),
  },
  { requiredKeys: [] },
);

const anAppend: fc.Arbitrary<RunAppend> = fc
  .record({
    run: fc.constantFrom(...ids),
    expected: fc.integer({ min: 0, max: 4 }),
    count: fc.integer({ min: 1, max: 2 }),
    change: fc.option(change, { nil: undefined }),
    snapshot: fc.option(fc.string(), { nil: undefined }),
    payloads: fc.option(fc.string(), { nil: undefined }),
  })
  .map(({ run, expected, count, change: changed, snapshot, payloads }) => {
    const common: Partial<RunAppend> = {
      count,
      ...(snapshot === undefined ? {} : { snapshot }),
      ...(payloads === undefined ? {} : { payloads }),
    };
    if (expected === 0) return start(run, { ...common, row: row(changed) });
    return append(run, expected, changed === undefined ? common : { ...common, row: changed });
  });

const aBundle: fc.Arbitrary<Bundle> = fc.record({
  // Few ids, so that retries happen.
  appendId: fc.integer({ min: 0, max: 30 }).map(String),
  appends: fc.uniqueArray(anAppend, { minLength: 1, maxLength: 2, selector: ({ run }) => run }),
});

type Step =
  | { commit: readonly Bundle[] }
  | { remove: (typeof ids)[number] }
  | { end: (typeof ids)[number] }
  | { sweep: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.array(aBundle, { maxLength: 4 }).map((commit) => ({ commit })) },
    { weight: 1, arbitrary: fc.constantFrom(...ids).map((remove) => ({ remove })) },
    { weight: 1, arbitrary: fc.constantFrom(...ids).map((end) => ({ end })) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 9 }).map((sweep) => ({ sweep })) },
  ),
  { maxLength: 25 },
);

async function take(store: Store, step: Step, ms: number): Promise<unknown> {
  if ('remove' in step) return store.remove(step.remove);
  if ('end' in step) return store.removeEnded([step.end]);
  if ('sweep' in step) {
    const swept = await store.sweep({ status: 'failed', endedBy: at(step.sweep), limit: 2 });
    return { ...swept, next: swept.next !== undefined };
  }
  const timed = step.commit.map((one) => ({ ...one, appends: one.appends.map((each) => ({ ...each, at: at(ms) })) }));
  return store.commit(timed);
}

async function everything(store: Store): Promise<unknown> {
  return [
    await store.list(),
    await store.list({ order: 'oldest', status: ['waiting', 'failed'] }),
    await store.open(),
    await store.open({ active: true }),
    await store.due(at(3), 3),
    await store.nextDue(),
    await store.nextEnded('failed'),
    (await store.find({ attributes: { x: { gte: 1, lt: 3 } } })).rows,
    (await store.find({ attributes: { x: { eq: 'a' }, y: { ne: true } } })).rows,
    await store.lastInstant(),
    await Promise.all(ids.map((id) => store.load(id))),
    await Promise.all(ids.map((id) => store.history(id, { after: 2 }))),
  ];
}

describe('given the memory store and the SQLite store', () => {
  it('when both are told the same, then both answer the same', async () => {
    const property = fc.asyncProperty(steps, async (taken) => {
      const [memory, sqlite] = [new MemoryStore(), await openSqlite({ path: ':memory:' })];
      for (const [ms, step] of taken.entries())
        expect(await take(sqlite, step, ms)).toEqual(await take(memory, step, ms));
      expect(await everything(sqlite)).toEqual(await everything(memory));
      await sqlite.close();
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
