/**
 * Ends what an earlier attempt of a task left running when its engine died (`kill -9`, out of memory): otherwise the
 * repeated attempt and the old command work against each other.
 *
 * K1. A process is killed only if its environment proves it: an earlier attempt of the same task and item, of the same
 *     store file, started by a process of this machine that is dead. A whole group is killed only where its leader is proven.
 * K2. Only Linux shows the environment of a process (`/proc`), and only of one's own user. Elsewhere nothing is done.
 * K3. A process that changed its environment (`env -i`, `sudo`) and left its group is not found.
 *
 * Cost: one read per process of the machine, for second and later attempts only.
 */

import { readdir, readFile } from 'node:fs/promises';
import { type Marked, provesLeftover } from './attempt-mark.ts';
import { signalGroup } from './process-group.ts';

/** Rounds until nothing new is found: a process may start another while they are counted. */
const roundsMax = 5;

/** Kills the leftovers of earlier attempts; answers how many processes those were. */
export async function killLeftovers(attempt: Marked): Promise<number> {
  if (process.platform !== 'linux' || attempt.store === undefined || attempt.attempt < 2) return 0;
  const killed = new Set<string>();
  for (let round = 0; round < roundsMax; round += 1) {
    const before = killed.size;
    for (const pid of await processes()) await killIfLeftover(pid, attempt, killed);
    if (killed.size === before) break;
  }
  return killed.size;
}

async function processes(): Promise<number[]> {
  try {
    return (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name)).map(Number);
  } catch {
    return [];
  }
}

async function killIfLeftover(pid: number, attempt: Marked, killed: Set<string>): Promise<void> {
  if (pid === process.pid || pid === 1) return;
  const first = await statOf(pid);
  if (first === undefined || killed.has(`${pid} ${first.start}`)) return;
  const environment = await readProc(pid, 'environ');
  if (environment === undefined || !provesLeftover(environment, attempt)) return;
  // The same process as the one whose environment was read: its number was not given to another meanwhile.
  const second = await statOf(pid);
  if (second?.start !== first.start) return;
  if (second.group === pid) signalGroup(pid, 'SIGKILL');
  else if (!killOne(pid)) return;
  killed.add(`${pid} ${first.start}`);
}

function killOne(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** The group of a process, and when it started in clock ticks since the boot; undefined once it has ended. */
async function statOf(pid: number): Promise<{ readonly group: number; readonly start: string } | undefined> {
  const stat = await readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // The name in the second field may hold anything, so fields are counted from its closing bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, , group] = fields;
  const start = fields[19];
  if (state === 'Z' || state === 'X' || start === undefined) return undefined;
  return { group: Number(group), start };
}

async function readProc(pid: number, file: 'environ' | 'stat'): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
