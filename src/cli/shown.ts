/** How values are shown to people. */

import type { Instant, Json } from '../base/index.ts';

/** An instant as local time of day where it is today's, else with its date. */
export function shownTime(at: Instant | undefined, now: number): string {
  if (at === undefined) return '';
  const date = new Date(at);
  const time = date.toTimeString().slice(0, 8);
  return new Date(now).toDateString() === date.toDateString() ? time : `${date.toISOString().slice(0, 10)} ${time}`;
}

/** `1.2 s`, `350 ms`, `2 h 5 min`. */
export function shownDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(ms / 3_600_000)} h ${Math.floor((ms % 3_600_000) / 60_000)} min`;
}

/** JSON on one line where it is short, over several where it is not. */
export function shownJson(value: Json): string {
  const line = JSON.stringify(value);
  return line.length <= 100 ? line : JSON.stringify(value, null, 2);
}
