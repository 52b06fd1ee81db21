import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files in memory, where there are any: what is written there is fast and survives whatever a trial does to a process. */
const inMemory = '/dev/shm';

/**
 * A folder of its own, gone after `work`. With `memory`, in memory where the machine has it. `TORTURE_KEEP=1` in the environment
 * leaves folders behind, for somebody who looks into a violation.
 */
export async function inFolder<T>(work: (folder: string) => Promise<T>, { memory = false } = {}): Promise<T> {
  const base = memory && existsSync(inMemory) ? inMemory : tmpdir();
  const folder = mkdtempSync(join(base, 'pawl-torture-'));
  try {
    return await work(folder);
  } finally {
    if (process.env.TORTURE_KEEP === undefined) rmSync(folder, { recursive: true, force: true });
  }
}
