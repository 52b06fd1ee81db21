/** Python's `strftime` and `strptime`, in the C locale. */

import { stop } from '../failure.ts';
import { clockMicros, DateTime, dateTimeOf, daysFromCivil, microsPerSecond, pad } from './moment.ts';

export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** `date.strftime(format)`; an unknown directive stays as it is. */
export function formatDate(date: DateTime, format: string): string {
  const [year, month, day] = date.date();
  const clock = date.clock();
  const seconds = Number(clock / microsPerSecond);
  const [hour, minute, second] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const weekday = date.weekday();
  const dayOfYear = daysFromCivil(year, month, day) - daysFromCivil(year, 1, 1) + 1;
  const [isoYear, isoWeek] = isoWeekOf(year, month, day, weekday);
  const dayName = dayNames[weekday] as string;
  const monthName = monthNames[month - 1] as string;
  const write = (letter: string): string => {
    switch (letter) {
      case 'a':
        return dayName.slice(0, 3);
      case 'A':
        return dayName;
      case 'w':
        return String((weekday + 1) % 7);
      case 'd':
        return pad(day, 2);
      case 'e':
        return String(day).padStart(2);
      case 'b':
      case 'h':
        return monthName.slice(0, 3);
      case 'B':
        return monthName;
      case 'm':
        return pad(month, 2);
      case 'y':
        return pad(year % 100, 2);
      case 'Y':
        return String(year);
      case 'C':
        return pad(Math.floor(year / 100), 2);
      case 'H':
        return pad(hour, 2);
      case 'k':
        return String(hour).padStart(2);
      case 'I':
        return pad(hour % 12 || 12, 2);
      case 'l':
        return String(hour % 12 || 12).padStart(2);
      case 'p':
        return hour < 12 ? 'AM' : 'PM';
      case 'P':
        return hour < 12 ? 'am' : 'pm';
      case 'M':
        return pad(minute, 2);
      case 'S':
        return pad(second, 2);
      case 'f':
        return pad(Number(clock % microsPerSecond), 6);
      case 'z':
        return date.zone('');
      case 'Z':
        return date.offset === 0n ? 'UTC' : '';
      case 'j':
        return pad(dayOfYear, 3);
      case 'U':
        return pad(Math.floor((dayOfYear + 6 - ((weekday + 1) % 7)) / 7), 2);
      case 'W':
        return pad(Math.floor((dayOfYear + 6 - weekday) / 7), 2);
      case 'c':
        return `${write('a')} ${write('b')} ${write('e')} ${write('T')} ${year}`;
      case 'x':
      case 'D':
        return `${write('m')}/${write('d')}/${write('y')}`;
      case 'X':
      case 'T':
        return `${write('H')}:${write('M')}:${write('S')}`;
      case 'R':
        return `${write('H')}:${write('M')}`;
      case 'r':
        return `${write('I')}:${write('M')}:${write('S')} ${write('p')}`;
      case 'F':
        return `${year}-${write('m')}-${write('d')}`;
      case 'G':
        return String(isoYear);
      case 'g':
        return pad(isoYear % 100, 2);
      case 'V':
        return pad(isoWeek, 2);
      case 'u':
        return String(weekday + 1);
      case 's':
        return String(date.local / microsPerSecond);
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case '%':
        return '%';
      default:
        return `%${letter}`;
    }
  };
  return format.replace(/%([\s\S])/gu, (_, letter: string) => write(letter));
}

function isoWeekOf(year: number, month: number, day: number, weekday: number): [number, number] {
  const thursday = daysFromCivil(year, month, day) + 3 - weekday;
  let isoYear = year;
  if (thursday < daysFromCivil(year, 1, 1)) isoYear--;
  else if (thursday >= daysFromCivil(year + 1, 1, 1)) isoYear++;
  return [isoYear, Math.floor((thursday - daysFromCivil(isoYear, 1, 1)) / 7) + 1];
}

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  micro: number;
  hour12: number | null;
  isPm: boolean;
  offset: bigint | null;
  dayOfYear: number | null;
}

const readers: { readonly [letter: string]: [string, (parts: Parts, text: string) => void] } = {
  Y: [
    '\\d{4}',
    (p, t) => {
      p.year = Number(t);
    },
  ],
  y: [
    '\\d{2}',
    (p, t) => {
      p.year = Number(t) + (Number(t) <= 68 ? 2000 : 1900);
    },
  ],
  m: [
    '1[0-2]|0[1-9]|[1-9]',
    (p, t) => {
      p.month = Number(t);
    },
  ],
  d: [
    '3[0-1]|[1-2]\\d|0[1-9]|[1-9]| [1-9]',
    (p, t) => {
      p.day = Number(t);
    },
  ],
  H: [
    '2[0-3]|[0-1]\\d|\\d',
    (p, t) => {
      p.hour = Number(t);
    },
  ],
  I: [
    '1[0-2]|0[1-9]|[1-9]',
    (p, t) => {
      p.hour12 = Number(t);
    },
  ],
  M: [
    '[0-5]\\d|\\d',
    (p, t) => {
      p.minute = Number(t);
    },
  ],
  S: [
    '6[0-1]|[0-5]\\d|\\d',
    (p, t) => {
      p.second = Number(t);
    },
  ],
  f: [
    '\\d{1,6}',
    (p, t) => {
      p.micro = Number(t.padEnd(6, '0'));
    },
  ],
  j: [
    '36[0-6]|3[0-5]\\d|[1-2]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]',
    (p, t) => {
      p.dayOfYear = Number(t);
    },
  ],
  p: [
    'am|pm',
    (p, t) => {
      p.isPm = t.toLowerCase() === 'pm';
    },
  ],
  b: [
    monthNames.map((name) => name.slice(0, 3)).join('|'),
    (p, t) => {
      p.month = monthOf(t, 3);
    },
  ],
  B: [
    monthNames.join('|'),
    (p, t) => {
      p.month = monthOf(t, 20);
    },
  ],
  a: [dayNames.map((name) => name.slice(0, 3)).join('|'), () => undefined],
  A: [dayNames.join('|'), () => undefined],
  w: ['[0-6]', () => undefined],
  z: [
    '[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|Z',
    (p, t) => {
      p.offset = offsetOf(t);
    },
  ],
  Z: [
    'utc|gmt',
    (p) => {
      p.offset = p.offset ?? null;
    },
  ],
  '%': ['%', () => undefined],
};
const composed: { readonly [letter: string]: string } = {
  c: '%a %b %d %H:%M:%S %Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  D: '%m/%d/%y',
  T: '%H:%M:%S',
  R: '%H:%M',
  F: '%Y-%m-%d',
};

function monthOf(text: string, length: number): number {
  return monthNames.findIndex((name) => name.slice(0, length).toLowerCase() === text.toLowerCase()) + 1;
}

function offsetOf(text: string): bigint {
  if (text.toUpperCase() === 'Z') return 0n;
  const digits = text.slice(1).replaceAll(':', '').split('.')[0] as string;
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2, 4)) * 60 + Number(digits.slice(4, 6) || 0);
  return BigInt(text.startsWith('-') ? -seconds : seconds) * microsPerSecond;
}

/** `datetime.strptime(text, format)`. @throws Failure `ValueError` where the text does not fit. */
export function parseFormatted(text: string, format: string): DateTime {
  const parts: Parts = {
    year: 1900,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    micro: 0,
    hour12: null,
    isPm: false,
    offset: null,
    dayOfYear: null,
  };
  const reads: ((parts: Parts, text: string) => void)[] = [];
  const expanded = format.replace(/%([cxX])/g, (_, letter: string) => composed[letter] as string);
  const pattern = expanded.replace(/%([\s\S]?)|\s+|[\\^$.*+?()[\]{}|]/g, (found, letter: string | undefined) => {
    if (letter === undefined) return /\s/.test(found) ? '\\s+' : `\\${found}`;
    if (letter === '') return stop('ValueError', `stray % in format '${format}'`);
    const reader = readers[letter] ?? stop('ValueError', `'${letter}' is a bad directive in format '${format}'`);
    reads.push(reader[1]);
    return `(${reader[0]})`;
  });
  const match = new RegExp(`^${pattern}$`, 'i').exec(text);
  if (!match) return stop('ValueError', `time data '${text}' does not match format '${format}'`);
  reads.forEach((read, index) => {
    read(parts, match[index + 1] as string);
  });
  if (parts.hour12 !== null) parts.hour = (parts.hour12 % 12) + (parts.isPm ? 12 : 0);
  if (parts.dayOfYear !== null && !/%[mbBd]/.test(expanded)) {
    const days = daysFromCivil(parts.year, 1, 1) + parts.dayOfYear - 1;
    const date = new DateTime(BigInt(days) * 86_400_000_000n, null).date();
    [parts.year, parts.month, parts.day] = date;
  }
  return dateTimeOf(
    { ...parts, micros: clockMicros(parts.hour, parts.minute, parts.second, parts.micro) },
    parts.offset,
  );
}
