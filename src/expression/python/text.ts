/**
 * Python's `str` and `repr`: what a value looks like inside text.
 *
 * T1. Whoever asks says the dialect, which decides whether an array is shown as a tuple `(1,)` or as a list `[1]`.
 * T2. Sets are shown in sorted order, since Python's order changes from process to process.
 */

import { deeper, grow, spend } from '../budget.ts';
import { stop } from '../failure.ts';
import { type Dialect, DictView, entriesOf, isMapping, PySet } from './dict.ts';
import { DateTime, floorDiv, microsPerDay, microsPerSecond, TimeSpan } from './moment.ts';
import { sortedMembers } from './order.ts';
import { elements, Float, isSequence, Opaque, OtherSequence, type Value } from './values.ts';

/** Python's `str(value)`. */
export function textOf(value: Value, dialect: Dialect): string {
  if (typeof value === 'string') return value;
  if (value instanceof DateTime) return value.iso(' ');
  if (value instanceof Opaque && value.type === 'Undefined' && 'message' in value)
    return stop('UndefinedError', String(value.message));
  if (value instanceof TimeSpan) return value.text();
  if (value instanceof Opaque && 'markup' in value && typeof value.markup === 'string') return value.markup;
  return reprOf(value, dialect);
}

/** Python's `repr(value)`. */
export function reprOf(value: Value, dialect: Dialect): string {
  spend();
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return Number.isSafeInteger(value) ? String(value) : floatText(value);
    case 'bigint':
      grow(20);
      return String(value);
    case 'boolean':
      return value ? 'True' : 'False';
    default:
      break;
  }
  if (value === null) return 'None';
  if (value instanceof Float) return floatText(value.value);
  if (isSequence(value)) return deeper(() => sequenceText(value, dialect));
  if (isMapping(value)) {
    return deeper(() => {
      const parts: string[] = [];
      for (const [key, item] of entriesOf(value)) parts.push(`${reprOf(key, dialect)}: ${reprOf(item, dialect)}`);
      return made(`{${parts.join(', ')}}`);
    });
  }
  if (value instanceof PySet) return deeper(() => setText(value, dialect));
  if (value instanceof DictView) {
    const isPlain = value.type.startsWith('dict_');
    return `${value.type}(${isPlain ? `[${listed([...value], dialect)}]` : reprOf(value.map as Value, dialect)})`;
  }
  if (value instanceof DateTime) return dateRepr(value);
  if (value instanceof TimeSpan) return spanRepr(value);
  if (value instanceof Opaque) {
    if ('markup' in value && typeof value.markup === 'string') return `Markup(${quoted(value.markup)})`;
    if ('shown' in value && typeof value.shown === 'string') return value.shown;
    return `<${value.type} object>`;
  }
  return '<object>';
}

function made(text: string): string {
  grow(text.length);
  return text;
}

function listed(items: readonly Value[], dialect: Dialect): string {
  return items.map((item) => reprOf(item, dialect)).join(', ');
}

function sequenceText(value: readonly Value[] | OtherSequence, dialect: Dialect): string {
  const items = elements(value);
  const text = listed(items, dialect);
  const isTuple = value instanceof OtherSequence === (dialect === 'jinja');
  return made(isTuple ? `(${text}${items.length === 1 ? ',' : ''})` : `[${text}]`);
}

function setText(value: PySet, dialect: Dialect): string {
  const text = listed(sortedMembers([...value], dialect), dialect);
  if (value.type === 'set') return value.size === 0 ? 'set()' : made(`{${text}}`);
  return made(value.size === 0 ? `${value.type}()` : `${value.type}({${text}})`);
}

function dateRepr(value: DateTime): string {
  const clock = value.clock();
  const seconds = Number(clock / microsPerSecond);
  const micros = Number(clock % microsPerSecond);
  const parts: number[] = [...value.date(), Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (seconds % 60 !== 0 || micros !== 0) parts.push(seconds % 60);
  if (micros !== 0) parts.push(micros);
  const east = value.offset === null ? null : Number(value.offset / microsPerSecond);
  const zone = east === null ? '' : east === 0 ? ', tzinfo=tzutc()' : `, tzinfo=tzoffset(None, ${east})`;
  return `datetime.datetime(${parts.join(', ')}${zone})`;
}

function spanRepr(value: TimeSpan): string {
  const days = floorDiv(value.micros, microsPerDay);
  const rest = value.micros - days * microsPerDay;
  const parts: string[] = [];
  if (days !== 0n) parts.push(`days=${days}`);
  if (rest / microsPerSecond !== 0n) parts.push(`seconds=${rest / microsPerSecond}`);
  if (rest % microsPerSecond !== 0n) parts.push(`microseconds=${rest % microsPerSecond}`);
  return `datetime.timedelta(${parts.join(', ') || '0'})`;
}

/** Python's `repr` of a float: shortest digits that read back, an exponent below 1e-4 and from 1e16. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const sign = value < 0 ? '-' : '';
  const [mantissa = '', power = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

const unprintable = /[\p{C}\p{Zl}\p{Zp}\p{Zs}]/u;
const needsCare = /[^\x20-\x26\x28-\x5b\x5d-\x7e\p{L}\p{N}]/u;

/** Python's `repr` of text. */
export function quoted(text: string): string {
  grow(text.length + 2);
  if (!needsCare.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (character === quote || character === '\\') out += `\\${character}`;
    else if (character === '\n') out += '\\n';
    else if (character === '\r') out += '\\r';
    else if (character === '\t') out += '\\t';
    else if (character === ' ' || !unprintable.test(character)) out += character;
    else if (code < 0x100) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code < 0x10000) out += `\\u${code.toString(16).padStart(4, '0')}`;
    else out += `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return out + quote;
}
