import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { append, bundle, runId, start, write } from '../conformance/arrange.ts';
import { Ballast } from './ballast.ts';
import { openSqlite } from './sqlite-store.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pawl-'));
  path = join(folder, 'pawl.db');
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('given a ballast', () => {
  it('when it is made, then it takes up real blocks; when it is given back, then it is gone', () => {
    const ballast = new Ballast(path, 300_000);
    expect(ballast.restore()).toBe(true);
    const { size, blocks } = statSync(`${path}.ballast`);
    expect(size).toBe(300_000);
    expect(blocks * 512).toBeGreaterThanOrEqual(300_000);
    expect(ballast.release()).toBe(true);
    expect(ballast.release()).toBe(false);
    expect(existsSync(`${path}.ballast`)).toBe(false);
  });

  it('when half of it is there, then it is made anew', () => {
    writeFileSync(`${path}.ballast`, 'half');
    expect(new Ballast(path, 300_000).restore()).toBe(true);
    expect(statSync(`${path}.ballast`).size).toBe(300_000);
  });

  it('when it is of no bytes, then there is never one', () => {
    const none = new Ballast(path, 0);
    expect(none.restore()).toBe(true);
    expect(none.release()).toBe(false);
    expect(existsSync(`${path}.ballast`)).toBe(false);
  });
});

describe('given a store with a ballast', () => {
  it('when it is opened, then the room is taken, and kept when it is closed', async () => {
    const store = await openSqlite({ path, ballastBytes: 100_000 });
    expect(store.isLow).toBe(false);
    await write(store, start(runId('a')));
    await store.close();
    expect(statSync(`${path}.ballast`).size).toBe(100_000);
  });

  it('when the room cannot be had, then nothing new begins, what is under way goes on, and all is well once it can', async () => {
    const first = await openSqlite({ path });
    await write(first, start(runId('a')));
    await first.close();
    // A folder in the ballast's place keeps it from being made, as a full disk would.
    const { mkdirSync } = await import('node:fs');
    mkdirSync(`${path}.ballast`);
    const store = await openSqlite({ path, ballastBytes: 100_000 });
    expect(store.isLow).toBe(true);
    const full = expect.objectContaining({ code: 'store_full' });
    await expect(store.commit([bundle(start(runId('b')))])).rejects.toThrow(full);
    await expect(store.commit([bundle(append(runId('a'), 1)), bundle(start(runId('b')))])).rejects.toThrow(full);
    await write(store, append(runId('a'), 1));
    rmSync(`${path}.ballast`, { recursive: true });
    await write(store, start(runId('b')));
    expect(store.isLow).toBe(false);
    await store.close();
  });
});
