/** Cases for finding runs: by attributes, by age, by parent, in pages. */

import assert from 'node:assert/strict';
import type { Attributes, RunId } from '../../base/index.ts';
import type { AttributeFilter } from '../attribute-filter.ts';
import type { FindQuery, Store } from '../store.ts';
import { append, at, type ConformanceCase, readable, row, runId, same, start, write } from './arrange.ts';

async function begin(store: Store, name: string, attributes?: Attributes, createdMs = 0): Promise<RunId> {
  const run = runId(name);
  await write(store, start(run, { row: row({ attributes, createdAt: at(createdMs) }) }));
  return run;
}

async function found(store: Store, query: FindQuery): Promise<readonly string[]> {
  return (await store.find({ order: 'oldest', ...query })).rows.map(({ run }) => run);
}

const by = (attributes: AttributeFilter): FindQuery => ({ attributes });

export const attributeCases: readonly ConformanceCase[] = [
  {
    name: 'given runs with attributes, when one is read or listed, then its row has them as they were',
    async run({ store }) {
      const attributes = { amount: 12.5, customer: 'Ä 漢 "quoted"', urgent: false };
      const run = await begin(store, 'a', attributes);
      await begin(store, 'b', {});
      same((await readable(store, run)).row.attributes, attributes);
      same(
        (await store.list({ order: 'oldest' })).map((each) => each.attributes),
        [attributes, undefined],
      );
    },
  },
  {
    name: 'given runs with attributes, when they are looked for by value, then those that have it are found, type and all',
    async run({ store }) {
      await begin(store, 'a', { n: 1, s: '1', b: true });
      await begin(store, 'b', { n: 2, s: '2', b: false });
      await begin(store, 'c', { n: 1 });
      await begin(store, 'd');
      same(await found(store, by({ n: { eq: 1 } })), ['a', 'c']);
      same(await found(store, by({ n: { eq: '1' } })), []);
      same(await found(store, by({ s: { eq: '1' } })), ['a']);
      same(await found(store, by({ b: { eq: true } })), ['a']);
      same(await found(store, by({ b: { eq: 1 } })), []);
      same(await found(store, by({ n: { eq: 1 }, s: { eq: '1' } })), ['a']);
      same(await found(store, by({ n: { in: [2, 3] } })), ['b']);
      same(await found(store, by({ n: { ne: 1 } })), ['b', 'd']);
      same(await found(store, by({ s: { exists: true } })), ['a', 'b']);
      same(await found(store, by({ s: { exists: false } })), ['c', 'd']);
      same(await found(store, by({ constructor: { exists: true } })), []);
      same(await store.find({ attributes: { n: { eq: 1 } } }).then(({ rows }) => rows.map(({ run }) => run)), [
        'c',
        'a',
      ]);
    },
  },
  {
    name: 'given numbers and texts, when ranges of them are looked for, then those within are found',
    async run({ store }) {
      for (const [index, n] of [-1, 0, 0.5, 9, 10, 1e300].entries()) await begin(store, `n${index}`, { n });
      for (const [index, s] of ['a', 'b', 'é', '\uffee', '\u{1f389}'].entries()) await begin(store, `s${index}`, { s });
      same(await found(store, by({ n: { gte: 0, lt: 10 } })), ['n1', 'n2', 'n3']);
      same(await found(store, by({ n: { gt: 9 } })), ['n4', 'n5']);
      same(await found(store, by({ n: { lte: -1 } })), ['n0']);
      same(await found(store, by({ n: { gt: 'a' } })), []);
      same(await found(store, by({ s: { gt: 'a', lte: 'é' } })), ['s1', 's2']);
      same(await found(store, by({ s: { gt: '\uffee' } })), ['s4']);
      same(await found(store, by({ s: { lt: '\u{1f389}', gte: 'é' } })), ['s2', 's3']);
    },
  },
  {
    name: 'given a range that most runs fit, when it is looked for, then they are found in order all the same',
    async run({ store }) {
      const bundles = Array.from({ length: 1_500 }, (_, index) => ({
        appendId: `many.${index}`,
        appends: [start(runId(`r${index}`), { row: row({ attributes: { n: index } }) })],
      }));
      await store.commit(bundles);
      same(
        (await store.find({ attributes: { n: { gte: 0 } }, limit: 2 })).rows.map(({ run }) => run),
        ['r1499', 'r1498'],
      );
      same(
        (await store.find({ attributes: { n: { gte: 1_000 } }, limit: 2 })).rows.map(({ run }) => run),
        ['r1499', 'r1498'],
      );
    },
  },
  {
    name: 'given attributes that change and go, when runs are looked for, then by what they have now',
    async run({ store }) {
      const run = await begin(store, 'a', { n: 1, s: 'x' });
      await write(store, append(run, 1, { row: { attributes: { n: 2 } } }));
      same(await found(store, by({ n: { eq: 1 } })), []);
      same(await found(store, by({ s: { eq: 'x' } })), []);
      same(await found(store, by({ n: { eq: 2 } })), ['a']);
      await write(store, append(run, 2, { row: { status: 'waiting' } }));
      same(await found(store, by({ n: { eq: 2 } })), ['a']);
      await write(store, append(run, 3, { row: { attributes: undefined } }));
      same(await found(store, by({ n: { exists: true } })), []);
      same(await found(store, by({ n: { exists: false } })), ['a']);
    },
  },
  {
    name: 'given a run with attributes that was removed, when its id is used again, then nothing is left of them',
    async run({ store, reopened }) {
      const [a, b] = [await begin(store, 'a', { n: 1 }), await begin(store, 'b', { n: 1 })];
      await write(store, append(b, 1, { row: { status: 'succeeded', final: true, active: false, endedAt: at(1) } }));
      await store.sweep({ status: 'succeeded', endedBy: at(1), limit: 10 });
      const again = (await reopened?.()) ?? store;
      await again.remove(a);
      await begin(again, 'a');
      await begin(again, 'b');
      same(await found(again, by({ n: { eq: 1 } })), []);
      same(await found(again, by({ n: { exists: true } })), []);
    },
  },
  {
    name: 'given runs of several ages, when those of a time are looked for, then from its first instant to before its last',
    async run({ store }) {
      for (const ms of [0, 10, 20, 30]) await begin(store, `r${ms}`, undefined, ms);
      same(await found(store, { startedAfter: at(10), startedBefore: at(30) }), ['r10', 'r20']);
    },
  },
  {
    name: 'given a page, when the run it ended with is removed, then the next page goes on all the same',
    async run({ store }) {
      for (let index = 0; index < 7; index += 1) await begin(store, `r${index}`, { odd: index % 2 === 1, n: index });
      for (const order of ['newest', 'oldest'] as const) {
        const first = await store.find({ order, limit: 2, attributes: { n: { gte: 0 } } });
        assert(first.next !== undefined);
        const second = await store.find({ order, limit: 2, attributes: { n: { gte: 0 } }, from: first.next });
        const seen = [...first.rows, ...second.rows].map(({ run }) => run);
        same(seen, order === 'newest' ? ['r6', 'r5', 'r4', 'r3'] : ['r0', 'r1', 'r2', 'r3']);
      }
      const page = await store.find({ limit: 3 });
      await store.remove(page.rows.at(-1)!.run);
      same(
        (await store.find({ limit: 3, from: page.next! })).rows.map(({ run }) => run),
        ['r3', 'r2', 'r1'],
      );
    },
  },
  {
    name: 'given as many runs as a page holds, when they are looked for, then there is no next page; with one more there is',
    async run({ store }) {
      for (let index = 0; index < 3; index += 1) await begin(store, `r${index}`, { n: 1 });
      assert.equal((await store.find({ limit: 3 })).next, undefined);
      assert.equal((await store.find({ limit: 3, attributes: { n: { eq: 1 } } })).next, undefined);
      assert.notEqual((await store.find({ limit: 2 })).next, undefined);
      assert.notEqual((await store.find({ limit: 2, attributes: { n: { eq: 1 } } })).next, undefined);
    },
  },
];
