/**
 * Python's `datetime` and `timedelta`, to the microsecond, over the proleptic Gregorian calendar, years 1 to 9999.
 *
 * M1. `local` counts microseconds of the wall clock from 1970-01-01T00:00; the instant is `local - offset`.
 * M2. Two dates are equal when their instants are; one without offset equals none with.
 */

import { stop } from '../failure.ts';
import { Opaque } from './values.ts';

export const microsPerSecond = 1_000_000n;
export const microsPerDay = 86_400_000_000n;
const earliest = -62_135_596_800_000_000n;
const latest = 253_402_300_799_999_999n;

/** What a date and a span share: a key that equal ones have in common. */
export abstract class Moment extends Opaque {
  abstract readonly key: string;
}

export class TimeSpan extends Moment {
  readonly type = 'datetime.timedelta';
  readonly micros: bigint;
  constructor(micros: bigint) {
    super();
    if (micros > 86_399_999_999_999_999_999n || micros < -86_399_999_913_600_000_000n) {
      stop('OverflowError', 'the span is longer than 999999999 days');
    }
    this.micros = micros;
  }
  get key(): string {
    return `span ${this.micros}`;
  }
  /** As Python's `str`: `1 day, 2:03:04.000005`. */
  text(): string {
    const days = floorDiv(this.micros, microsPerDay);
    const rest = this.micros - days * microsPerDay;
    const clock = clockText(rest, false);
    return days === 0n ? clock : `${days} day${days === 1n || days === -1n ? '' : 's'}, ${clock}`;
  }
}

export class DateTime extends Moment {
  readonly type = 'datetime.datetime';
  readonly local: bigint;
  /** Microseconds east of UTC; null where the date has no zone. */
  readonly offset: bigint | null;

  constructor(local: bigint, offset: bigint | null) {
    super();
    if (local < earliest || local > latest) stop('OverflowError', 'date value out of range');
    this.local = local;
    this.offset = offset;
  }
  get instant(): bigint {
    return this.local - (this.offset ?? 0n);
  }
  get key(): string {
    return this.offset === null ? `naive ${this.local}` : `date ${this.instant}`;
  }
  /** `[year, month, day]`, months from 1. */
  date(): [number, number, number] {
    return civil(Number(floorDiv(this.local, microsPerDay)));
  }
  /** Microseconds since the wall clock's midnight. */
  clock(): bigint {
    return this.local - floorDiv(this.local, microsPerDay) * microsPerDay;
  }
  /** Monday is 0. */
  weekday(): number {
    const days = Number(floorDiv(this.local, microsPerDay));
    return (((days + 3) % 7) + 7) % 7;
  }
  /** ISO 8601 text, as Python's `isoformat`. */
  iso(separator = 'T'): string {
    const [year, month, day] = this.date();
    return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}${separator}${clockText(this.clock(), true)}${this.zone(':')}`;
  }
  /** `+02:00`, or nothing where there is no zone. */
  zone(colon: string): string {
    if (this.offset === null) return '';
    const east = this.offset >= 0n;
    const seconds = Number((east ? this.offset : -this.offset) / microsPerSecond);
    const rest = seconds % 60 === 0 ? '' : `${colon}${pad(seconds % 60, 2)}`;
    return `${east ? '+' : '-'}${pad(Math.floor(seconds / 3600), 2)}${colon}${pad(Math.floor(seconds / 60) % 60, 2)}${rest}`;
  }
}

/** The date of these parts. @throws Failure `ValueError` for a part out of its range. */
export function dateTimeOf(
  parts: { year: number; month: number; day: number; micros: bigint },
  offset: bigint | null,
): DateTime {
  const { year, month, day, micros } = parts;
  if (year < 1 || year > 9999) stop('ValueError', `year ${year} is out of range`);
  if (month < 1 || month > 12) stop('ValueError', 'month must be in 1..12');
  if (day < 1 || day > daysInMonth(year, month)) stop('ValueError', 'day is out of range for month');
  return new DateTime(BigInt(daysFromCivil(year, month, day)) * microsPerDay + micros, offset);
}

/** Microseconds of a clock time. @throws Failure `ValueError` for a part out of its range. */
export function clockMicros(hour: number, minute: number, second: number, micro: number): bigint {
  if (hour < 0 || hour > 23) stop('ValueError', 'hour must be in 0..23');
  if (minute < 0 || minute > 59) stop('ValueError', 'minute must be in 0..59');
  if (second < 0 || second > 59) stop('ValueError', 'second must be in 0..59');
  if (micro < 0 || micro > 999_999) stop('ValueError', 'microsecond must be in 0..999999');
  return BigInt(hour * 3600 + minute * 60 + second) * microsPerSecond + BigInt(micro);
}

/** Days since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468;
}

function civil(days: number): [number, number, number] {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted + (shifted < 10 ? 3 : -9);
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1];
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

export function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function clockText(micros: bigint, padded: boolean): string {
  const seconds = Number(micros / microsPerSecond);
  const fraction = Number(micros % microsPerSecond);
  const hours = Math.floor(seconds / 3600);
  const head = padded ? pad(hours, 2) : String(hours);
  const tail = fraction === 0 ? '' : `.${pad(fraction, 6)}`;
  return `${head}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}${tail}`;
}
