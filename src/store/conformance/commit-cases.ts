/** Cases for `commit`: S1 to S4 of the interface. */

import assert from 'node:assert/strict';
import { type RunId, workflowVersion } from '../../base/index.ts';
import type { Bundle, RunAppend } from '../store.ts';
import {
  append,
  at,
  bundle,
  type ConformanceCase,
  conflict,
  entriesOf,
  epoch,
  freshAppendId,
  readable,
  refusedWith,
  row,
  runId,
  same,
  start,
  write,
} from './arrange.ts';

const [a, b, c] = [runId('a'), runId('b'), runId('c')];
const document = { version: workflowVersion('sha256:d0'), name: 'deliver', text: 'version: 1.0' };

export const commitCases: readonly ConformanceCase[] = [
  {
    name: 'given no runs, when one is started, then its row and events are there',
    async run({ store }) {
      const started = { ...bundle(start(a, { count: 3, at: at(5), events: '[1,2,3]', payloads: '["p"]' })) };
      same(await store.commit([started]), [{ committed: true }]);
      const { appendId } = started;
      const entry = { from: 0, to: 3, at: at(5), appendId, events: '[1,2,3]', payloads: '["p"]' };
      same(await store.load(a), { corrupt: false, row: { run: a, ...row() }, entries: [entry] });
    },
  },
  {
    name: 'given a run, when it is appended to, then its entries follow on one another',
    async run({ store }) {
      await write(store, start(a, { count: 2 }));
      await write(store, append(a, 2, { count: 3, events: 'x' }));
      await write(store, append(a, 5, { events: 'y' }));
      const entries = await entriesOf(store, a);
      same(
        entries.map(({ from, to, events, payloads }) => ({ from, to, events, payloads })),
        [
          { from: 0, to: 2, events: '["started"]' },
          { from: 2, to: 5, events: 'x' },
          { from: 5, to: 6, events: 'y' },
        ],
      );
    },
  },
  {
    name: 'given a run at revision 3, when an append was decided on another, then it is a conflict and changes nothing',
    async run({ store }) {
      await write(store, start(a, { count: 3 }));
      const before = await store.load(a);
      for (const expected of [1, 2, 4, 9]) {
        const late: Bundle = {
          ...bundle(append(a, expected, { row: { status: 'failed' }, snapshot: 'lost' })),
          documents: [document],
        };
        same(await store.commit([late]), [conflict(a, expected, 3)]);
      }
      same(await store.load(a), before);
      assert.equal(await store.document(document.version), undefined);
    },
  },
  {
    name: 'given a run, when its id is started again, then it is a conflict',
    async run({ store }) {
      await write(store, start(a));
      same(await store.commit([bundle(start(a, { row: row({ startHash: 'ffff' }) }))]), [conflict(a, 0, 1)]);
      assert.equal((await readable(store, a)).row.startHash, row().startHash);
    },
  },
  {
    name: 'given no runs, when one is appended to, then it is a conflict at revision 0',
    async run({ store }) {
      same(await store.commit([bundle(append(a, 4))]), [conflict(a, 4, 0)]);
      assert.equal(await store.load(a), undefined);
    },
  },
  {
    name: 'given bundles of one call, when a later one builds on an earlier one, then both are committed',
    async run({ store }) {
      const outcomes = await store.commit([
        bundle(start(a)),
        bundle(append(a, 1, { row: { status: 'waiting' } })),
        bundle(append(a, 2), start(b)),
        bundle(append(b, 1)),
      ]);
      same(outcomes, Array(4).fill({ committed: true }));
      assert.equal((await entriesOf(store, a)).length, 3);
      assert.equal((await entriesOf(store, b)).length, 2);
      assert.equal((await readable(store, a)).row.status, 'waiting');
    },
  },
  {
    name: 'given bundles of one call, when one is a conflict, then the others are committed',
    async run({ store }) {
      await write(store, start(a));
      const outcomes = await store.commit([
        bundle(start(b)),
        bundle(append(a, 7)),
        bundle(append(a, 1)),
        bundle(start(c)),
      ]);
      same(outcomes, [{ committed: true }, conflict(a, 7, 1), { committed: true }, { committed: true }]);
      assert.equal((await entriesOf(store, a)).length, 2);
      assert.equal((await entriesOf(store, c)).length, 1);
    },
  },
  {
    name: 'given two bundles of one call decided on the same revision, when both are committed, then the first wins',
    async run({ store }) {
      await write(store, start(a));
      const outcomes = await store.commit([
        bundle(append(a, 1, { events: 'first' })),
        bundle(append(a, 1, { events: 'second' })),
      ]);
      same(outcomes, [{ committed: true }, conflict(a, 1, 2)]);
      assert.equal((await entriesOf(store, a)).at(-1)?.events, 'first');
    },
  },
  {
    name: 'given a bundle of two runs, when the second is a conflict, then nothing of the first is there',
    async run({ store }) {
      await write(store, start(a), start(b));
      const before = await store.load(a);
      const late: Bundle = {
        ...bundle(append(a, 1, { row: { status: 'failed' }, snapshot: 's' }), append(b, 5)),
        documents: [document],
      };
      same(await store.commit([late]), [conflict(b, 5, 1)]);
      same(await store.load(a), before);
      assert.equal(await store.document(document.version), undefined);
      same(await store.commit([bundle(start(c), append(b, 5))]), [conflict(b, 5, 1)]);
      assert.equal(await store.load(c), undefined);
    },
  },
  {
    name: 'given a committed bundle, when it comes again, then it answers committed and changes nothing',
    async run({ store }) {
      const first = bundle(start(a, { count: 2 }), start(b));
      const second = bundle(append(a, 2, { row: { status: 'waiting' }, snapshot: 's' }), append(b, 1));
      await store.commit([first]);
      await store.commit([second]);
      await write(store, append(a, 3, { row: { status: 'running' } }));
      const before = [await store.load(a), await store.load(b), await store.history(a)];
      same(await store.commit([first, second, second]), Array(3).fill({ committed: true }));
      same([await store.load(a), await store.load(b), await store.history(a)], before);
    },
  },
  {
    name: 'given a bundle twice in one call, when it is committed, then it has one effect',
    async run({ store }) {
      const once = bundle(start(a));
      same(await store.commit([once, once]), Array(2).fill({ committed: true }));
      assert.equal((await entriesOf(store, a)).length, 1);
    },
  },
  {
    name: 'given half of a bundle in the journal under its append id, when the whole comes, then it is a conflict',
    async run({ store }) {
      const half = bundle(start(a));
      await store.commit([half]);
      const whole: Bundle = { appendId: half.appendId, appends: [start(a), start(b)] };
      same(await store.commit([whole]), [conflict(a, 0, 1)]);
      assert.equal(await store.load(b), undefined);
    },
  },
  {
    name: 'given calls that are not waited for, when each builds on the one before, then all are committed',
    async run({ store }) {
      const calls = [store.commit([bundle(start(a))])];
      for (let revision = 1; revision < 50; revision++) calls.push(store.commit([bundle(append(a, revision))]));
      same(await Promise.all(calls), Array(50).fill([{ committed: true }]));
      assert.equal((await entriesOf(store, a)).length, 50);
    },
  },
  {
    name: 'given a bundle that breaks its own rules, when it is committed with a good one, then neither is written',
    async run({ store }) {
      const { status: _, ...rowWithoutStatus } = row();
      const { row: __, ...startWithoutRow } = start(b);
      const broken: readonly Bundle[] = [
        bundle(start(b, { count: 0 })),
        bundle(start(b, { count: 1.5 })),
        bundle(append(b, -1)),
        bundle(start(b, { at: 0.5 as RunAppend['at'] })),
        bundle(startWithoutRow),
        bundle(start(b, { row: rowWithoutStatus })),
        bundle(start(b), append(b, 1)),
        { appendId: '', appends: [start(b)] },
      ];
      for (const fault of broken) {
        await refusedWith('assertion_failed', () => store.commit([bundle(start(a)), fault]));
      }
      assert.equal(await store.load(a), undefined);
      assert.equal(await store.load(b), undefined);
      await write(store, start(a));
    },
  },
  {
    name: 'given nothing to write, when it is committed, then it is answered',
    async run({ store }) {
      same(await store.commit([]), []);
      same(await store.commit([{ appendId: freshAppendId(), appends: [] }]), [{ committed: true }]);
    },
  },
  {
    name: 'given a row, when a change names a field with undefined, then it is cleared, and what it does not name stays',
    async run({ store }) {
      const full = row({ dueAt: at(9), endedAt: at(3), parent: b, owner: 'engine-1' });
      await write(store, start(a, { row: full }));
      await write(store, append(a, 1, { row: { status: 'waiting', active: false } }));
      same((await readable(store, a)).row, { run: a, ...full, status: 'waiting', active: false });
      await write(store, append(a, 2, { row: { dueAt: undefined, parent: undefined, owner: undefined, final: true } }));
      same((await readable(store, a)).row, {
        run: a,
        ...row({ status: 'waiting', active: false, final: true, endedAt: at(3) }),
      });
      await write(store, append(a, 3));
      assert.equal((await readable(store, a)).row.status, 'waiting');
    },
  },
  {
    name: 'given every kind of start hash, when it is read, then it is as it was written',
    async run({ store }) {
      const hashes = [
        '',
        'x',
        'abc',
        'ABCDEF0123456789',
        '0123456789abcdef',
        '0123456789abcde',
        `sha256:${'0f'.repeat(32)}`,
      ];
      for (const [index, startHash] of hashes.entries()) {
        const run = runId(`hash-${index}`);
        await write(store, start(run, { row: row({ startHash }) }));
        assert.equal((await readable(store, run)).row.startHash, startHash);
      }
    },
  },
  {
    name: 'given snapshots, when a run is loaded, then it is the last one and the entries after it',
    async run({ store }) {
      await write(store, start(a, { snapshot: 'one' }));
      same(await loaded(a), { snapshot: { revision: 1, state: 'one' }, entries: [] });
      await write(store, append(a, 1, { count: 4 }));
      same(await loaded(a), { snapshot: { revision: 1, state: 'one' }, entries: [{ from: 1, to: 5 }] });
      await write(store, append(a, 5, { snapshot: 'three' }));
      await write(store, append(a, 6));
      same(await loaded(a), { snapshot: { revision: 6, state: 'three' }, entries: [{ from: 6, to: 7 }] });
      assert.equal((await entriesOf(store, a)).length, 4);

      async function loaded(run: RunId) {
        const { snapshot, entries } = await readable(store, run);
        return { snapshot, entries: entries.map(({ from, to }) => ({ from, to })) };
      }
    },
  },
  {
    name: 'given a caller that changes what it handed in, when the run is read, then it is as it was',
    async run({ store }) {
      const change = { ...row() };
      const change2 = { ...start(a), row: change };
      await store.commit([bundle(change2)]);
      Object.assign(change, { status: 'changed' });
      Object.assign(change2, { events: 'changed' });
      const stored = await readable(store, a);
      assert.equal(stored.row.status, 'running');
      assert.equal(stored.entries[0]?.events, '["started"]');
    },
  },
  {
    name: 'given documents, when one comes again with another text, then the first stays',
    async run({ store }) {
      await store.commit([{ appendId: freshAppendId(), appends: [], documents: [document] }]);
      await store.commit([{ ...bundle(start(a)), documents: [{ ...document, text: 'other' }, document] }]);
      same(await store.document(document.version), document);
      assert.equal(await store.document(workflowVersion('none')), undefined);
    },
  },
  {
    name: 'given appends, when the last instant is asked for, then it is that of the last, though its run is removed',
    async run({ store }) {
      assert.equal(await store.lastInstant(), undefined);
      await write(store, start(a, { at: at(1) }));
      await write(store, start(b, { at: at(70) }));
      assert.equal(await store.lastInstant(), at(70));
      await store.remove(b);
      assert.equal(await store.lastInstant(), at(70));
      await write(store, append(a, 1, { at: at(99) }));
      assert.equal(await store.lastInstant(), at(99));
      assert(epoch < at(99));
    },
  },
];
