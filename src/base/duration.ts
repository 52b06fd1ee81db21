/** Durations as people write them. */

import type { Json } from './json.ts';

const unitMs: { readonly [unit: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const pattern = /^([0-9]{1,15}(?:\.[0-9]{1,6})?)\s?(ms|s|m|h|d)$/;

/**
 * A duration in milliseconds: a number is seconds (fractions allowed); text is a number and a unit, `500ms`, `30s`, `5m`,
 * `2h` or `1d`. Undefined for anything else: negative, not finite, text without a unit, an expression.
 */
export function parseDuration(value: Json): number | undefined {
  const ms = typeof value === 'number' ? value * 1_000 : typeof value === 'string' ? durationOfText(value) : undefined;
  return ms !== undefined && Number.isFinite(ms) && ms >= 0 && ms <= Number.MAX_SAFE_INTEGER
    ? Math.round(ms)
    : undefined;
}

function durationOfText(text: string): number | undefined {
  const match = pattern.exec(text.trim());
  return match ? Number(match[1]) * unitMs[match[2]!]! : undefined;
}
