/**
 * A file that the version before dependency graphs wrote: `before-graphs.sqlite.gz`. It holds a run under way with a snapshot,
 * one that is pausing, one that failed and one that succeeded, and has no table for results.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createPawl, defineAction, type Pawl, type RunHandle } from '../../src/index.ts';

const kept = new URL('before-graphs.sqlite.gz', import.meta.url);
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-older-'));
  folders.push(folder);
  const path = join(folder, 'runs.db');
  writeFileSync(path, gunzipSync(readFileSync(kept)));
  return path;
}

function open(path: string): Promise<Pawl> {
  return createPawl({
    path,
    listen: false,
    ballastBytes: 0,
    keepAlive: false,
    retention: 'forever',
    actions: [
      defineAction({ name: 'my.big', handler: () => 'never again' }),
      defineAction({ name: 'my.flaky', handler: () => 'at last' }),
      defineAction({ name: 'my.item', handler: () => 5 }),
      defineAction({ name: 'my.ok', handler: () => 1 }),
    ],
  });
}

async function finish(run: RunHandle): Promise<unknown> {
  await run.signal('go', 'payload');
  await run.answer('ask', 'yes');
  return run.result();
}

describe('given a file of the version before', () => {
  it('when it is opened, then its runs are as they were', async () => {
    const pawl = await open(copy());
    const statuses = await Promise.all(
      ['open', 'paused', 'failed', 'done'].map(async (id) => (await pawl.handle(id).state()).status),
    );
    expect(statuses).toEqual(['running', 'paused', 'failed', 'succeeded']);
    expect(await pawl.handle('done').result()).toMatchObject({ output: { x: 1 } });
    await pawl.close();
  });

  it('when its runs are taken up, then they go on to their ends', async () => {
    const pawl = await open(copy());
    await pawl.resume();
    expect(await finish(pawl.handle('open'))).toMatchObject({
      status: 'succeeded',
      output: { g: 'payload', n: 80_000 },
    });
    await pawl.handle('paused').resume();
    expect(await finish(pawl.handle('paused'))).toMatchObject({ status: 'succeeded', output: { g: 'payload' } });
    await pawl.close();
  });

  it('when the failed run is to run again, then it does', async () => {
    const pawl = await open(copy());
    await pawl.handle('failed').rerun();
    expect(await pawl.handle('failed').result()).toMatchObject({ status: 'succeeded' });
    await pawl.close();
  });

  it('when one of its runs is forked, then the fork goes on', async () => {
    const pawl = await open(copy());
    const fork = await pawl.handle('open').fork(10_000);
    expect(await finish(fork)).toMatchObject({ status: 'succeeded', output: { g: 'payload', n: 80_000 } });
    expect((await pawl.handle('open').state()).status).toBe('running');
    await pawl.close();
  });

  it('when results are cached in it, then they are there after it was closed and opened', async () => {
    const path = copy();
    const document = 'version: 1.0\ntasks:\n  a: { needs: [], action: my.count, cache: { key: k } }\n';
    let calls = 0;
    const count = defineAction({ name: 'my.count', handler: () => (calls += 1) });
    for (let life = 0; life < 2; life += 1) {
      const pawl = await createPawl({ path, listen: false, ballastBytes: 0, keepAlive: false, actions: [count] });
      expect((await pawl.run(pawl.workflow(document))).output).toEqual({ a: 1 });
      await pawl.close();
    }
    expect(calls).toBe(1);
  });
});

describe('given a file on a disk and a saga', () => {
  it('when it is closed and opened in the middle of undoing, then undoing goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pawl-saga-'));
    folders.push(folder);
    const document = `
version: 1.0
tasks:
  a: { needs: [], action: my.do, compensate: { action: my.undo, input: { what: a } } }
  b: { needs: [a], action: my.do, compensate: { action: my.undo, input: { what: b } } }
  c: { needs: [b], action: my.bad }
`;
    const undone: string[] = [];
    const begun = Promise.withResolvers<void>();
    const actions = (hangs: boolean) => [
      defineAction({ name: 'my.do', handler: () => 1 }),
      defineAction({
        name: 'my.bad',
        handler: () => {
          throw new Error('no');
        },
      }),
      defineAction({
        name: 'my.undo',
        handler: async (input, { signal }) => {
          const { what } = input as { what: string };
          if (hangs) {
            begun.resolve();
            await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          }
          undone.push(what);
          return null;
        },
      }),
    ];
    const path = join(folder, 'runs.db');
    const common = { path, listen: false, ballastBytes: 0, keepAlive: false };
    const first = await createPawl({ ...common, actions: actions(true) });
    await first.start(first.workflow(document), {}, { id: 'saga' });
    await begun.promise;
    await first.close();
    undone.length = 0;
    const second = await createPawl({ ...common, actions: actions(false) });
    await second.resume();
    expect((await second.handle('saga').result()).status).toBe('failed');
    expect(undone).toEqual(['b', 'a']);
    await second.close();
  });
});
