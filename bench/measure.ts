/** What every workload measures with: figures by name, closed loops of clients, CPU, memory, flushes, folders. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Figure {
  readonly workload: string;
  readonly variant: string;
  readonly metric: string;
  readonly unit: string;
  readonly value: number;
  /** The floor's value of the same process run, where there is one. */
  readonly floor: number | null;
}

/** A folder of its own, gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(process.env.PAWL_BENCH_DIR ?? tmpdir(), 'pawl-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Loop {
  readonly done: number;
  readonly seconds: number;
  readonly cpuMs: number;
  /** Milliseconds each took, sorted. */
  readonly latencies: readonly number[];
}

/** So many clients, each of which does the next as soon as its last is done, for `seconds`. */
export async function closedLoop(clients: number, seconds: number, one: () => Promise<unknown>): Promise<Loop> {
  const latencies: number[] = [];
  const cpu = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1_000;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < end) {
        const begun = performance.now();
        await one();
        latencies.push(performance.now() - begun);
      }
    }),
  );
  const took = (performance.now() - start) / 1_000;
  const used = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  return { done: latencies.length, seconds: took, cpuMs: (used.user + used.system) / 1_000, latencies };
}

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** Resident bytes of this process once the heap has shrunk to what lives (needs --expose-gc). */
export async function residentBytes(): Promise<number> {
  for (let round = 0; round < 6; round += 1) {
    globalThis.gc?.();
    await delay(250);
  }
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1_024;
}

export function round(value: number, digits = 3): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
