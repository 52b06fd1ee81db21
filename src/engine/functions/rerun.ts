/**
 * What counts of the history of a function that was run again from one of its calls: what that call and the later ones came to does
 * not, and neither does how the function ended, or a cancel.
 *
 * Calls before it that were cut off by that (what ran beside the function's end, what a cancel or its end took from it) are made again
 * as well, and with them all that were made after the first of them.
 */

import type { Json, TaskNumber } from '../../base/index.ts';
import { functionNote, type Recorded } from '../../kernel/index.ts';

export function effectiveHistory(history: readonly Recorded[]): readonly Recorded[] {
  if (!history.some(({ type }) => type === 'RunReopened')) return history;
  let kept: Recorded[] = [];
  for (const event of history) {
    const from = rerunFrom(event);
    if (from === undefined) kept.push(event);
    else kept = beforeCall(kept, from);
  }
  return kept;
}

/** Signals that calls had taken which are made again where such a history is run again from a call; oldest first. */
export function signalsTakenFrom(
  history: readonly Recorded[],
  from: number,
): readonly { readonly name: string; readonly payload: Json }[] {
  const last = history.at(-1);
  if (last === undefined) return [];
  const counted = effectiveHistory(history);
  const note: Recorded = { type: 'ProgramNoted', at: last.at, note: ['rerun', from] };
  const kept = new Set(effectiveHistory([...history, { type: 'RunReopened', at: last.at, epoch: 0 }, note]));
  const outputs = new Map<TaskNumber, Json>();
  for (const event of counted) if (event.type === 'TaskEnded') outputs.set(event.task, event.outcome.output);
  return counted.flatMap((event) => {
    const payload = event.type === 'SignalConsumed' && !kept.has(event) ? outputs.get(event.task) : undefined;
    return event.type !== 'SignalConsumed' || payload === undefined ? [] : [{ name: event.name, payload }];
  });
}

function rerunFrom(event: Recorded): number | undefined {
  const note = functionNote(event);
  return note?.[0] === 'rerun' ? note[1] : undefined;
}

function beforeCall(events: readonly Recorded[], from: number): Recorded[] {
  let first = from;
  for (let lower = lowestCutOff(events, first); lower < first; lower = lowestCutOff(events, first)) first = lower;
  const calls = new Map<TaskNumber, number>();
  let isBefore = true;
  return events.filter((event) => {
    if (event.type === 'TaskScheduled') {
      const call = event.spec.route ?? 0;
      calls.set(event.task, call);
      if (call >= first) isBefore = false;
    }
    if ('task' in event) return (calls.get(event.task) ?? 0) < first;
    if (endings.has(event.type)) return false;
    // What it set by itself after that it sets again.
    if (event.type === 'AttributesSet') return isBefore || event.asked === true;
    const [kind] = functionNote(event) ?? [];
    if (kind === undefined) return true;
    if (kind === 'returned' || kind === 'threw') return false;
    // What it said after that it says again.
    return isBefore || kind === 'answered' || kind === 'update' || kind === 'update_failed';
  });
}

/** What is forgotten: the run may come to another end now. */
const endings: ReadonlySet<Recorded['type']> = new Set(['CancelRequested', 'RunFailing', 'RunEnded', 'RunReopened']);

/**
 * The lowest call that has no other reason than what does not count any more: it was made, or left, after `from` was made, or after
 * the function or the run came to its end. A call that was left comes to nothing: the function would wait for it for ever.
 */
function lowestCutOff(events: readonly Recorded[], from: number): number {
  const calls = new Map<TaskNumber, number>();
  const start = events.findIndex((event, index) => isForgotten(event, from) || isDroppedByEnd(events, index));
  let lowest = from;
  events.forEach((event, index) => {
    if (event.type === 'TaskScheduled') calls.set(event.task, event.spec.route ?? 0);
    if (start === -1 || index < start) return;
    const isCutOff = event.type === 'TaskScheduled' || (event.type === 'TaskEnded' && event.dropped === true);
    if (isCutOff) lowest = Math.min(lowest, calls.get(event.task) ?? lowest);
  });
  return lowest;
}

function isForgotten(event: Recorded, from: number): boolean {
  if (event.type === 'TaskScheduled') return (event.spec.route ?? 0) >= from;
  if (event.type !== 'ProgramNoted') return endings.has(event.type);
  const [kind] = functionNote(event) ?? [];
  return kind === 'returned' || kind === 'threw';
}

/** True for what a run dropped that was terminated: that stands right before its end. */
function isDroppedByEnd(events: readonly Recorded[], index: number): boolean {
  let end = index;
  for (let event = events[end]; event?.type === 'TaskEnded' && event.dropped === true; event = events[end]) end += 1;
  const ending = events[end];
  return (
    end > index && ending?.type === 'RunEnded' && ending.status === 'terminated' && ending.at === events[index]?.at
  );
}
