import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { aesGcmCodec } from '../host/index.ts';
import { conformanceLogLimitBytes as logLimitBytes, type StoreUnderTest, storeConformance } from './conformance.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { slowStore } from './memory/slow-store.ts';
import { openSqlite, type SqliteOptions } from './sqlite/sqlite-store.ts';

async function memory(): Promise<StoreUnderTest> {
  return { store: new MemoryStore({ logLimitBytes }) };
}

/** Takes a different number of turns each time. */
async function slowMemory(): Promise<StoreUnderTest> {
  let calls = 0;
  const someTurns = async () => {
    calls += 1;
    for (let turn = 0; turn < (calls * 7) % 5; turn++) await Promise.resolve();
  };
  return { store: slowStore(new MemoryStore({ logLimitBytes }), { before: someTurns, after: someTurns }) };
}

async function sqliteFile(more: Partial<SqliteOptions> = {}): Promise<StoreUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-'));
  const options = { path: join(folder, 'pawl.db'), logLimitBytes, ...more };
  const store = await openSqlite(options);
  let anew: { close(): Promise<void> } | undefined;
  return {
    store,
    async reopened() {
      await store.close();
      const opened = await openSqlite(options);
      anew = opened;
      return opened;
    },
    async dispose() {
      await anew?.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const codec = aesGcmCodec({ keys: { k1: 'a'.repeat(64) }, current: 'k1' });

async function sqliteInMemory(): Promise<StoreUnderTest> {
  return { store: await openSqlite({ path: ':memory:', logLimitBytes }) };
}

describe.each([
  { name: 'memory', make: memory },
  { name: 'slow memory', make: slowMemory },
  { name: 'SQLite file', make: () => sqliteFile() },
  { name: 'SQLite file that keeps values aside', make: () => sqliteFile({ largeValueLength: 1_024 }) },
  { name: 'sealed SQLite file', make: () => sqliteFile({ codec, largeValueLength: 1_024 }) },
  { name: 'SQLite in memory', make: sqliteInMemory },
])('the $name store', ({ make }) => {
  for (const { name, run } of storeConformance(make)) it(name, run);
});
