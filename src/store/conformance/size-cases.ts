/** Cases for contents and amounts that are easy to get wrong. */

import assert from 'node:assert/strict';
import { workflowVersion } from '../../base/index.ts';
import {
  append,
  bundle,
  type ConformanceCase,
  entriesOf,
  freshAppendId,
  readable,
  row,
  runId,
  same,
  start,
  write,
} from './arrange.ts';

const a = runId('a');

const texts: readonly string[] = [
  '',
  ' ',
  '{"__proto__":{"polluted":true},"constructor":1}',
  'naïve Ärger 漢字 🎉 \u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u202egnp',
  'nul \u0000 and control \u0001\u001f \u007f',
  'line\nbreaks\r\n\u2028\u2029',
  `quotes '"\` and ; DROP TABLE runs; --`,
  '\ufeffbyte order mark',
  'x'.repeat(5_000),
];

export const sizeCases: readonly ConformanceCase[] = [
  {
    name: 'given texts that are easy to spoil, when they are stored in every place, then each is read as it was',
    async run({ store }) {
      for (const [index, text] of texts.entries()) {
        const run = runId(`text-${index}`);
        const version = workflowVersion(`v-${index}-${text}`);
        const told = row({ workflow: text, version, status: text, owner: text });
        await store.commit([
          {
            ...bundle(start(run, { events: text, payloads: text, snapshot: text, row: told })),
            documents: [{ version, name: text, text }],
          },
        ]);
        await write(store, append(run, 1, { events: text, payloads: text }));
        const stored = await readable(store, run);
        same(stored.row, { run, ...told });
        same(stored.snapshot, { revision: 1, state: text });
        same(
          (await entriesOf(store, run)).map(({ events, payloads }) => [events, payloads]),
          [
            [text, text],
            [text, text],
          ],
        );
        same(await store.document(version), { version, name: text, text });
      }
    },
  },
  {
    name: 'given run ids that differ little or look like something else, when they are stored, then they are told apart',
    async run({ store }) {
      const ids = [
        'a',
        'A',
        'a.',
        'a-',
        'a:1',
        'a/1',
        'constructor',
        'toString',
        '0',
        '00',
        '1e3',
        'x'.repeat(200),
      ].map(runId);
      for (const id of ids) await write(store, start(id, { events: id }));
      for (const id of ids) assert.equal((await readable(store, id)).entries[0]?.events, id);
    },
  },
  {
    name: 'given 20 MB in one append, when it is read, then it is whole',
    async run({ store }) {
      const events = `["${'é~0123456789abcdef'.repeat(550_000)}"]`;
      const payloads = `["${'p'.repeat(10_000_000)}"]`;
      await write(store, start(a, { events, payloads }));
      const [entry] = (await readable(store, a)).entries;
      assert(entry?.events === events, 'the events are others');
      assert(entry.payloads === payloads, 'the payloads are others');
    },
  },
  {
    name: 'given 10,000 appends to one run, when it is read, then they are all there, in order',
    async run({ store }) {
      await write(store, start(a));
      for (let revision = 1; revision < 10_000; revision += 100) {
        const batch = Array.from({ length: Math.min(100, 10_000 - revision) }, (_, index) =>
          bundle(append(a, revision + index)),
        );
        const outcomes = await store.commit(batch);
        assert(outcomes.every((outcome) => outcome.committed));
      }
      const { entries } = await readable(store, a);
      assert.equal(entries.length, 10_000);
      assert(entries.every((entry, index) => entry.from === index && entry.to === index + 1));
      const last = await store.history(a, { after: 9_990 });
      assert(last !== undefined && 'length' in last && last.length === 10);
    },
  },
  {
    name: 'given 1,000 bundles in one call, when they are committed, then each has its answer, in order',
    async run({ store }) {
      await write(store, start(a));
      const bundles = Array.from({ length: 1_000 }, (_, index) =>
        index % 10 === 9
          ? bundle(append(a, 5_000))
          : { appendId: freshAppendId(), appends: [start(runId(`r${index}`))] },
      );
      const outcomes = await store.commit(bundles);
      assert(outcomes.every((outcome, index) => outcome.committed === (index % 10 !== 9)));
      assert.equal((await store.list({ limit: 2_000 })).length, 901);
    },
  },
];
