import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instantOf } from '../../base/index.ts';
import { canonicalPath } from './canonical-path.ts';
import { acquireOwnership, type OwnerClaim, type Ownership } from './ownership.ts';
import { socketPathFor } from './socket-path.ts';

let folder: string;
let path: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pawl-'));
  path = join(folder, 'pawl.db');
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  rmSync(folder, { recursive: true });
});

const claim: OwnerClaim = {
  pid: process.pid,
  hostname: 'here',
  start: 'boot:1',
  socket: '/run/pawl/x',
  since: instantOf(1_800_000_000_000),
  version: '1.2.3',
};

function acquire(file = path, isRunning: 'yes' | 'no' | 'unknown' = 'yes') {
  return acquireOwnership(file, { claim, isRunning: () => isRunning });
}

function owned(file = path): Ownership {
  const result = acquire(file);
  if (!result.acquired) throw new Error('the file is held');
  return result.ownership;
}

/** Another process that tries to take the file, says on its first line what came of it, and then stays. */
async function otherProcess(file = path): Promise<{ child: ChildProcess; line: string }> {
  const code = `
    import { acquireOwnership } from ${JSON.stringify(new URL('./ownership.ts', import.meta.url).href)};
    const claim = { pid: process.pid, hostname: 'here', since: 0, version: '1' };
    const result = acquireOwnership(${JSON.stringify(file)}, { claim, isRunning: () => 'yes' });
    console.log(result.acquired ? 'owner ' + result.ownership.row.generation : 'held by ' + result.heldBy?.pid);
    setInterval(() => globalThis.gc?.(), 10);
  `;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout! }), 'line');
  return { child, line };
}

describe('given a file that nobody owns', () => {
  it('when it is taken, then the row names the owner', () => {
    const ownership = owned();
    expect(ownership.row).toEqual({ ...claim, generation: 1 });
    expect(ownership.path).toBe(canonicalPath(path));
    ownership.release();
  });

  it('when it is taken, released and taken again, then each time has a greater generation', () => {
    const generations = Array.from({ length: 3 }, () => {
      const ownership = owned();
      ownership.release();
      ownership.release();
      return ownership.row.generation;
    });
    expect(generations).toEqual([1, 2, 3]);
  });

  it('when several processes take it at once, then one has it, and the others know who', async () => {
    const others = await Promise.all(Array.from({ length: 5 }, () => otherProcess()));
    const owners = others.filter(({ line }) => line.startsWith('owner'));
    expect(owners.length).toBe(1);
    const pid = owners[0]!.child.pid;
    for (const { line } of others.filter((other) => other !== owners[0])) expect(line).toBe(`held by ${pid}`);
  });
});

describe('given a file that a process owns', () => {
  it('when another handle of that process takes it, then it is told who holds it', () => {
    const ownership = owned();
    expect(acquire()).toEqual({ acquired: false, heldBy: ownership.row });
    ownership.release();
    expect(acquire().acquired).toBe(true);
  });

  it('when another process takes it, then it is told who holds it', async () => {
    const ownership = owned();
    expect((await otherProcess()).line).toBe(`held by ${process.pid}`);
    ownership.release();
    expect((await otherProcess()).line).toBe('owner 2');
  });

  it('when it is called by another path, then it is the same file', () => {
    const ownership = owned();
    const links = [join(folder, 'link.db'), join(folder, 'link2.db')];
    symlinkSync('pawl.db', links[0]!);
    symlinkSync(links[0]!, links[1]!);
    symlinkSync(folder, `${folder}-link`);
    const names = [...links, relative(process.cwd(), path), join(`${folder}-link`, 'pawl.db')];
    for (const name of names) expect(acquire(name).acquired, name).toBe(false);
    rmSync(`${folder}-link`);
    ownership.release();
  });

  it('when it is killed, then the file is free at once, and the next generation is greater', async () => {
    const { child, line } = await otherProcess();
    expect(line).toBe('owner 1');
    expect(acquire().acquired).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(owned().row.generation).toBe(2);
  });

  it('when its process cannot be seen from here, then it holds the file all the same', () => {
    const ownership = owned();
    expect(acquire(path, 'no')).toEqual({ acquired: false, heldBy: ownership.row });
    ownership.release();
  });
});

describe('given something in the place of the lock', () => {
  it.each(['no database at all, but long enough to be read as one '.repeat(40)])(
    'when it is text, then it is refused',
    (text) => {
      writeFileSync(`${path}.lock`, text);
      expect(() => acquire()).toThrow(expect.objectContaining({ code: 'file_unreadable' }));
    },
  );

  it('when the folder is not there, then it is refused', () => {
    expect(() => acquire(join(folder, 'none', 'pawl.db'))).toThrow(
      expect.objectContaining({ code: 'file_unreadable' }),
    );
  });
});

describe('given names of a file', () => {
  it('when the file is not there yet and a link leads to it, then its name is where the link ends', () => {
    symlinkSync('later.db', join(folder, 'link.db'));
    expect(canonicalPath(join(folder, 'link.db'))).toBe(join(realpathSync(folder), 'later.db'));
  });

  it('when links lead in a circle, then it is refused', () => {
    symlinkSync('b.db', join(folder, 'a.db'));
    symlinkSync('a.db', join(folder, 'b.db'));
    expect(() => canonicalPath(join(folder, 'a.db'))).toThrow(expect.objectContaining({ code: 'file_unreadable' }));
  });

  it('when it is a folder, then it is refused', () => {
    expect(() => canonicalPath(folder)).toThrow(expect.objectContaining({ code: 'file_unreadable' }));
  });

  it('when the file has two names, then it is refused', () => {
    writeFileSync(path, '');
    linkSync(path, join(folder, 'other.db'));
    expect(() => canonicalPath(path)).toThrow(expect.objectContaining({ code: 'file_unreadable' }));
  });
});

describe('given a file that needs a socket', () => {
  const uid = process.getuid?.();
  const place = () => ({ platform: 'linux' as const, uid, runtimeFolder: undefined, temporaryFolder: folder });

  it('when its path is asked for, then it is short, private, and the same each time', () => {
    const socket = socketPathFor(path, place());
    expect(dirname(socket)).toBe(join(folder, `pawl-${uid}`));
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
    expect(socketPathFor(path, place())).toBe(socket);
    expect(socketPathFor(`${path}2`, place())).not.toBe(socket);
    expect(existsSync(socket)).toBe(false);
  });

  it('when the user has a folder for running programs, then it is there', () => {
    const socket = socketPathFor(path, { ...place(), runtimeFolder: folder });
    expect(dirname(socket)).toBe(join(folder, 'pawl'));
    expect(dirname(socketPathFor(path, { ...place(), runtimeFolder: 'relative' }))).toBe(join(folder, `pawl-${uid}`));
  });

  it('when others may enter the folder, or it is no folder or not ours, then it is refused', () => {
    const sockets = join(folder, `pawl-${uid}`);
    mkdirSync(sockets);
    chmodSync(sockets, 0o755);
    const refusal = expect.objectContaining({ code: 'not_allowed' });
    expect(() => socketPathFor(path, place())).toThrow(refusal);
    chmodSync(sockets, 0o700);
    socketPathFor(path, place());
    mkdirSync(join(folder, `pawl-${(uid ?? 0) + 1}`), { mode: 0o700 });
    expect(() => socketPathFor(path, { ...place(), uid: (uid ?? 0) + 1 })).toThrow(refusal);
    rmSync(sockets, { recursive: true });
    symlinkSync(folder, sockets);
    expect(() => socketPathFor(path, place())).toThrow(refusal);
  });

  it('when the temporary folder has a long name, then the path is short all the same', () => {
    const temporaryFolder = join(folder, 'x'.repeat(100));
    expect(socketPathFor(path, { ...place(), temporaryFolder }).length).toBeLessThan(100);
  });

  it('when it is on Windows, then it is a named pipe', () => {
    const pipe = socketPathFor(path, { ...place(), platform: 'win32' });
    expect(pipe).toMatch(/^\\\\\.\\pipe\\pawl-[0-9a-f]{20}$/);
    expect(basename(pipe)).not.toContain(folder);
  });
});
