/**
 * Which process this is, in words that another process can check: a pid alone is given to a new process sooner or later.
 */

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  readonly pid: number;
  readonly hostname: string;
  /** Text that no other process of the machine, in this or an earlier boot, has with the same pid; undefined where the system does not tell. */
  readonly start: string | undefined;
}

export function processIdentity(pid: number = process.pid): ProcessIdentity {
  return { pid, hostname: hostname(), start: startOf(pid) };
}

/**
 * Whether that process still runs: `no` where it is certain, `unknown` for a process of another machine or where the
 * system does not tell.
 */
export function isRunning({ pid, hostname: host, start }: ProcessIdentity): 'yes' | 'no' | 'unknown' {
  if (host !== hostname()) return 'unknown';
  if (!pidExists(pid)) return 'no';
  const now = startOf(pid);
  if (start === undefined || now === undefined) return 'unknown';
  return now === start ? 'yes' : 'no';
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is there but may not be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** On Linux the boot's id and the process's start in clock ticks since then; `ended` for one that only waits to be buried. */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in the second field may hold anything, so fields are counted from its closing bracket: start time is the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X') return 'ended';
    return ticks === undefined ? undefined : `${boot}:${ticks}`;
  } catch {
    return undefined;
  }
}
