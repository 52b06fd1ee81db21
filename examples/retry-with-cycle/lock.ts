/**
 * A lock that is a file: whoever makes it has it, and its text says who that is.
 *
 * Both are safe to repeat, since an attempt that a crash cut off is done again: taking what one has succeeds, and so does
 * releasing what is gone.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

interface Lock {
  readonly lock: string;
  readonly by: string;
}

export function take({ lock, by }: Lock): string {
  mkdirSync(dirname(lock), { recursive: true });
  try {
    writeFileSync(lock, by, { flag: 'wx' });
  } catch {
    const holder = readFileSync(lock, 'utf8');
    if (holder !== by) throw new Error(`${lock} is held by ${holder}`);
  }
  return by;
}

export function release({ lock }: Lock): null {
  rmSync(lock, { force: true });
  return null;
}
