/** YAQL's dates and spans. `now()` is the instant of the command being decided; local time is UTC. */

import { stop } from '../../failure.ts';
import { divide, isNumeric, type Numeric } from '../../python/arithmetic.ts';
import { formatDate, parseFormatted } from '../../python/date-format.ts';
import { parseDate } from '../../python/date-parse.ts';
import {
  clockMicros,
  DateTime,
  dateTimeOf,
  floorDiv,
  microsPerDay,
  microsPerSecond,
  TimeSpan,
} from '../../python/moment.ts';
import { bigOf, type Float, float, isInt, numberOf, type Value } from '../../python/values.ts';
import { type Arguments, type FunctionSpec, specOf } from '../signature.ts';

const zero = new TimeSpan(0n);

function offsetOf(a: Arguments, index: number): bigint {
  const offset = (a.value(index) as TimeSpan | null) ?? zero;
  const { micros } = offset;
  if (micros <= -microsPerDay || micros >= microsPerDay) stop('ValueError', 'the offset must be less than a day');
  return micros;
}

function build(a: Arguments): DateTime {
  const micros = clockMicros(a.int(3), a.int(4), a.int(5), a.int(6));
  return dateTimeOf({ year: a.int(0), month: a.int(1), day: a.int(2), micros }, offsetOf(a, 7));
}

/** Rounds half to even, as Python makes microseconds of a float. */
function roundMicros(value: number): bigint {
  if (!Number.isFinite(value)) stop('OverflowError', 'cannot convert float to a date or span');
  const floor = Math.floor(value);
  const rest = value - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  return BigInt(rounded);
}

function fromTimestamp(a: Arguments): DateTime {
  const stamp = a.value(0);
  const offset = offsetOf(a, 1);
  const whole = isInt(stamp) ? bigOf(stamp) : BigInt(Math.floor(finite(numberOf(stamp as Float))));
  const micros =
    whole * microsPerSecond + (isInt(stamp) ? 0n : roundMicros((numberOf(stamp as Float) - Number(whole)) * 1e6));
  if (micros < -62_135_596_800_000_000n || micros > 253_402_300_799_999_999n)
    stop('ValueError', 'year is out of range');
  return new DateTime(micros + offset, offset);
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : stop('ValueError', 'cannot convert float to a date');
}

function fromText(a: Arguments): DateTime {
  const format = a.textOrNull(1);
  const date = format ? parseFormatted(a.text(0), format) : parseDate(a.text(0), a.frame.scope.now);
  return date.offset === null ? new DateTime(date.local, 0n) : date;
}

function spanOf(a: Arguments): TimeSpan {
  const factors = [microsPerDay, 3_600_000_000n, 60_000_000n, microsPerSecond, 1000n, 1n];
  return new TimeSpan(factors.reduce((sum, factor, index) => sum + factor * bigOf(a.value(index) as number), 0n));
}

/** A date argument, in UTC where it says no zone. */
function zoned(a: Arguments, index: number): DateTime {
  const date = a.date(index);
  return date.offset === null ? new DateTime(date.local, 0n) : date;
}

function shifted(date: DateTime, micros: bigint): DateTime {
  return new DateTime(date.local + micros, date.offset);
}

function scaled(span: TimeSpan, factor: Value): TimeSpan {
  if (isInt(factor)) return new TimeSpan(span.micros * bigOf(factor));
  return new TimeSpan(roundMicros(Number(span.micros) * numberOf(factor as Float)));
}

function dividedBy(span: TimeSpan, divisor: Value): TimeSpan {
  const quotient = divide(Number(span.micros) as Numeric, divisor as Numeric);
  return new TimeSpan(roundMicros(numberOf(quotient as Float)));
}

function inUnits(name: string, micros: number): FunctionSpec {
  return specOf('function', `#property#${name}(obj: timespan)`, (a) => float(Number(a.span(0).micros) / micros));
}

function part(name: string, read: (date: DateTime) => Value, type = 'datetime'): FunctionSpec {
  return specOf('function', `#property#${name}(obj: ${type})`, (a) => read(a.date(0)));
}

function inUtc(date: DateTime): DateTime {
  return new DateTime(date.instant, date.offset);
}

function midnight(date: DateTime): DateTime {
  return new DateTime(floorDiv(date.local, microsPerDay) * microsPerDay, date.offset ?? 0n);
}

function clockPart(date: DateTime, unit: bigint, modulus: bigint): number {
  return Number((date.clock() / unit) % modulus);
}

function replaced(a: Arguments): DateTime {
  const date = zoned(a, 0);
  const [year, month, day] = date.date();
  const pick = (index: number, current: number): number => (a.value(index) === null ? current : a.int(index));
  const micros = clockMicros(
    pick(4, clockPart(date, 3_600_000_000n, 24n)),
    pick(5, clockPart(date, 60_000_000n, 60n)),
    pick(6, clockPart(date, microsPerSecond, 60n)),
    pick(7, clockPart(date, 1n, microsPerSecond)),
  );
  const offset = a.value(8) === null ? date.offset : offsetOf(a, 8);
  return dateTimeOf({ year: pick(1, year), month: pick(2, month), day: pick(3, day), micros }, offset);
}

type Test = (order: number) => boolean;
const tests: readonly (readonly [string, Test])[] = [
  ['>', (order) => order > 0],
  ['>=', (order) => order >= 0],
  ['<', (order) => order < 0],
  ['<=', (order) => order <= 0],
];

function ordered(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

export const dates: readonly FunctionSpec[] = [
  specOf(
    'function',
    'datetime(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0, offset: timespan = missing)',
    build,
  ),
  specOf('function', 'datetime(timestamp: number, offset: timespan = missing)', fromTimestamp),
  specOf('function', 'datetime(string: string, format: string? = null)', fromText),
  specOf(
    'function',
    'timespan(days: int = 0, hours: int = 0, minutes: int = 0, seconds: integer = 0, milliseconds: integer = 0, microseconds: integer = 0)',
    spanOf,
  ),
  specOf('function', 'now(offset: any = missing)', (a) => {
    const offset = a.isMissing(0)
      ? 0n
      : a.value(0) instanceof TimeSpan
        ? offsetOf(a, 0)
        : stop('TypeError', 'now() takes a timespan');
    return new DateTime(BigInt(a.frame.scope.now) * 1000n + offset, offset);
  }),
  specOf('function', 'localtz()', () => zero),
  specOf('function', 'utctz()', () => zero),
  specOf('function', '#property#microseconds(obj: timespan)', (a) => intOf(a.span(0).micros)),
  inUnits('milliseconds', 1000),
  inUnits('seconds', 1e6),
  inUnits('minutes', 6e7),
  inUnits('hours', 3.6e9),
  inUnits('days', 8.64e10),
  specOf('function', '#operator_+(dt: datetime, ts: timespan)', (a) => shifted(zoned(a, 0), a.span(1).micros)),
  specOf('function', '#operator_+(ts: timespan, dt: datetime)', (a) => shifted(zoned(a, 1), a.span(0).micros)),
  specOf('function', '#operator_-(dt: datetime, ts: timespan)', (a) => shifted(zoned(a, 0), -a.span(1).micros)),
  specOf(
    'function',
    '#operator_-(dt1: datetime, dt2: datetime)',
    (a) => new TimeSpan(zoned(a, 0).instant - zoned(a, 1).instant),
  ),
  specOf(
    'function',
    '#operator_+(ts1: timespan, ts2: timespan)',
    (a) => new TimeSpan(a.span(0).micros + a.span(1).micros),
  ),
  specOf(
    'function',
    '#operator_-(ts1: timespan, ts2: timespan)',
    (a) => new TimeSpan(a.span(0).micros - a.span(1).micros),
  ),
  ...tests.flatMap(([operator, test]) => [
    specOf('function', `#operator_${operator}(dt1: datetime, dt2: datetime)`, (a) =>
      test(ordered(zoned(a, 0).instant, zoned(a, 1).instant)),
    ),
    specOf('function', `#operator_${operator}(ts1: timespan, ts2: timespan)`, (a) =>
      test(ordered(a.span(0).micros, a.span(1).micros)),
    ),
  ]),
  specOf('function', '#operator_*(ts: timespan, n: number)', (a) => scaled(a.span(0), a.value(1))),
  specOf('function', '#operator_*(n: number, ts: timespan)', (a) => scaled(a.span(1), a.value(0))),
  specOf('function', '#operator_/(ts1: timespan, ts2: timespan)', (a) =>
    divide(float(Number(a.span(0).micros)), float(Number(a.span(1).micros))),
  ),
  specOf('function', '#operator_/(ts: timespan, n: number)', (a) => dividedBy(a.span(0), a.value(1))),
  specOf('function', '#unary_operator_-(ts: timespan)', (a) => new TimeSpan(-a.span(0).micros)),
  specOf('function', '#unary_operator_+(ts: timespan)', (a) => a.value(0)),
  part('year', (date) => date.date()[0]),
  part('month', (date) => date.date()[1]),
  part('day', (date) => date.date()[2]),
  part('hour', (date) => clockPart(date, 3_600_000_000n, 24n)),
  part('minute', (date) => clockPart(date, 60_000_000n, 60n)),
  part('second', (date) => clockPart(date, microsPerSecond, 60n)),
  part('microsecond', (date) => clockPart(date, 1n, microsPerSecond)),
  part('weekday', (date) => date.weekday()),
  part('date', midnight),
  part('time', (date) => new TimeSpan(date.clock())),
  part('utc', inUtc),
  part('offset', (date) => new TimeSpan(date.offset ?? 0n)),
  part('timestamp', (date) => float(Number(inUtc(date).instant) / 1e6)),
  specOf(
    'method',
    'replace(dt: datetime, year: int? = null, month: int? = null, day: int? = null, hour: int? = null, minute: int? = null, second: int? = null, microsecond: int? = null, offset: timespan? = null)',
    replaced,
  ),
  specOf('method', 'format(dt: datetime, format: string)', (a) => formatDate(zoned(a, 0), a.text(1))),
  specOf('function', 'isDatetime(value: any)', (a) => a.value(0) instanceof DateTime),
  specOf('function', 'isTimespan(value: any)', (a) => a.value(0) instanceof TimeSpan),
];

function intOf(value: bigint): Value {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

export { isNumeric };
