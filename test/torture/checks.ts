/**
 * Compares what was acknowledged, and what was executed, with what is stored. Every check gives a sentence for each fault.
 *
 * The numbers are those of the invariants: I1 what was acknowledged is there, I3 what was recorded never changes, I4 one
 * end for each attempt, task and run, I11 events are dense, I14 signals are there once. N2 is the engine's: an attempt runs
 * only after its start is durable.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Recorded } from '../../src/kernel/index.ts';
import type { StoredFile, StoredHistory } from './stored.ts';
import type { Ack } from './workload/acks.ts';
import { type Planned, plannedRun } from './workload/plan.ts';

/** I1, I2, I14. */
export function acksMissing(file: StoredFile, acks: readonly Ack[], planned: Planned): string[] {
  const faults: string[] = [];
  for (const ack of acks) {
    const plan = plannedRun(ack.number, planned);
    const history = file.histories.get(ack.run);
    const started = history?.events[0];
    if (history === undefined || started?.type !== 'RunStarted') {
      faults.push(`${ack.run}: its ${ack.ack} was acknowledged, and the run is not there (I1)`);
    } else if (!isDeepStrictEqual(started.input, plan.input)) {
      faults.push(`${ack.run}: it was started with another input than is stored (I1)`);
    } else if (ack.ack === 'signal') {
      const signal = plan.signals.find(({ id }) => id === ack.id);
      const kept = signalsOf(history, ack.id);
      if (kept.length !== 1)
        faults.push(`${ack.run}: signal ${ack.id} was acknowledged and is there ${kept.length} times (I14)`);
      else if (!isDeepStrictEqual(kept[0]?.payload, signal?.payload))
        faults.push(`${ack.run}: signal ${ack.id} changed (I1)`);
    } else if (ack.ack === 'update') {
      const answer = answersOf(history, ack.id);
      const planned = plan.updates?.find(({ id }) => id === ack.id)?.answer;
      if (answer.length !== 1)
        faults.push(`${ack.run}: update ${ack.id} was answered, and its answer is there ${answer.length} times (I1)`);
      else if (!isDeepStrictEqual(answer[0], ack.answer) || !isDeepStrictEqual(ack.answer, planned))
        faults.push(`${ack.run}: the answer to update ${ack.id} changed (I3)`);
    } else if (ack.ack === 'cancel') {
      if (!history.events.some(({ type }) => type === 'CancelRequested'))
        faults.push(`${ack.run}: its cancel was acknowledged and is not there (I1)`);
    } else if (ack.ack === 'decide') {
      if (!history.events.some(({ type }) => type === 'DecisionTaken'))
        faults.push(`${ack.run}: its decision was acknowledged and is not there (I1)`);
    } else if (ack.ack === 'result') {
      const end = history.events.at(-1);
      if (end?.type !== 'RunEnded') faults.push(`${ack.run}: its result was acknowledged, and it has not ended (I1)`);
      else if (end.status !== ack.status || !isDeepStrictEqual(end.output, ack.output))
        faults.push(`${ack.run}: its result was acknowledged as another than is stored (I3)`);
    }
  }
  return faults;
}

function signalsOf(history: StoredHistory, id: string) {
  return history.events.filter((event) => event.type === 'SignalReceived').filter((event) => event.id === id);
}

function answersOf(history: StoredHistory, id: string): readonly unknown[] {
  return history.events.flatMap((event) => {
    const note = event.type === 'ProgramNoted' ? event.note : undefined;
    const isAnswer = Array.isArray(note) && note[0] === 'answered' && note[1] === id;
    return isAnswer && event.type === 'ProgramNoted' ? [event.values ?? null] : [];
  });
}

/** I3: the rows that were there are there, byte for byte, and others come after them. */
export function rowsChanged(before: StoredFile, after: StoredFile): string[] {
  const changed = before.rows.findIndex((row, index) => row !== after.rows[index]);
  return changed === -1
    ? []
    : [`row ${changed} of the journal was ${before.rows[changed]} and is ${after.rows[changed]} (I3)`];
}

/** The place of an event's attempt: the task, or one item of it. */
function placeOf(run: string, event: { readonly task: number; readonly item?: number | undefined }): string {
  return `${run}/${event.task}${event.item === undefined ? '' : `.${event.item}`}`;
}

/** The tasks and items that have ended, and the attempts that were started, by the names that executions have. */
export function attemptsOf(file: StoredFile): { ended: Set<string>; started: Set<string>; faults: string[] } {
  const ended = new Set<string>();
  const started = new Set<string>();
  const faults: string[] = [];
  for (const { run, events } of file.histories.values()) {
    let runEnded = false;
    for (const event of events) {
      if (runEnded) faults.push(`${run}: something happened after its end: ${event.type} (I4)`);
      if (event.type === 'RunEnded') runEnded = true;
      else if (event.type === 'TaskEnded' || event.type === 'ItemEnded') {
        const place = placeOf(run, event);
        if (ended.has(place)) faults.push(`${place} ended twice (I4)`);
        ended.add(place);
      } else if (event.type === 'AttemptStarted') {
        const place = placeOf(run, event);
        if (ended.has(place)) faults.push(`${place} started again after it had ended (I4)`);
        const attempt = `${place} ${event.attempt}`;
        if (started.has(attempt)) faults.push(`${attempt} started twice (I4)`);
        started.add(attempt);
      }
    }
  }
  return { ended, started, faults };
}

/**
 * Each execution belongs to an attempt that was durably started (N2), and no attempt was executed twice: a task that ran
 * again did so as another attempt, which the engine recorded after it had found the one before lost or failed.
 */
export function executionsWrong(file: StoredFile, marks: readonly string[]): string[] {
  const { started, faults } = attemptsOf(file);
  const seen = new Set<string>();
  for (const mark of marks) {
    if (!started.has(mark)) faults.push(`${mark} was executed before its start was durable (N2)`);
    if (seen.has(mark)) faults.push(`${mark} was executed twice (I4)`);
    seen.add(mark);
  }
  for (const { run, events } of file.histories.values()) {
    for (const place of executedWithin(run, events)) {
      if (!seen.has(place)) faults.push(`${place} succeeded and was never executed`);
    }
  }
  return faults;
}

/** The attempts of a user's action that succeeded. */
function executedWithin(run: string, events: readonly Recorded[]): string[] {
  const last = new Map<string, number>();
  const unmarked = new Set<number>();
  const executed: string[] = [];
  for (const event of events) {
    // Closures of functions, their transactions and probes leave no mark.
    if (event.type === 'TaskScheduled' && event.spec.action?.startsWith('$')) unmarked.add(event.task);
    if (event.type === 'AttemptStarted' && !unmarked.has(event.task)) last.set(placeOf(run, event), event.attempt);
    if ((event.type === 'TaskEnded' || event.type === 'ItemEnded') && event.outcome.status === 'succeeded') {
      const place = placeOf(run, event);
      const attempt = last.get(place);
      if (attempt !== undefined) executed.push(`${place} ${attempt}`);
    }
  }
  return executed;
}

/** Nothing that had ended before the crash was executed after it: the marks from `from` on are of after it. */
export function executedAgain(before: StoredFile, marks: readonly string[], from: number): string[] {
  const { ended } = attemptsOf(before);
  return marks
    .slice(from)
    .filter((mark) => ended.has(mark.slice(0, mark.lastIndexOf(' '))))
    .map((mark) => `${mark} was executed after its end was in the file (I3)`);
}

/** I10 and the right answers: every run of the plan has ended as it must. */
export function unfinished(file: StoredFile, runs: number, planned: Planned): string[] {
  const faults: string[] = [];
  for (let number = 0; number < runs; number += 1) {
    const plan = plannedRun(number, planned);
    const end = file.histories.get(plan.id)?.events.at(-1);
    if (end?.type !== 'RunEnded') faults.push(`${plan.id} never ended: its last event is ${end?.type ?? 'none'} (I10)`);
    else if (end.status !== plan.status) faults.push(`${plan.id} ended ${end.status}, not ${plan.status}`);
    else if (plan.output !== undefined && !isDeepStrictEqual(end.output, plan.output))
      faults.push(`${plan.id} gave ${JSON.stringify(end.output)}, not ${JSON.stringify(plan.output)}`);
  }
  for (const { run, events } of file.histories.values()) {
    if (events.at(-1)?.type !== 'RunEnded') faults.push(`${run} never ended (I10): ${lastOf(events)}`);
    const ids = events.flatMap((event) =>
      event.type === 'SignalReceived' && event.id !== undefined ? [event.id] : [],
    );
    if (new Set(ids).size !== ids.length) faults.push(`${run} holds a signal twice (I14)`);
  }
  return faults;
}

/**
 * Undoing: what can be undone was, once and the latest first, where the run failed or was canceled, and nowhere else; and of a
 * dependency graph each task ran once.
 */
export function undoneWrong(file: StoredFile): string[] {
  const faults: string[] = [];
  for (const { run, events } of file.histories.values()) {
    const armed: number[] = [];
    const ended = new Set<number>();
    const names = new Set<string>();
    const [first] = events;
    const isGraph = first?.type === 'RunStarted' && first.style === 'dag';
    for (const event of events) {
      if (event.type === 'CompensationArmed') armed.push(event.task);
      if (event.type === 'TaskEnded') ended.add(event.task);
      if (event.type === 'RunEnded' && event.status !== 'succeeded' && armed.length > 0)
        faults.push(`${run} ended ${event.status} and ${armed.length} tasks were not undone`);
      if (event.type !== 'TaskScheduled') continue;
      const { undoes, name } = event.spec;
      if (isGraph && names.has(name)) faults.push(`${run}: ${name} was scheduled twice (I16)`);
      names.add(name);
      if (undoes === undefined) continue;
      if (armed.pop() !== undoes) faults.push(`${run}: task ${undoes} was undone out of order`);
      if (!ended.has(undoes)) faults.push(`${run}: task ${undoes} was undone before it had ended`);
    }
  }
  return faults;
}

/** The last events of a run that stands still: what a person wants to see first. */
function lastOf(events: readonly Recorded[]): string {
  const shown = events.slice(-30).map((event) => {
    const task = 'task' in event ? ` ${event.task}` : '';
    const item = 'item' in event && event.item !== undefined ? `.${event.item}` : '';
    const attempt = 'attempt' in event ? ` attempt ${event.attempt}` : '';
    const spec = event.type === 'TaskScheduled' ? ` ${event.spec.name}` : '';
    return `${event.at % 100_000} ${event.type}${task}${item}${attempt}${spec}`;
  });
  return shown.join(', ');
}

/**
 * What functions wrote beside their history: each transaction that is recorded wrote its row, once, and no other did; a once-only step was
 * not done twice, and one that is recorded was done.
 */
export function effectsWrong(file: StoredFile, ledger: readonly string[], charges: readonly string[]): string[] {
  const faults: string[] = [];
  const rows = counted(ledger);
  const done = counted(charges);
  for (const [row, times] of [...rows, ...done]) if (times > 1) faults.push(`${row} was done ${times} times (I5)`);
  for (const { run, events } of file.histories.values()) {
    const kinds = new Map<number, string>();
    let booked = 0;
    for (const event of events) {
      if (event.type === 'TaskScheduled')
        kinds.set(event.task, event.spec.once === undefined ? (event.spec.action ?? '') : 'once');
      if (event.type !== 'TaskEnded' || event.outcome.status !== 'succeeded') continue;
      if (kinds.get(event.task) === 'once' && !done.has(`${run}/${event.task}`))
        faults.push(`${run}: its charge is recorded and was never done (I5)`);
      if (kinds.get(event.task) !== '$transaction') continue;
      if (!rows.delete(`${run} ${booked}`))
        faults.push(`${run}: transaction ${booked} is recorded and wrote nothing (I5)`);
      booked += 1;
    }
  }
  for (const row of rows.keys())
    faults.push(`the row ${row} is there, and the transaction that wrote it is not recorded (I5)`);
  return faults;
}

function counted(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
