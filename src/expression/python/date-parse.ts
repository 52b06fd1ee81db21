/**
 * Dates as people write them, as far as `dateutil.parser.parse` is used in workflows: ISO 8601 in all its forms, and
 * days, month names and clock times in any order. What is not said is taken from the day of `now`, at midnight.
 */

import type { Instant } from '../../base/index.ts';
import { Failure, stop } from '../failure.ts';
import { dayNames, monthNames } from './date-format.ts';
import { clockMicros, DateTime, dateTimeOf, daysInMonth, microsPerDay, microsPerSecond } from './moment.ts';

const iso =
  /^(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?(?:(?:T|\s+)(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?)?$/i;

/** @throws Failure `ParserError` for text that is no date. */
export function parseDate(text: string, now: Instant): DateTime {
  if (text.length > 200) return unknown(text);
  const match = iso.exec(text.trim());
  const compact = /^\d{6}$/.test(text.trim());
  try {
    return match && !compact ? fromIso(match, now) : fromWords(text, now);
  } catch (error) {
    if (error instanceof Failure && error.cause === 'ValueError')
      throw new Failure('ParserError', `${error.message}: ${text}`);
    throw error;
  }
}

function unknown(text: string): never {
  throw new Failure('ParserError', `Unknown string format: ${text.slice(0, 200)}`);
}

function fraction(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits.slice(0, 6).padEnd(6, '0'));
}

function zoneOf(text: string | undefined): bigint | null {
  if (text === undefined) return null;
  if (/^[zug]/i.test(text)) return 0n;
  const digits = text.slice(1).replace(':', '');
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2, 4) || 0) * 60;
  return BigInt(text.startsWith('-') ? -seconds : seconds) * microsPerSecond;
}

function fromIso(match: RegExpExecArray, now: Instant): DateTime {
  const [, year, month, day, hour, minute, second, digits, zone] = match;
  const today = new DateTime(BigInt(now) * 1000n, 0n).date();
  const parts = {
    year: Number(year),
    month: month === undefined ? today[1] : Number(month),
    day: day === undefined ? today[2] : Number(day),
  };
  if (day === undefined && parts.month >= 1 && parts.month <= 12)
    parts.day = Math.min(parts.day, daysInMonth(parts.year, parts.month));
  const micros = clockMicros(Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0), fraction(digits));
  return dateTimeOf({ ...parts, micros }, zoneOf(zone));
}

interface Found {
  numbers: { value: number; digits: number }[];
  month: number | null;
  monthAt: number;
  weekday: number | null;
  clock: { hour: number; minute: number; second: number; micro: number } | null;
  offset: bigint | null;
}

const word =
  /\s*(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*([ap]\.?m?\.?\b)?|(\d{1,2})\s*([ap]m)\b|(\d+)(?:st|nd|rd|th)?|([a-z]+)\.?|([+-]\d{2}:?\d{2})|[\s,./-])/iy;
const fillers = new Set(['t', 'at', 'on', 'and', 'of', 'st', 'nd', 'rd', 'th', 'ad', 'm']);

function fromWords(text: string, now: Instant): DateTime {
  const found: Found = { numbers: [], month: null, monthAt: -1, weekday: null, clock: null, offset: null };
  word.lastIndex = 0;
  while (word.lastIndex < text.length) {
    const match = word.exec(text);
    if (!match)
      return text.slice(word.lastIndex).trim() === '' && found.numbers.length > 0
        ? build(found, text, now)
        : unknown(text);
    take(found, match, text);
  }
  return build(found, text, now);
}

function take(found: Found, match: RegExpExecArray, text: string): void {
  const [, hour, minute, second, digits, half, bareHour, bareHalf, number, name, zone] = match;
  if (hour !== undefined || bareHour !== undefined) {
    const meridian = half ?? bareHalf;
    let value = Number(hour ?? bareHour);
    if (meridian !== undefined) {
      if (value < 1 || value > 12) unknown(text);
      value = (value % 12) + (/^p/i.test(meridian) ? 12 : 0);
    }
    found.clock = { hour: value, minute: Number(minute ?? 0), second: Number(second ?? 0), micro: fraction(digits) };
  } else if (zone !== undefined) {
    if (found.clock === null) unknown(text);
    found.offset = zoneOf(zone);
  } else if (number !== undefined) {
    found.numbers.push({ value: Number(number), digits: number.length });
  } else if (name !== undefined) {
    const lower = name.toLowerCase();
    const month = monthNames.findIndex(
      (full) =>
        full.toLowerCase() === lower ||
        (lower.length === 3 && full.toLowerCase().startsWith(lower)) ||
        (lower === 'sept' && full === 'September'),
    );
    const weekday = dayNames.findIndex(
      (full) => full.toLowerCase() === lower || full.slice(0, 3).toLowerCase() === lower,
    );
    if (month >= 0) {
      found.month = month + 1;
      found.monthAt = found.numbers.length;
    } else if (weekday >= 0) found.weekday = weekday;
    else if (lower === 'z' || lower === 'utc' || lower === 'gmt') found.offset = 0n;
    else if (!fillers.has(lower)) unknown(text);
  }
}

function build(found: Found, text: string, now: Instant): DateTime {
  const today = new DateTime(BigInt(now) * 1000n, 0n).date();
  let [year, month, day] = today;
  const numbers = found.numbers;
  const only = numbers[0];
  if (
    numbers.length === 1 &&
    only &&
    found.month === null &&
    (only.digits === 8 || only.digits === 6 || only.digits === 14 || only.digits === 12)
  ) {
    return fromDigits(String(only.value).padStart(only.digits, '0'), found);
  }
  if (
    numbers.length > 3 ||
    (numbers.length === 0 && found.month === null && found.weekday === null && found.clock === null)
  )
    unknown(text);
  const rest = [...numbers];
  const yearAt = rest.findIndex((part) => part.digits > 2 || part.value > 31);
  const hasYear = yearAt >= 0;
  if (hasYear) year = fullYear(rest.splice(yearAt, 1)[0] as { value: number; digits: number }, today[0]);
  if (found.month !== null) month = found.month;
  if (found.month !== null) {
    const first = rest.shift();
    if (first) day = first.value;
    const second = rest.shift();
    if (second) {
      if (hasYear) unknown(text);
      year = fullYear(second, today[0]);
    }
  } else if (rest.length >= 2) {
    const [a, b] = [(rest[0] as { value: number }).value, (rest[1] as { value: number }).value];
    [month, day] = a > 12 ? [b, a] : [a, b];
    const third = rest[2];
    if (third) year = fullYear(third, today[0]);
  } else if (rest.length === 1) {
    const value = (rest[0] as { value: number }).value;
    if (hasYear) month = value;
    else day = value;
  }
  if (found.numbers.length < 2 || (found.month === null && rest.length < 2)) {
    if (
      month >= 1 &&
      month <= 12 &&
      day > daysInMonth(year, month) &&
      found.numbers.every((part) => part.value !== day)
    )
      day = daysInMonth(year, month);
  }
  const clock = found.clock ?? { hour: 0, minute: 0, second: 0, micro: 0 };
  const date = dateTimeOf(
    { year, month, day, micros: clockMicros(clock.hour, clock.minute, clock.second, clock.micro) },
    found.offset,
  );
  if (found.weekday === null || numbers.length > 0) return date;
  const ahead = (found.weekday - date.weekday() + 7) % 7;
  return new DateTime(date.local + BigInt(ahead) * microsPerDay, date.offset);
}

function fullYear(part: { value: number; digits: number }, current: number): number {
  if (part.digits > 2) return part.value;
  const century = Math.floor(current / 100) * 100;
  const year = part.value + century;
  return year >= current + 50 ? year - 100 : year < current - 50 ? year + 100 : year;
}

function fromDigits(digits: string, found: Found): DateTime {
  const at = (from: number, length = 2): number => Number(digits.slice(from, from + length));
  const clock = found.clock ?? { hour: 0, minute: 0, second: 0, micro: 0 };
  if (digits.length === 6) {
    const year = fullYear({ value: at(0), digits: 2 }, 2026);
    return dateTimeOf(
      { year, month: at(2), day: at(4), micros: clockMicros(clock.hour, clock.minute, clock.second, clock.micro) },
      found.offset,
    );
  }
  const hasClock = digits.length > 8;
  const micros = hasClock
    ? clockMicros(at(8), at(10), at(12), 0)
    : clockMicros(clock.hour, clock.minute, clock.second, clock.micro);
  return dateTimeOf({ year: at(0, 4), month: at(4), day: at(6), micros }, found.offset);
}

export { stop };
