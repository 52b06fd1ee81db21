/**
 * When each task starts on a number of workers: whenever one is free, it takes the task that may start and has the longest
 * way to the end behind it (list scheduling by critical path).
 *
 * L1. No worker idles while a task may start, so that no schedule is shorter than half of this one: it takes at most
 *     (2 − 1/workers) times the shortest (Graham, "Bounds on multiprocessing timing anomalies", 1969).
 * L2. Where both of a preferred need could start, the one that is needed goes first.
 *
 * Costs O((n + m) log n).
 */

import { type CompactGraph, longestFrom } from '../../graph/index.ts';
import type { PlannedGraph } from './planned-graph.ts';
import { TaskHeap } from './task-heap.ts';

export interface Schedule {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Tasks in the order in which they start. */
  readonly sequence: Int32Array;
  /** How often workers had come free when each task started: tasks of one turn start together. */
  readonly turn: Int32Array;
  readonly makespanMs: number;
}

/** `any` is 1 for tasks that one of their needs lets start. */
export function listSchedule(
  { all, gates, order }: Pick<PlannedGraph, 'all' | 'gates' | 'order'>,
  any: Uint8Array,
  durations: Float64Array,
  workers: number,
): Schedule {
  const count = gates.nodeCount;
  const before = precedence(all, order, durations);
  const start = new Float64Array(count);
  const end = new Float64Array(count);
  const sequence = new Int32Array(count);
  const turn = new Int32Array(count);
  const missing = missingNeeds(gates, any);
  const ready = new TaskHeap(before);
  const running = new TaskHeap((a, b) => end[a]! < end[b]! || (end[a] === end[b] && a < b));
  for (let task = 0; task < count; task += 1) if (missing[task] === 0) ready.push(task);

  let now = 0;
  let started = 0;
  for (let turns = 0; ; turns += 1) {
    while (running.size < workers && ready.size > 0) {
      const task = ready.pop()!;
      start[task] = now;
      end[task] = now + durations[task]!;
      sequence[started] = task;
      turn[task] = turns;
      started += 1;
      running.push(task);
    }
    if (running.size === 0) break;
    now = end[running.first!]!;
    while (running.size > 0 && end[running.first!] === now) {
      const over = running.pop()!;
      for (let row = gates.outStart[over]!; row < gates.outStart[over + 1]!; row += 1) {
        const next = gates.outTo[row]!;
        missing[next]! -= 1;
        if (missing[next] === 0) ready.push(next);
      }
    }
  }
  return { start, end, sequence, turn, makespanMs: now };
}

/** Longest way to the end first, preferred needs counted (L2); of equals the one that stands first in the order. */
function precedence(all: CompactGraph, order: Int32Array, durations: Float64Array): (a: number, b: number) => boolean {
  const rank = longestFrom(all, order, durations);
  const place = new Int32Array(order.length);
  for (let at = 0; at < order.length; at += 1) place[order[at]!] = at;
  return (a, b) => rank[a]! > rank[b]! || (rank[a] === rank[b] && place[a]! < place[b]!);
}

function missingNeeds({ nodeCount, inStart }: CompactGraph, any: Uint8Array): Int32Array {
  const missing = new Int32Array(nodeCount);
  for (let task = 0; task < nodeCount; task += 1) {
    const needs = inStart[task + 1]! - inStart[task]!;
    missing[task] = any[task] === 1 ? Math.min(1, needs) : needs;
  }
  return missing;
}
