/** Cases for what a store forgets: families of ended runs, their documents, results that ran out. */

import assert from 'node:assert/strict';
import { type RunId, workflowVersion } from '../../base/index.ts';
import type { Store } from '../store.ts';
import { append, at, bundle, type ConformanceCase, entriesOf, row, runId, same, start, write } from './arrange.ts';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(runId) as [RunId, RunId, RunId, RunId];
const version = workflowVersion('v-1');
const other = workflowVersion('v-2');

/** A run that began and ended. */
async function ended(
  store: Store,
  run: RunId,
  { status = 'succeeded', endedMs = 0, parent = undefined as RunId | undefined, of = version } = {},
): Promise<void> {
  await write(store, start(run, { row: row({ version: of, parent }) }));
  await write(
    store,
    append(run, 1, { row: { status, final: true, active: false, endedAt: at(endedMs) }, at: at(endedMs) }),
  );
}

async function idsLeft(store: Store): Promise<readonly string[]> {
  return (await store.list({ order: 'oldest' })).map(({ run }) => run);
}

const succeeded = { status: 'succeeded', endedBy: at(100), limit: 100 };

export const sweepCases: readonly ConformanceCase[] = [
  {
    name: 'given runs that ended sooner and later, when those ended by an instant are swept, then they are gone with all their rows and the others stay',
    async run({ store }) {
      await ended(store, b, { endedMs: 100 });
      await ended(store, a, { endedMs: 50 });
      await ended(store, c, { endedMs: 101 });
      await write(store, start(d));
      await store.appendLogs([{ run: a, task: 0, attempt: 1, stream: 'stdout', at: at(1), text: 'out' }]);
      same(await store.sweep(succeeded), { runs: [a, b], documents: [], next: undefined });
      same(await idsLeft(store), [c, d]);
      assert.equal(await store.load(a), undefined);
      assert.equal(await store.history(a), undefined);
      same(await store.logs(a, 0), []);
      same(await store.sweep(succeeded), { runs: [], documents: [], next: undefined });
    },
  },
  {
    name: 'given runs that ended otherwise, when one status is swept, then only its runs go',
    async run({ store }) {
      await ended(store, a);
      await ended(store, b, { status: 'failed' });
      same((await store.sweep(succeeded)).runs, [a]);
      same(await idsLeft(store), [b]);
    },
  },
  {
    name: 'given a run that went on as another version, when it is swept, then the document that a run still has stays, and goes with that one',
    async run({ store }) {
      const document = { version: other, name: 'n', text: 't' };
      await write(store, start(a, { row: row({ version }) }));
      await store.commit([{ ...bundle(start(b, { row: row({ version: other }) })), documents: [document] }]);
      const ends = { status: 'succeeded', final: true, active: false, endedAt: at(0) };
      await write(store, append(a, 1, { row: { ...ends, version: other } }));
      same((await store.sweep(succeeded)).runs, [a]);
      same(await store.document(other), document);
      await write(store, append(b, 1, { row: ends }));
      same(await store.sweep(succeeded), { runs: [b], documents: [other], next: undefined });
      same(await store.document(other), undefined);
    },
  },
  {
    name: 'given a run that was swept, when its id is used again, then it is a new run',
    async run({ store }) {
      await ended(store, a);
      await store.sweep(succeeded);
      await write(store, start(a, { events: '["again"]' }));
      same(
        (await entriesOf(store, a)).map(({ events }) => events),
        ['["again"]'],
      );
      same((await store.sweep(succeeded)).runs, []);
    },
  },
  {
    name: 'given a run that ended and was opened again, when it is swept, then it stays',
    async run({ store }) {
      await ended(store, a);
      await write(store, append(a, 2, { row: { status: 'running', final: false, active: true, endedAt: undefined } }));
      same((await store.sweep(succeeded)).runs, []);
      assert.equal(await store.nextEnded('succeeded'), undefined);
      same(await store.removeEnded([a]), [{ removed: false, because: 'open', run: a }]);
    },
  },
  {
    name: 'given an ended parent with ended runs below it, when it is swept, then they go together',
    async run({ store }) {
      await ended(store, a, { endedMs: 10 });
      await ended(store, b, { parent: a, endedMs: 5 });
      await ended(store, c, { parent: b, endedMs: 5, status: 'failed' });
      assert.equal(await store.nextEnded('failed'), undefined);
      same([...(await store.sweep(succeeded)).runs].sort(), [a, b, c]);
      same(await idsLeft(store), []);
    },
  },
  {
    name: 'given a family of which one is open, when it is swept, then all of it stays until that one has ended',
    async run({ store }) {
      await ended(store, a, { endedMs: 10 });
      await ended(store, b, { parent: a, endedMs: 5 });
      await write(store, start(c, { row: row({ parent: b }) }));
      await ended(store, d, { endedMs: 20 });
      same((await store.sweep(succeeded)).runs, [d]);
      same(await store.removeEnded([a]), [{ removed: false, because: 'open', run: c }]);
      same(await idsLeft(store), [a, b, c]);
      await write(store, append(c, 1, { row: { status: 'succeeded', final: true, active: false, endedAt: at(99) } }));
      same([...(await store.sweep(succeeded)).runs].sort(), [a, b, c]);
    },
  },
  {
    name: 'given an open parent, when its ended child is swept or removed, then the child stays',
    async run({ store }) {
      await write(store, start(a));
      await ended(store, b, { parent: a });
      same((await store.sweep(succeeded)).runs, []);
      same(await store.removeEnded([b]), [{ removed: false, because: 'has_parent', run: b }]);
      same(await idsLeft(store), [a, b]);
    },
  },
  {
    name: 'given more than one sweep may take, when it goes on where it stopped, then each family goes once and whole',
    async run({ store }) {
      const heads = Array.from({ length: 7 }, (_, index) => runId(`h${index}`));
      for (const [index, head] of heads.entries()) {
        await ended(store, head, { endedMs: 7 - index });
        await ended(store, runId(`${head}/0`), { parent: head });
      }
      const gone: RunId[] = [];
      let after: string | undefined;
      let calls = 0;
      do {
        const swept = await store.sweep({ ...succeeded, limit: 5, ...(after === undefined ? {} : { after }) });
        assert(swept.runs.length === 4 || swept.next === undefined, 'a family was torn apart');
        gone.push(...swept.runs);
        after = swept.next;
        calls += 1;
      } while (after !== undefined);
      same([calls, gone.length, await idsLeft(store)], [4, 14, []]);
    },
  },
  {
    name: 'given a family larger than a sweep may take, when it is the first, then it goes',
    async run({ store }) {
      await ended(store, a);
      await ended(store, b, { parent: a });
      await ended(store, c, { endedMs: 1 });
      same([...(await store.sweep({ ...succeeded, limit: 1 })).runs].sort(), [a, b]);
    },
  },
  {
    name: 'given runs that somebody holds, when they are swept or removed, then their families stay',
    async run({ store }) {
      await ended(store, a);
      await ended(store, b, { parent: a });
      await ended(store, c);
      same((await store.sweep({ ...succeeded, spare: [b] })).runs, [c]);
      same(await store.removeEnded([a], [b]), [{ removed: false, because: 'held', run: b }]);
      same(await idsLeft(store), [a, b]);
    },
  },
  {
    name: 'given an ended family, when its head is removed, then all of it is gone; another time there is none',
    async run({ store }) {
      await ended(store, a);
      await ended(store, b, { parent: a });
      const [removal] = await store.removeEnded([a]);
      assert(removal?.removed === true);
      same([...removal.runs].sort(), [a, b]);
      same(await store.removeEnded([a]), [{ removed: false, because: 'not_found', run: a }]);
    },
  },
  {
    name: 'given documents, when the last run that has or pins one is swept, then it goes; one that is still used stays',
    async run({ store }) {
      const documents = [version, other].map((one) => ({ version: one, name: 'w', text: 'text' }));
      await store.commit([{ ...bundle(start(a, { row: row({ version }), pinned: [other] })), documents }]);
      await write(store, append(a, 1, { row: { status: 'succeeded', final: true, active: false, endedAt: at(1) } }));
      await ended(store, b, { of: other, endedMs: 2 });
      await write(store, start(c, { row: row({ version }), pinned: [other] }));
      same(await store.sweep(succeeded), { runs: [a, b], documents: [], next: undefined });
      assert(await store.document(other), 'a document that a run pins is gone');
      await write(store, append(c, 1, { row: { status: 'succeeded', final: true, active: false, endedAt: at(3) } }));
      const swept = await store.sweep(succeeded);
      same([...swept.documents].sort(), [version, other]);
      assert.equal(await store.document(version), undefined);
      await store.commit([{ ...bundle(start(d, { row: row({ version }) })), documents }]);
      assert(await store.document(version), 'a document cannot be written again');
    },
  },
  {
    name: 'given ends at several instants, when the next is asked for, then it is the first, and the first later than an instant',
    async run({ store }) {
      await ended(store, a, { endedMs: 20 });
      await ended(store, b, { endedMs: 10 });
      await ended(store, c, { endedMs: 5, parent: a });
      assert.equal(await store.nextEnded('succeeded'), at(10));
      assert.equal(await store.nextEnded('succeeded', at(10)), at(20));
      assert.equal(await store.nextEnded('succeeded', at(20)), undefined);
      assert.equal(await store.nextEnded('failed'), undefined);
    },
  },
  {
    name: 'given swept runs, when the last instant is asked for, then it is that of the last append there was',
    async run({ store }) {
      await ended(store, a, { endedMs: 70 });
      await store.sweep(succeeded);
      assert.equal(await store.lastInstant(), at(70));
    },
  },
  {
    name: 'given kept results, when those that ran out are dropped, then so many go and the others stay',
    async run({ store }) {
      const result = (key: string, expiresMs?: number) => ({
        key,
        run: a,
        task: 0,
        at: at(0),
        output: '1',
        ...(expiresMs === undefined ? {} : { expiresAt: at(expiresMs) }),
      });
      const results = [result('k1', 10), result('k2', 20), result('k3', 30), result('k4')];
      await store.commit([{ ...bundle(start(a)), results }]);
      assert.equal(await store.nextExpiry(), at(10));
      assert.equal(await store.dropResults(at(20), 1), 1);
      assert.equal(await store.dropResults(at(20), 10), 1);
      assert.equal(await store.dropResults(at(20), 10), 0);
      assert.equal(await store.nextExpiry(), at(30));
      assert(await store.result('k4', at(50)), 'a result that lasts is gone');
      assert.equal(await store.dropResults(at(30), 10), 1);
      assert.equal(await store.nextExpiry(), undefined);
    },
  },
];
