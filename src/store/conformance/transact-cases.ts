/** Cases for a user's SQL that is committed together with runs. */

import assert from 'node:assert/strict';
import { isPawlError } from '../../base/index.ts';
import type { Store } from '../store.ts';
import { WorkUndidAll } from '../user-sql.ts';
import {
  append,
  bundle,
  type ConformanceCase,
  conflict,
  entriesOf,
  readable,
  runId,
  same,
  start,
  write,
} from './arrange.ts';

const [a, b] = [runId('a'), runId('b')];

/** True where the store has no database that users may write to. */
async function hasNoSql(store: Store): Promise<boolean> {
  try {
    await store.transact(() => []);
    return false;
  } catch (error) {
    return isPawlError(error) && error.code === 'refused';
  }
}

export const transactCases: readonly ConformanceCase[] = [
  {
    name: 'given two bundles of a transaction, when one is a conflict, then neither is kept, nor the SQL, and both are told',
    async run({ store }) {
      if (await hasNoSql(store)) return;
      await write(store, start(a));
      await write(store, start(b));
      await store.transact((work) => {
        work((sql) => sql.exec('CREATE TABLE mine (n)'));
        return [];
      });
      const outcomes = await store.transact((work) => {
        work((sql) => sql.run('INSERT INTO mine VALUES (1)'));
        return [bundle(append(a, 1)), bundle(append(b, 7))];
      });
      same(outcomes, [conflict(b, 7, 1), conflict(b, 7, 1)]);
      same((await entriesOf(store, a)).length, 1);
      let left: unknown;
      await store.transact((work) => {
        left = work((sql) => sql.get('SELECT count(*) AS n FROM mine')?.n);
        return [];
      });
      same(left, { ok: true, value: 0 });
      await write(store, append(a, 1));
      same((await readable(store, a)).entries.length, 2);
    },
  },
  {
    name: 'given a piece of work that undoes the transaction, when it is done, then nothing is kept, and the store goes on',
    async run({ store }) {
      if (await hasNoSql(store)) return;
      await write(store, start(a));
      await store.transact((work) => {
        work((sql) => sql.exec('CREATE TABLE mine (n PRIMARY KEY); INSERT INTO mine VALUES (1)'));
        return [];
      });
      await assert.rejects(
        store.transact((work) => {
          work((sql) => sql.run('INSERT INTO mine VALUES (2)'));
          work((sql) => sql.run('INSERT OR ROLLBACK INTO mine VALUES (1)'));
          return [bundle(append(a, 1))];
        }),
        WorkUndidAll,
      );
      let left: unknown;
      same(
        await store.transact((work) => {
          left = work((sql) => sql.all('SELECT n FROM mine').map(({ n }) => n));
          return [bundle(append(a, 1))];
        }),
        [{ committed: true }],
      );
      same(left, { ok: true, value: [1] });
    },
  },
];
