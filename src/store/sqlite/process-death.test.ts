import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { append, entriesOf, runId, write } from '../conformance/arrange.ts';
import { acquireOwnership } from './ownership.ts';
import { openSqlite } from './sqlite-store.ts';

let folder: string;
let path: string;
const a = runId('a');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pawl-'));
  path = join(folder, 'pawl.db');
});

afterEach(() => rmSync(folder, { recursive: true }));

function moduleUrl(name: string): string {
  return JSON.stringify(new URL(name, import.meta.url).href);
}

/** The code of a process that owns the file and appends to run `a` until it cannot, telling each revision that was acknowledged. */
const writing = (file: string) => `
  import { openSqlite } from ${moduleUrl('./sqlite-store.ts')};
  import { acquireOwnership } from ${moduleUrl('./ownership.ts')};
  import { append, bundle, start } from ${moduleUrl('../conformance/arrange.ts')};
  import { execFileSync } from 'node:child_process';
  import { writeSync } from 'node:fs';
  const path = ${JSON.stringify(file)};
  const claim = { pid: process.pid, hostname: 'here', since: 0, version: '1' };
  const { acquired } = acquireOwnership(path, { claim, isRunning: () => 'unknown' });
  if (!acquired) throw new Error('the file is held');
  const store = await openSqlite({ path });
  const text = 'x'.repeat(300);
  const tried = [];
  for (let revision = 0; ; revision++) {
    const one = revision === 0 ? start('a', { events: text }) : append('a', revision, { events: text });
    try {
      await store.commit([bundle(one)]);
    } catch (error) {
      tried.push(error.code);
      tried.push(await store.load('a').then(() => 'read', (refusal) => refusal.code));
      tried.push(await store.commit([]).then(() => 'written', (refusal) => refusal.code));
      tried.push(await store.reopen().then(() => 'reopened', (refusal) => refusal.code));
      execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
      await store.reopen();
      const { entries } = await store.load('a');
      await store.commit([bundle(append('a', entries.length))]);
      await store.close();
      writeSync(1, tried.join(' ') + ' ' + (entries.length + 1) + '\\n');
      process.exit(0);
    }
    writeSync(1, revision + 1 + '\\n');
  }
`;

describe('given a process that writes', () => {
  it('when it is killed, then the file is free, and nothing it acknowledged is lost', async () => {
    let acknowledged = 0;
    for (const laterThan of [1, 40]) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', writing(path)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      acknowledged = await lastLine(child, (line) => Number(line) >= laterThan);
      const owner = acquireOwnership(path, {
        claim: {
          pid: process.pid,
          hostname: 'here',
          start: undefined,
          socket: undefined,
          since: 0 as never,
          version: '1',
        },
        isRunning: () => 'unknown',
      });
      expect(owner.acquired).toBe(true);
      const store = await openSqlite({ path });
      const revision = (await entriesOf(store, a)).at(-1)?.to ?? 0;
      expect(revision).toBeGreaterThanOrEqual(acknowledged);
      expect(revision).toBeLessThanOrEqual(acknowledged + 1);
      await write(store, append(a, revision));
      await store.remove(a);
      await store.close();
      if (owner.acquired) owner.ownership.release();
    }
    expect(acknowledged).toBeGreaterThanOrEqual(40);
  });

  it.skipIf(process.platform !== 'linux')(
    'when its disk fails, then it acknowledges nothing more until it is reopened, and nothing is lost',
    async () => {
      // A file that may not grow beyond 150 KB fails like a disk that does not take what it is given.
      const limited = `trap '' XFSZ; ulimit -S -f 150; exec "$0" --input-type=module -e "$1"`;
      const child = spawn('bash', ['-c', limited, process.execPath, writing(path)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines: string[] = [];
      for await (const line of createInterface({ input: child.stdout! })) lines.push(line);
      const acknowledged = Number(lines.at(-2));
      const [commit, load, nextCommit, , revision] = lines.at(-1)!.split(' ');
      expect([commit, load, nextCommit]).toEqual(['store_failed', 'store_failed', 'store_failed']);
      expect(Number(revision)).toBeGreaterThan(acknowledged);
      const store = await openSqlite({ path });
      expect((await entriesOf(store, a)).length).toBe(Number(revision));
      expect(await store.verify()).toEqual([]);
      await store.close();
    },
  );
});

/** Kills the child once a line is good enough, and gives the last number it told, to the end of what it had written. */
async function lastLine(child: ChildProcess, enough: (line: string) => boolean): Promise<number> {
  let last = '0';
  for await (const line of createInterface({ input: child.stdout! })) {
    last = line;
    if (enough(line)) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return Number(last);
}
