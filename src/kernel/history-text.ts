/**
 * A history as text, as `pawl history RUN --json` prints it: an event a line, or all of them in one JSON list.
 *
 * What is checked here is its form; whether it can have happened shows when it is folded.
 */

import type { Result } from '../base/index.ts';
import { eventTypes } from './codec.ts';
import type { Recorded } from './events.ts';

export interface HistoryFault {
  /** The line of the text, or the place in the list, from 1. */
  readonly at: number;
  readonly message: string;
}

export function parseHistory(text: string): Result<Recorded[], HistoryFault> {
  const trimmed = text.trim();
  if (trimmed === '') return fault(1, 'it is empty; `pawl history RUN --json` prints a history');
  if (trimmed.startsWith('[')) {
    const list = parsed(trimmed);
    if (!list.ok) return fault(1, `it is not JSON: ${list.error}`);
    return checkHistory(list.value as readonly unknown[]);
  }
  const events: unknown[] = [];
  const lines: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const event = parsed(line);
    if (!event.ok) return fault(index + 1, `line ${index + 1} is not JSON: ${event.error}`);
    events.push(event.value);
    lines.push(index + 1);
  }
  const checked = checkHistory(events);
  return checked.ok ? checked : fault(lines[checked.error.at - 1] ?? 1, checked.error.message);
}

/** The events of a list, where it has the form of a history. */
export function checkHistory(list: readonly unknown[]): Result<Recorded[], HistoryFault> {
  const events: Recorded[] = [];
  for (const [index, value] of list.entries()) {
    const found = formFault(value, index + 1);
    if (found !== undefined) return fault(index + 1, found);
    events.push(value as Recorded);
  }
  if (events.length === 0) return fault(1, 'there is no event in it');
  return { ok: true, value: events };
}

function formFault(value: unknown, place: number): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `event ${place} is not a JSON object`;
  const event = value as { readonly [field: string]: unknown };
  if (typeof event.type !== 'string' || !eventTypes.has(event.type))
    return `event ${place} has the type ${JSON.stringify(event.type)}, which is none; was it written by a newer version?`;
  if (typeof event.at !== 'number' || !Number.isFinite(event.at))
    return `event ${place} (${event.type}) has no time: "at" is ${JSON.stringify(event.at)}`;
  if (event.revision !== undefined && event.revision !== place)
    return `event ${place} is number ${JSON.stringify(event.revision)} of its history: events before it are missing`;
  if (place === 1 && event.type !== 'RunStarted')
    return `it begins with ${event.type}, and a history begins with RunStarted: events before it are missing`;
  for (const [field, type] of fieldsOf[event.type] ?? []) {
    const is = event[field];
    const fits = type === 'object' ? typeof is === 'object' && is !== null : typeof is === type;
    if (!fits) return `event ${place} (${event.type}) needs "${field}" to be a${type === 'object' ? 'n' : ''} ${type}`;
  }
  return undefined;
}

/** What a replay reads, beside what folding finds out. */
const fieldsOf: { readonly [type: string]: readonly (readonly [string, 'string' | 'number' | 'object'])[] } = {
  RunStarted: [
    ['workflow', 'string'],
    ['style', 'string'],
    ['seed', 'number'],
    ['input', 'object'],
  ],
  TaskScheduled: [
    ['task', 'number'],
    ['spec', 'object'],
  ],
  TaskEnded: [
    ['task', 'number'],
    ['outcome', 'object'],
  ],
  ProgramNoted: [['note', 'object']],
};

function parsed(text: string): Result<unknown, string> {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

function fault(at: number, message: string): { readonly ok: false; readonly error: HistoryFault } {
  return { ok: false, error: { at, message } };
}
