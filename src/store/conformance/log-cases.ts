/** Cases for task output. */

import assert from 'node:assert/strict';
import type { LogChunk, Store } from '../store.ts';
import { at, type ConformanceCase, conformanceLogLimitBytes, runId, same, start, write } from './arrange.ts';

const a = runId('a');

function chunk(text: string, change: Partial<LogChunk> = {}): LogChunk {
  return { run: a, task: 2, attempt: 1, stream: 'stdout', at: at(1), text, ...change };
}

async function textsOf(store: Store, query = {}): Promise<readonly string[]> {
  return (await store.logs(a, 2, query)).map(({ text }) => text);
}

export const logCases: readonly ConformanceCase[] = [
  {
    name: 'given output of a task, when it is read, then it comes in order, as it was written, and by pages',
    async run({ store }) {
      await write(store, start(a));
      const chunks = Array.from({ length: 20 }, (_, index) => chunk(`line ${index}\n`, { at: at(index) }));
      await store.appendLogs(chunks.slice(0, 9));
      await store.appendLogs(chunks.slice(9));
      const read = await store.logs(a, 2);
      same(
        read.map(({ sequence: _, ...rest }) => rest),
        chunks,
      );
      assert(read.every((found, index) => index === 0 || found.sequence > read[index - 1]!.sequence));
      const first = await store.logs(a, 2, { limit: 8 });
      const rest = await store.logs(a, 2, { after: first.at(-1)!.sequence });
      same([...first, ...rest], read);
    },
  },
  {
    name: 'given output of several tasks, attempts and items, when one is named, then its output is read',
    async run({ store }) {
      await write(store, start(a));
      await store.appendLogs([
        chunk('one'),
        chunk('two', { attempt: 2, stream: 'stderr' }),
        chunk('item 0', { attempt: 2, item: 0 }),
        chunk('item 1', { attempt: 2, item: 1, stream: 'log' }),
        chunk('other', { task: 3 }),
      ]);
      same(await textsOf(store), ['one', 'two', 'item 0', 'item 1']);
      same(await textsOf(store, { attempt: 1 }), ['one']);
      same(await textsOf(store, { attempt: 2 }), ['two', 'item 0', 'item 1']);
      same(await textsOf(store, { attempt: 2, item: 0 }), ['item 0']);
      same(await textsOf(store, { item: 1, limit: 1 }), ['item 1']);
    },
  },
  {
    name: 'given an attempt that prints beyond the limit, when its output is read, then it is cut and a note says so, once',
    async run({ store, reopened }) {
      await write(store, start(a));
      const limit = conformanceLogLimitBytes;
      await store.appendLogs([chunk('x'.repeat(limit - 5)), chunk('éééé', { stream: 'stderr' }), chunk('more')]);
      await store.appendLogs([chunk('and more')]);
      const cut = await store.logs(a, 2);
      same(
        cut.map(({ text, note }) => (note === undefined ? text : note)),
        ['x'.repeat(limit - 5), 'éé', 'cut'],
      );
      assert.equal(cut[2]?.stream, 'log');
      await store.appendLogs([chunk('of another attempt', { attempt: 2 }), chunk('of an item', { item: 0 })]);
      same((await textsOf(store)).slice(3), ['of another attempt', 'of an item']);
      const later = (await reopened?.()) ?? store;
      await later.appendLogs([chunk('even later')]);
      assert.equal((await later.logs(a, 2)).length, 5);
    },
  },
  {
    name: 'given output of a run that is not there, when it is written, then it is dropped',
    async run({ store }) {
      await store.appendLogs([chunk('nobody')]);
      same(await store.logs(a, 2), []);
      await write(store, start(a));
      same(await store.logs(a, 2), []);
    },
  },
];
