/**
 * What counts of the history of a function that was run again from one of its calls: what that call and the later ones came to does
 * not, and neither does how the function ended.
 */

import type { TaskNumber } from '../../base/index.ts';
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

function rerunFrom(event: Recorded): number | undefined {
  const note = functionNote(event);
  return note?.[0] === 'rerun' ? note[1] : undefined;
}

function beforeCall(events: readonly Recorded[], from: number): Recorded[] {
  const calls = new Map<TaskNumber, number>();
  let isBefore = true;
  return events.filter((event) => {
    if (event.type === 'TaskScheduled') {
      const call = event.spec.route ?? 0;
      calls.set(event.task, call);
      if (call >= from) isBefore = false;
    }
    if ('task' in event) return (calls.get(event.task) ?? 0) < from;
    if (event.type === 'CancelRequested' || event.type === 'RunFailing') return false;
    // What it set by itself after that it sets again.
    if (event.type === 'AttributesSet') return isBefore || event.asked === true;
    const [kind] = functionNote(event) ?? [];
    if (kind === undefined) return true;
    if (kind === 'returned' || kind === 'threw') return false;
    // What it said after that it says again.
    return isBefore || kind === 'answered' || kind === 'update' || kind === 'update_failed';
  });
}
