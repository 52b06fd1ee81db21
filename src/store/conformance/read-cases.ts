/** Cases for lists, timers, histories and removal, and for the life of a handle. */

import assert from 'node:assert/strict';
import { instantOf, type RunId, workflowVersion } from '../../base/index.ts';
import type { RunQuery, Store } from '../store.ts';
import {
  append,
  at,
  type ConformanceCase,
  entriesOf,
  epoch,
  freshAppendId,
  idsOf,
  readable,
  refusedWith,
  row,
  runId,
  same,
  start,
  write,
} from './arrange.ts';

const [a, b, c, d] = [runId('a'), runId('b'), runId('c'), runId('d')];

export const readCases: readonly ConformanceCase[] = [
  {
    name: 'given no runs, when anything is read, then there is nothing',
    async run({ store }) {
      assert.equal(await store.load(a), undefined);
      assert.equal(await store.history(a), undefined);
      same(await store.list(), []);
      same(await store.open(), []);
      same(await store.due(at(0), 10), []);
      assert.equal(await store.nextDue(), undefined);
      same(await store.logs(a, 0), []);
      same(await store.unreadable(), []);
      assert.equal(await store.readMeta('none'), undefined);
    },
  },
  {
    name: 'given results that were kept, when one is asked for, then it is the latest of its key, until it runs out',
    async run({ store }) {
      const kept = { key: 'k', run: a, task: 1, at: at(0), output: '{"n":1}' };
      const [first] = await store.commit([{ appendId: freshAppendId(), appends: [start(a)], results: [kept] }]);
      same(first, { committed: true });
      same(await store.result('k', at(10)), kept);
      assert.equal(await store.result('other', at(10)), undefined);

      const later = { ...kept, task: 2, at: at(5), expiresAt: at(20), output: '{"n":2}' };
      await store.commit([{ appendId: freshAppendId(), appends: [append(a, 1)], results: [later] }]);
      same(await store.result('k', at(19)), later);
      assert.equal(await store.result('k', at(20)), undefined);
    },
  },
  {
    name: 'given a bundle that is a conflict, when a result came with it, then it is not kept',
    async run({ store }) {
      await write(store, start(a));
      const kept = { key: 'k', run: a, task: 1, at: at(0), output: 'null' };
      await store.commit([{ appendId: freshAppendId(), appends: [start(a)], results: [kept] }]);
      assert.equal(await store.result('k', at(1)), undefined);
    },
  },
  {
    name: 'given runs, when they are listed, then the newest comes first, and pages join without gap or double',
    async run({ store }) {
      const ids = Array.from({ length: 250 }, (_, index) => runId(`r${(index * 7919) % 250}`));
      for (const id of ids) await write(store, start(id));
      same(idsOf(await store.list()), ids.toReversed().slice(0, 100));
      for (const order of ['newest', 'oldest'] as const) {
        const expected = order === 'newest' ? ids.toReversed() : ids;
        same(await pagesOf((after) => store.list({ order, limit: 60, ...after })), expected);
      }
      same(await store.list({ limit: 0 }), []);
    },
  },
  {
    name: 'given runs of several kinds, when a list is filtered, then it holds those that fit',
    async run({ store }) {
      await write(store, start(a, { row: row({ status: 'failed', final: true }) }));
      await write(store, start(b, { row: row({ workflow: 'bill', parent: a }) }));
      await write(store, start(c, { row: row({ workflow: 'bill', version: workflowVersion('v2') }) }));
      await write(store, start(d, { row: row({ parent: a }) }));
      await write(store, append(c, 1, { row: { status: 'waiting' } }));
      const listed = async (query: RunQuery) => idsOf(await store.list({ order: 'oldest', ...query }));
      same(await listed({ status: ['failed'] }), [a]);
      same(await listed({ status: ['failed', 'waiting'] }), [a, c]);
      same(await listed({ status: [] }), []);
      same(await listed({ workflow: 'bill' }), [b, c]);
      same(await listed({ workflow: 'bill', status: ['running'] }), [b]);
      same(await listed({ parent: a }), [b, d]);
      same(await listed({ parent: a, after: b }), [d]);
      same(await listed({ parent: a, after: b, order: 'newest' }), []);
    },
  },
  {
    name: 'given a page whose last run was removed, when the list goes on from it, then it is refused',
    async run({ store }) {
      await write(store, start(a));
      await refusedWith('not_found', () => store.list({ after: b }));
      await refusedWith('not_found', () => store.open({ after: b }));
    },
  },
  {
    name: 'given runs that ended and runs that did not, when the open ones are read, then they come oldest first',
    async run({ store }) {
      const ids = Array.from({ length: 40 }, (_, index) => runId(`r${39 - index}`));
      for (const [index, id] of ids.entries()) await write(store, start(id, { row: row({ active: index % 2 === 0 }) }));
      for (const id of ids.slice(0, 10)) await write(store, append(id, 1, { row: { final: true, active: false } }));
      const left = ids.slice(10);
      same(idsOf(await store.open()), left);
      same(await pagesOf((after) => store.open({ limit: 7, ...after })), left);
      const active = left.filter((_, index) => index % 2 === 0);
      same(idsOf(await store.open({ active: true })), active);
      same(await pagesOf((after) => store.open({ active: true, limit: 4, ...after })), active);
      same(
        idsOf(await store.open({ active: false })),
        left.filter((id) => !active.includes(id)),
      );
    },
  },
  {
    name: 'given runs that are due, when time comes, then the soonest comes first, and the oldest among equals',
    async run({ store }) {
      const dues = [30, 10, 20, 10, undefined, 40];
      const ids = dues.map((_, index) => runId(`r${index}`));
      for (const [index, ms] of dues.entries()) {
        await write(store, start(ids[index]!, { row: row({ dueAt: ms === undefined ? undefined : at(ms) }) }));
      }
      assert.equal(await store.nextDue(), at(10));
      same(idsOf(await store.due(at(9), 10)), []);
      same(idsOf(await store.due(at(10), 10)), ['r1', 'r3']);
      same(idsOf(await store.due(at(35), 10)), ['r1', 'r3', 'r2', 'r0']);
      same(idsOf(await store.due(at(35), 3)), ['r1', 'r3', 'r2']);
      same(idsOf(await store.due(instantOf(Number.MAX_SAFE_INTEGER), 99)), ['r1', 'r3', 'r2', 'r0', 'r5']);
    },
  },
  {
    name: 'given a run that is due, when its row is moved, cleared or removed, then it is due then, never, and gone',
    async run({ store }) {
      await write(store, start(a, { row: row({ dueAt: at(10) }) }));
      await write(store, append(a, 1, { row: { dueAt: at(20) } }));
      assert.equal(await store.nextDue(), at(20));
      same(await store.due(at(19), 10), []);
      await write(store, append(a, 2, { row: { status: 'waiting' } }));
      assert.equal(await store.nextDue(), at(20));
      await write(store, append(a, 3, { row: { dueAt: undefined } }));
      assert.equal(await store.nextDue(), undefined);
      await write(store, append(a, 4, { row: { dueAt: at(5) } }));
      await store.remove(a);
      assert.equal(await store.nextDue(), undefined);
      same(await store.due(at(99), 10), []);
    },
  },
  {
    name: 'given a history, when it is read from within and in part, then every entry with a later event is there',
    async run({ store }) {
      await write(store, start(a, { count: 3 }));
      await write(store, append(a, 3, { count: 4 }));
      await write(store, append(a, 7, { count: 1 }));
      const read = async (after: number, limit?: number) => {
        const entries = await store.history(a, limit === undefined ? { after } : { after, limit });
        assert(entries !== undefined && 'length' in entries);
        return entries.map(({ from, to }) => `${from}-${to}`);
      };
      same(await read(0), ['0-3', '3-7', '7-8']);
      same(await read(2), ['0-3', '3-7', '7-8']);
      same(await read(3), ['3-7', '7-8']);
      same(await read(6, 1), ['3-7']);
      same(await read(7, 1), ['7-8']);
      same(await read(0, 2), ['0-3', '3-7']);
      same(await read(8), []);
      same(await read(0, 0), []);
    },
  },
  {
    name: 'given facts about the store, when they are written, then the last one is read, whatever the key is called',
    async run({ store }) {
      for (const key of ['k', '__proto__', 'constructor', '', 'ключ']) {
        assert.equal(await store.readMeta(key), undefined);
        await store.writeMeta(key, 'one');
        await store.writeMeta(key, `two ${key}`);
        assert.equal(await store.readMeta(key), `two ${key}`);
      }
    },
  },
  {
    name: 'given a run, when it is removed, then nothing of it is left, its id is free, and the others stay',
    async run({ store }) {
      for (const id of [a, b]) {
        await write(store, start(id, { snapshot: 's', row: row({ dueAt: at(5) }) }));
        await store.appendLogs([{ run: id, task: 0, attempt: 1, stream: 'stdout', at: epoch, text: 'hello' }]);
      }
      const other = [await store.load(b), await store.logs(b, 0)];
      assert.equal(await store.remove(a), true);
      assert.equal(await store.remove(a), false);
      assert.equal(await store.load(a), undefined);
      assert.equal(await store.history(a), undefined);
      same(await store.logs(a, 0), []);
      same(idsOf(await store.list()), [b]);
      same(idsOf(await store.due(at(9), 9)), [b]);
      same([await store.load(b), await store.logs(b, 0)], other);
      await write(store, start(a, { events: 'again' }));
      const { entries, snapshot } = await readable(store, a);
      same([entries.length, entries[0]?.events, snapshot], [1, 'again', undefined]);
      same(await store.logs(a, 0), []);
      same(idsOf(await store.list()), [a, b]);
    },
  },
  {
    name: 'given a store, when its handle is reopened, then its generation grows and it goes on',
    async run({ store }) {
      await write(store, start(a));
      const { generation } = store;
      await store.reopen();
      assert(store.generation > generation || store.durability !== 'memory');
      await write(store, append(a, 1));
      assert.equal((await entriesOf(store, a)).length, 2);
    },
  },
  {
    name: 'given a store, when it is opened anew, then all of it is there and its generation has grown',
    async run({ store, reopened }) {
      if (reopened === undefined) return;
      const again = { appendId: freshAppendId(), appends: [append(a, 1, { row: { dueAt: at(7) }, snapshot: 's' })] };
      await write(store, start(a, { payloads: 'p' }), start(b, { row: row({ parent: a, final: true }) }));
      await store.commit([again]);
      await write(store, append(a, 2));
      await store.appendLogs([{ run: a, task: 3, attempt: 1, item: 4, stream: 'stderr', at: at(1), text: 'late' }]);
      await store.writeMeta('k', 'v');
      const before = await everything(store);
      const { generation } = store;
      const anew = await reopened();
      assert(anew.generation > generation);
      same(await everything(anew), before);
      same(await anew.commit([again]), [{ committed: true }]);
      same(await everything(anew), before);
      await write(anew, append(a, 3));
    },
  },
  {
    name: 'given a closed store, when it is called, then it says so, and closing again is fine',
    async run({ store }) {
      await store.close();
      await store.close();
      const calls = [
        () => store.commit([]),
        () => store.load(a),
        () => store.history(a),
        () => store.list(),
        () => store.open(),
        () => store.due(epoch, 1),
        () => store.nextDue(),
        () => store.document(workflowVersion('v')),
        () => store.logs(a, 0),
        () => store.appendLogs([]),
        () => store.readMeta('k'),
        () => store.writeMeta('k', 'v'),
        () => store.remove(a),
        () => store.lastInstant(),
        () => store.unreadable(),
      ];
      for (const call of calls) await refusedWith('closed', call);
    },
  },
];

async function pagesOf(
  read: (after: { after?: RunId }) => Promise<readonly { run: RunId }[]>,
): Promise<readonly string[]> {
  const ids: RunId[] = [];
  for (;;) {
    const last = ids.at(-1);
    const page = await read(last === undefined ? {} : { after: last });
    if (page.length === 0) return ids;
    ids.push(...page.map((found) => found.run));
  }
}

async function everything(store: Store) {
  return [
    await store.list(),
    await store.open(),
    await store.load(a),
    await store.history(a),
    await store.load(b),
    await store.logs(a, 3),
    await store.nextDue(),
    await store.readMeta('k'),
    await store.lastInstant(),
  ];
}
