/**
 * Python's methods of text, lists, tuples, maps and numbers, by name. A method that changes a list or map changes what
 * the template made itself, or the evaluation's own copy of the data, never the scope.
 */

import { grow, spend } from '../budget.ts';
import { stop } from '../failure.ts';
import { copyOf, Dict, DictView, entriesOf, isMapping, lookUp, lookUpOr, type Mapping } from '../python/dict.ts';
import { formatBraces } from '../python/format.ts';
import { isSame } from '../python/order.ts';
import {
  align,
  capitalize,
  count,
  expandTabs,
  find,
  lengthOf,
  lines,
  replace,
  slicePoints,
  split,
  splitRight,
  strip,
  swapCase,
  title,
  zeroFill,
} from '../python/strings.ts';
import { reprOf } from '../python/text.ts';
import { elements, type Float, isFloat, isInt, numberOf, OtherSequence, type Value } from '../python/values.ts';
import { attribute, item } from './access.ts';
import { Callable, defined, Markup, plainText } from './objects.ts';
import { bareKey, isLess, iterate, listOf } from './operators.ts';
import { type Bound, type Signature, signatureOf } from './signature.ts';

interface Method<Self> {
  readonly signature: Signature;
  readonly run: (self: Self, given: Bound) => Value;
}

type Table<Self> = ReadonlyMap<string, Method<Self>>;

function table<Self>(methods: readonly (readonly [string, (self: Self, given: Bound) => Value])[]): Table<Self> {
  return new Map(
    methods.map(([text, run]) => {
      const signature = signatureOf(text);
      return [signature.name, { signature, run }];
    }),
  );
}

/**
 * Whether lists and maps are changed in place. True only while an evaluation works on copies of the scope's data;
 * otherwise a changing method changes a copy that is dropped, so that no expression can reach into the scope.
 */
export const changes = { areInPlace: false };

/** The method `name` of `value`, bound to it; undefined where its type has none. */
export function boundMethod(value: Value, name: string): Value | undefined {
  if (typeof value === 'string') return bind(textMethods, value, name, (out) => out);
  if (value instanceof Markup)
    return bind(textMethods, value.markup, name, (out) => (typeof out === 'string' ? new Markup(out) : out));
  if (isMapping(value)) return bind(mapMethods, value, name, (out) => out);
  if (Array.isArray(value))
    return (
      bind(listMethods, changes.areInPlace ? (value as Value[]) : [...value], name, (out) => out) ??
      bind(sequenceMethods, value, name, (out) => out)
    );
  if (value instanceof OtherSequence) return bind(sequenceMethods, value, name, (out) => out);
  if (isInt(value) || typeof value === 'boolean')
    return name === 'real' || name === 'numerator'
      ? Number(value)
      : name === 'imag'
        ? 0
        : name === 'denominator'
          ? 1
          : bind(intMethods, value as number, name, (out) => out);
  if (isFloat(value)) return name === 'real' ? value : bind(floatMethods, value, name, (out) => out);
  return undefined;
}

function bind<Self>(methods: Table<Self>, self: Self, name: string, wrap: (out: Value) => Value): Value | undefined {
  const method = methods.get(name);
  if (method === undefined) return undefined;
  return new Callable('builtin_function_or_method', name, (given, named) =>
    wrap(method.run(self, method.signature.bind(given, named))),
  );
}

function known(found: number): number {
  return found < 0 ? stop('ValueError', 'substring not found') : found;
}

function affixes(given: Bound): readonly string[] {
  const value = defined(given.value(0));
  if (value instanceof OtherSequence)
    return value.items.map((affix) => plainText(affix) ?? stop('TypeError', 'expected str'));
  return [given.text(0)];
}

function within(text: string, given: Bound, test: (part: string, affix: string) => boolean): boolean {
  const length = lengthOf(text);
  const clamp = (at: number): number => (at < 0 ? Math.max(0, at + length) : Math.min(at, length));
  const from = given.intOrNull(1);
  const to = given.intOrNull(2);
  const part =
    from === null && to === null
      ? text
      : slicePoints(text, from === null ? 0 : clamp(from), to === null ? length : clamp(to));
  return affixes(given).some((affix) => test(part, affix));
}

function partition(text: string, separator: string, isLast: boolean): Value {
  if (separator === '') stop('ValueError', 'empty separator');
  const at = isLast ? text.lastIndexOf(separator) : text.indexOf(separator);
  if (at < 0) return new OtherSequence(isLast ? ['', '', text] : [text, '', '']);
  return new OtherSequence([text.slice(0, at), separator, text.slice(at + separator.length)]);
}

function fillOf(given: Bound): string {
  const fill = given.text(1);
  return lengthOf(fill) === 1 ? fill : stop('TypeError', 'The fill character must be exactly one character long');
}

function joined(separator: string, values: Value): string {
  const parts = listOf(values).map(
    (part, index) => plainText(defined(part)) ?? stop('TypeError', `sequence item ${index}: expected str instance`),
  );
  grow(parts.reduce((sum, part) => sum + part.length + separator.length, 0));
  return parts.join(separator);
}

const letters = /\p{L}/u;
const upper = /[\p{Lu}\p{Lt}]/u;
const lower = /\p{Ll}/u;

function every(text: string, pattern: RegExp): boolean {
  return text !== '' && Array.from(text).every((character) => pattern.test(character));
}

export function isLowerCase(text: string): boolean {
  return lower.test(text) && !upper.test(text);
}

export function isUpperCase(text: string): boolean {
  return /\p{Lu}/u.test(text) && !lower.test(text) && !/\p{Lt}/u.test(text);
}

const access = { attribute, item };

const textMethods: Table<string> = table<string>([
  ['upper()', (text) => text.toUpperCase()],
  ['lower()', (text) => text.toLowerCase()],
  ['casefold()', (text) => text.toLowerCase().replaceAll('ß', 'ss')],
  ['capitalize()', capitalize],
  ['title()', title],
  ['swapcase()', swapCase],
  ['strip(chars=None)', (text, given) => strip(text, given.textOrNull(0))],
  ['lstrip(chars=None)', (text, given) => strip(text, given.textOrNull(0), 'left')],
  ['rstrip(chars=None)', (text, given) => strip(text, given.textOrNull(0), 'right')],
  ['split(sep=None, maxsplit=-1)', (text, given) => split(text, given.textOrNull(0), given.int(1))],
  ['rsplit(sep=None, maxsplit=-1)', (text, given) => splitRight(text, given.textOrNull(0), given.int(1))],
  ['splitlines(keepends=False)', (text, given) => lines(text, given.bool(0))],
  ['join(iterable)', (text, given) => joined(text, given.value(0))],
  ['replace(old, new, count=-1)', (text, given) => replace(text, given.text(0), given.text(1), given.int(2))],
  [
    'startswith(prefix, start=None, end=None)',
    (text, given) => within(text, given, (part, affix) => part.startsWith(affix)),
  ],
  [
    'endswith(suffix, start=None, end=None)',
    (text, given) => within(text, given, (part, affix) => part.endsWith(affix)),
  ],
  [
    'find(sub, start=None, end=None)',
    (text, given) => find(text, given.text(0), given.intOrNull(1), given.intOrNull(2)),
  ],
  [
    'rfind(sub, start=None, end=None)',
    (text, given) => find(text, given.text(0), given.intOrNull(1), given.intOrNull(2), true),
  ],
  [
    'index(sub, start=None, end=None)',
    (text, given) => known(find(text, given.text(0), given.intOrNull(1), given.intOrNull(2))),
  ],
  [
    'rindex(sub, start=None, end=None)',
    (text, given) => known(find(text, given.text(0), given.intOrNull(1), given.intOrNull(2), true)),
  ],
  [
    'count(sub, start=None, end=None)',
    (text, given) => count(text, given.text(0), given.intOrNull(1), given.intOrNull(2)),
  ],
  ['partition(sep)', (text, given) => partition(text, given.text(0), false)],
  ['rpartition(sep)', (text, given) => partition(text, given.text(0), true)],
  ['removeprefix(prefix)', (text, given) => (text.startsWith(given.text(0)) ? text.slice(given.text(0).length) : text)],
  [
    'removesuffix(suffix)',
    (text, given) =>
      given.text(0) !== '' && text.endsWith(given.text(0)) ? text.slice(0, -given.text(0).length) : text,
  ],
  ["center(width, fillchar=' ')", (text, given) => align(text, given.int(0), fillOf(given), 'center')],
  ["ljust(width, fillchar=' ')", (text, given) => align(text, given.int(0), fillOf(given), 'left')],
  ["rjust(width, fillchar=' ')", (text, given) => align(text, given.int(0), fillOf(given), 'right')],
  ['zfill(width)', (text, given) => zeroFill(text, given.int(0))],
  ['expandtabs(tabsize=8)', (text, given) => expandTabs(text, given.int(0))],
  ['isdigit()', (text) => every(text, /[\p{Nd}²³¹⁰⁴-⁹₀-₉①-⑨]/u)],
  ['isdecimal()', (text) => every(text, /\p{Nd}/u)],
  ['isnumeric()', (text) => every(text, /\p{N}/u)],
  ['isalpha()', (text) => every(text, letters)],
  ['isalnum()', (text) => every(text, /[\p{L}\p{N}]/u)],
  ['isspace()', (text) => text !== '' && strip(text, null) === ''],
  ['isascii()', (text) => !/[^\p{ASCII}]/u.test(text)],
  ['isprintable()', (text) => !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(text)],
  ['isidentifier()', (text) => /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u.test(text)],
  ['islower()', isLowerCase],
  ['isupper()', isUpperCase],
  ['istitle()', (text) => letters.test(text) && title(text) === text],
  ['format(*args, **kwargs)', (text, given) => formatBraces(text, given.rest, (name) => given.named.get(name), access)],
  [
    'format_map(mapping)',
    (text, given) => {
      const map = given.value(0);
      return formatBraces(text, [], (name) => (isMapping(map) ? lookUp(map, name, 'jinja') : undefined), access);
    },
  ],
]);

function positionOf(items: readonly Value[], sought: Value): number {
  return items.findIndex((candidate) => {
    spend();
    return isSame(candidate, sought, 'jinja');
  });
}

const sequenceMethods: Table<readonly Value[] | OtherSequence> = table<readonly Value[] | OtherSequence>([
  [
    'index(value, start=0, stop=None)',
    (list, given) => {
      const at = elements(list).findIndex(
        (candidate, index) => index >= given.int(1) && isSame(candidate, given.value(0), 'jinja'),
      );
      return at < 0 ? stop('ValueError', `${reprOf(given.value(0), 'jinja')} is not in list`) : at;
    },
  ],
  [
    'count(value)',
    (list, given) => elements(list).filter((candidate) => isSame(candidate, given.value(0), 'jinja')).length,
  ],
]);

/** Stable sort by Python's `<`. */
export function sorted(values: readonly Value[], isReversed: boolean, key: (value: Value) => Value): Value[] {
  const rows = values.map((value) => ({ value, key: key(value) }));
  const order = (a: { key: Value }, b: { key: Value }): number => {
    spend();
    return isLess(a.key, b.key) ? -1 : isLess(b.key, a.key) ? 1 : 0;
  };
  rows.sort(isReversed ? (a, b) => order(b, a) : order);
  return rows.map((row) => row.value);
}

const listMethods: Table<Value[]> = table<Value[]>([
  [
    'append(object)',
    (list, given) => {
      grow(1);
      list.push(given.value(0));
      return null;
    },
  ],
  [
    'extend(iterable)',
    (list, given) => {
      list.push(...listOf(given.value(0)));
      return null;
    },
  ],
  [
    'insert(index, object)',
    (list, given) => {
      grow(1);
      spend(list.length >> 4);
      list.splice(given.int(0), 0, given.value(1));
      return null;
    },
  ],
  [
    'pop(index=-1)',
    (list, given) => {
      const index = given.int(0);
      const at = index < 0 ? index + list.length : index;
      if (list.length === 0) return stop('IndexError', 'pop from empty list');
      return at in list ? (list.splice(at, 1)[0] as Value) : stop('IndexError', 'pop index out of range');
    },
  ],
  [
    'remove(value)',
    (list, given) => {
      const at = positionOf(list, given.value(0));
      if (at < 0) stop('ValueError', 'list.remove(x): x not in list');
      list.splice(at, 1);
      return null;
    },
  ],
  [
    'clear()',
    (list) => {
      list.length = 0;
      return null;
    },
  ],
  ['copy()', (list) => listOf(list)],
  [
    'reverse()',
    (list) => {
      list.reverse();
      return null;
    },
  ],
  [
    'sort(key=None, reverse=False)',
    (list, given) => {
      const fresh = sorted(list, given.bool(1), (value) => value);
      list.splice(0, list.length, ...fresh);
      return null;
    },
  ],
]);

function pair(key: Value, value: Value): Value {
  return new OtherSequence([key, value]);
}

/** A map that may be changed: what the template made, or a copy that is dropped. */
function changeable(map: Mapping): Dict {
  return map instanceof Dict && changes.areInPlace ? map : copyOf(map, 'jinja');
}

function updateWith(map: Dict, given: Bound): null {
  const source = given.rest[0];
  if (source !== undefined) {
    if (isMapping(source)) for (const [key, value] of entriesOf(source)) map.set(key, value);
    else {
      for (const row of iterate(source)) {
        const parts = listOf(row);
        if (parts.length !== 2) stop('ValueError', 'dictionary update sequence element has not 2 parts');
        map.set(parts[0] as Value, parts[1] as Value);
      }
    }
  }
  for (const [name, value] of given.named) map.set(name, value);
  return null;
}

const mapMethods: Table<Mapping> = table<Mapping>([
  ['keys()', (map) => new DictView('keys', map, pair)],
  ['values()', (map) => new DictView('values', map, pair)],
  ['items()', (map) => new DictView('items', map, pair)],
  [
    'get(key, default=None)',
    (map, given) => lookUpOr(map, bareKey(defined(given.value(0))), 'jinja', () => given.value(1)),
  ],
  ['copy()', (map) => copyOf(map, 'jinja')],
  [
    'pop(key, default=missing)',
    (map, given) => {
      const own = changeable(map);
      const key = defined(given.value(0));
      const value = own.get(key);
      own.delete(key);
      if (value !== undefined) return value;
      return given.isMissing(1) ? stop('KeyError', reprOf(key, 'jinja')) : given.value(1);
    },
  ],
  [
    'popitem()',
    (map) => {
      const own = changeable(map);
      const last = [...own.entries()].at(-1) ?? stop('KeyError', "'popitem(): dictionary is empty'");
      own.delete(last[0]);
      return pair(last[0], last[1]);
    },
  ],
  [
    'setdefault(key, default=None)',
    (map, given) => {
      const own = changeable(map);
      const key = defined(given.value(0));
      if (!own.has(key)) own.set(key, given.value(1));
      return own.get(key) ?? null;
    },
  ],
  ['update(*args, **kwargs)', (map, given) => updateWith(changeable(map), given)],
  [
    'clear()',
    (map) => {
      changeable(map).clear();
      return null;
    },
  ],
]);

const intMethods: Table<number> = table<number>([
  ['bit_length()', (value) => BigInt(value).toString(2).replace('-', '').replace(/^0$/, '').length],
  ['conjugate()', (value) => value],
]);

const floatMethods: Table<number | Float> = table<number | Float>([
  ['is_integer()', (value) => Number.isInteger(numberOf(value))],
  ['conjugate()', (value) => value],
]);

/** `dict(pairs, **named)`. */
export function madeDict(given: Bound): Dict {
  const map = new Dict('jinja');
  updateWith(map, given);
  return map;
}
