/** Jinja's filters: `value | name(arguments)`. The first parameter of each signature is the value. */

import { attempt, grow, spend } from '../budget.ts';
import { Failure, stop } from '../failure.ts';
import {
  absolute,
  isNumeric,
  parseInteger,
  roundFloat,
  round as roundNumber,
  toFloat,
  toInt,
} from '../python/arithmetic.ts';

import { Dict, DictView, entriesOf, isMapping, type Key, keyOf, PySet, sizeOf } from '../python/dict.ts';
import { formatPercent } from '../python/format.ts';
import { writeJson } from '../python/json.ts';
import { isSame, isTrue } from '../python/order.ts';
import { align, capitalize, lengthOf, lines, repeat, replace, slicePoints, strip } from '../python/strings.ts';
import {
  elements,
  type Float,
  float,
  indexOf,
  isInt,
  isSequence,
  Lazy,
  numberOf,
  OtherSequence,
  type Value,
} from '../python/values.ts';
import { st2Functions } from '../st2-functions.ts';
import { workflowFunctions } from '../workflow-functions.ts';
import { item, missing, ownAttribute } from './access.ts';
import type { Environment } from './environment.ts';
import { sorted } from './methods.ts';
import { defined, escapeHtml, Group, Markup, plainText, Range, str, Undefined } from './objects.ts';
import { binary, isIterableValue, isLess, iterate, kindOf, listOf } from './operators.ts';
import { pretty } from './pretty.ts';
import { type Bound, type Signature, signatureOf } from './signature.ts';
import { names } from './tests.ts';
import { urlize, urlQuote } from './urls.ts';
import { wrap } from './wrap.ts';

export interface Filter {
  readonly signature: Signature;
  readonly run: (given: Bound, environment: Environment) => Value;
}

type Run = (given: Bound, environment: Environment) => Value;

/** `value` as text, safe text kept safe. */
function softened(value: Value, change: (text: string) => string): Value {
  return value instanceof Markup ? new Markup(change(value.markup)) : change(str(value));
}

function lowered(value: Value): Value {
  const text = plainText(value);
  return text === undefined ? value : text.toLowerCase();
}

function partsOf(attribute: Value): readonly Value[] {
  if (attribute === null) return [];
  if (typeof attribute !== 'string') return [attribute];
  return attribute.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** Reads `a.b.0` of an element; `otherwise` in place of what is not there. */
function reader(attribute: Value, otherwise: Value = null): (value: Value) => Value {
  const parts = partsOf(attribute);
  return (value) => {
    let current = value;
    for (const part of parts) {
      current = item(current, part);
      if (otherwise !== null && current instanceof Undefined) current = otherwise;
    }
    return current;
  };
}

function keyReader(caseSensitive: boolean, attribute: Value): (value: Value) => Value {
  const read = reader(attribute);
  return caseSensitive ? (value) => defined(read(value)) : (value) => lowered(defined(read(value)));
}

function lengthOfValue(given: Value): number {
  const value = defined(given);
  const text = plainText(value);
  if (text !== undefined) return lengthOf(text);
  if (isSequence(value)) return elements(value).length;
  if (isMapping(value)) return sizeOf(value);
  if (value instanceof PySet || value instanceof DictView) return value.size;
  if (value instanceof Range) return value.length;
  return stop('TypeError', `object of type '${kindOf(value)}' has no len()`);
}

function extreme(given: Bound, isBetter: (a: Value, b: Value) => boolean): Value {
  const key = keyReader(given.bool(1), given.value(2));
  let best: Value | undefined;
  let bestKey: Value = null;
  for (const value of iterate(given.value(0))) {
    spend();
    const found = key(value);
    if (best === undefined || isBetter(found, bestKey)) {
      best = value;
      bestKey = found;
    }
  }
  return best === undefined ? new Undefined('No aggregated item, sequence was empty.') : best;
}

function* distinct(given: Bound): Generator<Value> {
  const key = keyReader(given.bool(1), given.value(2));
  const seen = new Set<Key>();
  for (const value of iterate(given.value(0))) {
    spend();
    const found = keyOf(key(value), 'jinja');
    if (seen.has(found)) continue;
    seen.add(found);
    yield value;
  }
}

function sortedBy(given: Bound): Value {
  const [, reversed, caseSensitive, attribute] = [0, given.bool(1), given.bool(2), given.value(3)];
  const attributes = typeof attribute === 'string' ? attribute.split(',') : [attribute];
  const readers = attributes.map((one) => keyReader(caseSensitive, one));
  return sorted(listOf(given.value(0)), reversed, (value) => readers.map((read) => read(value)));
}

function dictSorted(given: Bound): Value {
  const map = given.value(0);
  if (!isMapping(map)) return stop('AttributeError', `'${kindOf(defined(map))}' object has no attribute 'items'`);
  const by = given.text(2);
  if (by !== 'key' && by !== 'value')
    return stop('FilterArgumentError', 'You can only sort by either "key" or "value"');
  const rows = [...entriesOf(map)].map((pair) => new OtherSequence(pair));
  return sorted(rows, given.bool(3), (row) => {
    const part = (row as OtherSequence).items[by === 'key' ? 0 : 1] as Value;
    return given.bool(1) ? part : lowered(part);
  });
}

function grouped(given: Bound): Value {
  const otherwise = given.value(2);
  const caseSensitive = given.bool(3);
  const read = reader(given.value(1), otherwise);
  const key = (value: Value): Value => (caseSensitive ? defined(read(value)) : lowered(defined(read(value))));
  const groups: Group[] = [];
  let current: { key: Value; values: Value[] } | undefined;
  for (const value of sorted(listOf(given.value(0)), false, key)) {
    const found = key(value);
    if (current !== undefined && isSame(found, current.key, 'jinja')) current.values.push(value);
    else {
      current = { key: found, values: [value] };
      groups.push(new Group([caseSensitive ? found : read(value), current.values]));
    }
  }
  return groups;
}

function* batches(given: Bound): Generator<Value> {
  const size = given.int(1);
  const fill = given.value(2);
  let batch: Value[] = [];
  for (const value of iterate(given.value(0))) {
    spend();
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
    batch.push(value);
  }
  if (batch.length === 0) return;
  if (fill !== null) {
    grow(Math.max(0, size - batch.length));
    while (batch.length < size) batch.push(fill);
  }
  yield batch;
}

function* slices(given: Bound): Generator<Value> {
  const items = listOf(given.value(0));
  const count = given.int(1);
  const fill = given.value(2);
  if (count === 0) stop('ZeroDivisionError', 'integer division or modulo by zero');
  const size = Math.floor(items.length / count);
  const longer = items.length % count;
  let from = 0;
  for (let index = 0; index < count; index++) {
    spend();
    const slice = items.slice(from, from + size + (index < longer ? 1 : 0));
    from += slice.length;
    if (fill !== null && index >= longer) slice.push(fill);
    yield slice;
  }
}

function* mapItems(value: Value): Generator<Value> {
  if (value instanceof Undefined) return;
  if (!isMapping(value)) stop('TypeError', 'Can only get item pairs from a mapping.');
  else for (const pair of entriesOf(value)) yield new OtherSequence(pair);
}

function* mapped(given: Bound, environment: Environment): Generator<Value> {
  const value = defined(given.value(0));
  if (!isTrue(value)) return;
  let apply: (item: Value) => Value;
  if (given.rest.length === 0 && given.named.has('attribute')) {
    for (const name of given.named.keys()) {
      if (name !== 'attribute' && name !== 'default')
        stop('FilterArgumentError', `Unexpected keyword argument '${name}'`);
    }
    apply = reader(given.named.get('attribute') as Value, given.named.get('default') ?? null);
  } else {
    const [name, ...rest] = given.rest;
    if (name === undefined) stop('FilterArgumentError', 'map requires a filter argument');
    apply = (one) => environment.filter(str(name as Value), [one, ...rest], given.named);
  }
  for (const one of iterate(value)) {
    spend();
    yield apply(one);
  }
}

function* selected(given: Bound, environment: Environment, byAttribute: boolean, keeps: boolean): Generator<Value> {
  const value = defined(given.value(0));
  if (!isTrue(value)) return;
  const rest = [...given.rest];
  let read = (one: Value): Value => one;
  if (byAttribute) {
    const attribute = rest.shift();
    if (attribute === undefined) stop('FilterArgumentError', 'Missing parameter for attribute name');
    read = reader(attribute as Value);
  }
  const [name, ...more] = rest;
  const test =
    name === undefined
      ? (one: Value) => isTrue(defined(one))
      : (one: Value) => environment.test(str(name), [one, ...more], given.named);
  for (const one of iterate(value)) {
    spend();
    if (test(read(one)) === keeps) yield one;
  }
}

function summed(given: Bound): Value {
  const read = reader(given.value(1));
  let total = given.value(2);
  if (plainText(total) !== undefined) stop('TypeError', "sum() can't sum strings [use ''.join(seq) instead]");
  for (const value of iterate(given.value(0))) {
    spend();
    total = binary('+', total, read(value));
  }
  return total;
}

function joined(given: Bound): Value {
  const separator = given.value(1);
  const read = reader(given.value(2));
  const parts: string[] = [];
  const between = str(separator);
  for (const value of iterate(given.value(0))) {
    spend();
    const part = str(read(value));
    grow(part.length + between.length);
    parts.push(part);
  }
  return parts.join(between);
}

function reversed(value: Value): Value {
  const text = plainText(defined(value));
  if (text !== undefined) return Array.from(text).reverse().join('');
  if (!isIterableValue(value) || value instanceof PySet)
    return stop('FilterArgumentError', 'argument must be iterable');
  const items = listOf(value).reverse();
  return value instanceof Lazy ? items : new Lazy(items);
}

/** `int(value)` or `float(value)`, undefined where Python would raise TypeError or ValueError. */
function converted(work: () => Value): Value | undefined {
  const outcome = attempt(work);
  if (!(outcome instanceof Failure)) return outcome.value;
  if (outcome.cause === 'TypeError' || outcome.cause === 'ValueError') return undefined;
  throw outcome;
}

function asInt(given: Bound): Value {
  const value = defined(given.value(0));
  const text = plainText(value);
  const base = given.int(2);
  const whole = text === undefined ? converted(() => toInt(value)) : parseInteger(strip(text, null), base);
  if (whole !== undefined) return whole;
  return converted(() => toInt(toFloat(text ?? value))) ?? given.value(1);
}

function asFloat(given: Bound): Value {
  const value = defined(given.value(0));
  return converted(() => toFloat(plainText(value) ?? value)) ?? given.value(1);
}

function rounded(given: Bound): Value {
  const value = defined(given.value(0));
  const precision = given.int(1);
  const method = given.text(2);
  if (!['common', 'ceil', 'floor'].includes(method))
    return stop('FilterArgumentError', 'method must be common, ceil or floor');
  if (!isNumeric(value)) return stop('TypeError', `type ${kindOf(value)} doesn't define __round__ method`);
  if (method === 'common') return roundNumber(value, precision);
  const scale = 10 ** precision;
  const scaled = numberOf(value) * scale;
  return float((method === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled)) / scale);
}

function fileSize(given: Bound): Value {
  const bytes = numberOf(toFloat(plainText(given.value(0)) ?? defined(given.value(0))) as Float);
  const isBinary = given.bool(1);
  const base = isBinary ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const units = isBinary
    ? ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']
    : ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
  let unit = base;
  for (let index = 0; ; index++) {
    const next = unit * base;
    if (bytes < next || index === units.length - 1)
      return `${roundFloat((base * bytes) / next, 1).toFixed(1)} ${units[index]}`;
    unit = next;
  }
}

function indented(given: Bound): Value {
  const value = given.value(0);
  const text = onlyText(value);
  const width = given.value(1);
  const margin = plainText(width) ?? repeat(' ', given.int(1));
  const [first, blank] = [given.bool(2), given.bool(3)];
  const all = lines(`${text}\n`);
  grow(all.length * margin.length);
  let out: string;
  if (blank) out = all.join(`\n${margin}`);
  else out = all.map((line, index) => (index === 0 || line === '' ? line : margin + line)).join('\n');
  if (first) out = margin + out;
  return value instanceof Markup ? new Markup(out) : out;
}

/** Text, and nothing that would have to be made text first. */
function onlyText(value: Value): string {
  return (
    plainText(defined(value)) ??
    stop('TypeError', `this filter takes text, not '${kindOf(value)}'; write |string before it`)
  );
}

function truncated(given: Bound): Value {
  const value = defined(given.value(0));
  const length = given.int(1);
  const end = given.text(3);
  const leeway = given.intOrNull(4) ?? 5;
  if (length < lengthOf(end)) stop('AssertionError', `expected length >= ${lengthOf(end)}, got ${length}`);
  if (leeway < 0) stop('AssertionError', `expected leeway >= 0, got ${leeway}`);
  if (lengthOfValue(value) <= length + leeway) return value;
  const text = onlyText(value);
  const head = slicePoints(text, 0, length - lengthOf(end));
  if (given.bool(2)) return head + end;
  const space = head.lastIndexOf(' ');
  return (space < 0 ? head : head.slice(0, space)) + end;
}

function titled(text: string): string {
  return text.replace(/[^-\s({[<]+/gu, (word) => {
    const [first = '', ...rest] = Array.from(word);
    return first.toUpperCase() + rest.join('').toLowerCase();
  });
}

function stripTags(text: string): string {
  let out = text;
  for (const pattern of [/<!--[\s\S]*?-->/g, /<[^>]*>/g]) out = out.replace(pattern, '');
  return unescapeHtml(
    out
      .split(/\s+/)
      .filter((word) => word !== '')
      .join(' '),
  );
}

const entities: { readonly [name: string]: string } = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
};

function unescapeHtml(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]+));/g,
    (found, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
      if (name !== undefined) return Object.hasOwn(entities, name) ? (entities[name] as string) : found;
      const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex as string, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : found;
    },
  );
}

function tojson(given: Bound): Value {
  const indent = given.value(1);
  const width =
    indent === null ? null : isInt(indent) ? ' '.repeat(Math.min(100, Math.max(0, indexOf(indent)))) : str(indent);
  const style = { indent: width, sortKeys: true, separators: [width === null ? ', ' : ',', ': '] as const };
  return new Markup(
    writeJson(defined(given.value(0)), style)
      .replaceAll('<', '\\u003c')
      .replaceAll('>', '\\u003e')
      .replaceAll('&', '\\u0026')
      .replaceAll("'", '\\u0027'),
  );
}

function chosen(given: Bound, environment: Environment): Value {
  lengthOfValue(given.value(0));
  const items = listOf(given.value(0));
  if (items.length === 0) return new Undefined('No random item, sequence was empty.');
  return items[Math.floor(environment.scope.random() * items.length)] as Value;
}

function xmlAttributes(given: Bound): Value {
  const map = defined(given.value(0));
  if (!isMapping(map)) return stop('AttributeError', `'${kindOf(map)}' object has no attribute 'items'`);
  const parts: string[] = [];
  for (const [key, value] of entriesOf(map)) {
    if (value !== null && !(value instanceof Undefined))
      parts.push(`${escapeHtml(key).markup}="${escapeHtml(value).markup}"`);
  }
  const text = parts.join(' ');
  return given.bool(1) && text !== '' ? ` ${text}` : text;
}

function formatted(given: Bound): Value {
  if (given.rest.length > 0 && given.named.size > 0) {
    return stop('FilterArgumentError', "can't handle positional and keyword arguments at the same time");
  }
  const values: Value = given.named.size > 0 ? namedDict(given) : new OtherSequence(given.rest);
  return softened(given.value(0), (text) => formatPercent(text, values));
}

function namedDict(given: Bound): Dict {
  const map = new Dict('jinja');
  for (const [name, value] of given.named) map.set(name, value);
  return map;
}

function orMissing(value: Value, name: string): Value {
  const own = ownAttribute(value, name);
  return own === undefined ? missing(value, name) : own;
}

function first(value: Value): Value {
  for (const one of iterate(value)) return one;
  return new Undefined('No first item, sequence was empty.');
}

function last(value: Value): Value {
  const known = defined(value);
  if (known instanceof Lazy || known instanceof PySet)
    return stop('TypeError', `'${kindOf(known)}' object is not reversible`);
  const items = listOf(known);
  return items.length === 0 ? new Undefined('No last item, sequence was empty.') : (items.at(-1) as Value);
}

const entries: readonly (readonly [readonly string[], string, Run])[] = [
  [
    ['abs'],
    'abs(x)',
    (g) => {
      const value = defined(g.value(0));
      return isNumeric(value) ? absolute(value) : stop('TypeError', `bad operand type for abs(): '${kindOf(value)}'`);
    },
  ],
  [
    ['attr'],
    'attr(obj, name)',
    (g) => {
      const name = str(g.value(1));
      const value = defined(g.value(0));
      return name.startsWith('__')
        ? new Undefined(`access to attribute '${name}' is unsafe.`, 'SecurityError')
        : orMissing(value, name);
    },
  ],
  [['batch'], 'batch(value, linecount, fill_with=None)', (g) => new Lazy(batches(g))],
  [['capitalize'], 'capitalize(s)', (g) => softened(g.value(0), capitalize)],
  [['center'], 'center(value, width=80)', (g) => softened(g.value(0), (text) => align(text, g.int(1), ' ', 'center'))],
  [['count', 'length'], 'len(obj)', (g) => lengthOfValue(g.value(0))],
  [
    ['d', 'default'],
    "default(value, default_value='', boolean=False)",
    (g) => {
      const value = g.value(0);
      return value instanceof Undefined || (g.bool(2) && !isTrue(value)) ? g.value(1) : value;
    },
  ],
  [['dictsort'], "dictsort(value, case_sensitive=False, by='key', reverse=False)", dictSorted],
  [['e', 'escape'], 'escape(s)', (g) => escapeHtml(defined(g.value(0)))],
  [['filesizeformat'], 'filesizeformat(value, binary=False)', fileSize],
  [['first'], 'first(seq)', (g) => first(g.value(0))],
  [['float'], 'float(value, default=missing)', (g) => (g.isMissing(1) ? asFloatOr(g, float(0)) : asFloat(g))],
  [['forceescape'], 'forceescape(value)', (g) => escapeHtml(str(g.value(0)))],
  [['format'], 'format(value, *args, **kwargs)', formatted],
  [['groupby'], 'groupby(value, attribute, default=None, case_sensitive=False)', grouped],
  [['indent'], 'indent(s, width=4, first=False, blank=False)', indented],
  [['int'], 'int(value, default=0, base=10)', asInt],
  [['join'], "join(value, d='', attribute=None)", joined],
  [['last'], 'last(seq)', (g) => last(g.value(0))],
  [['list'], 'list(value)', (g) => listOf(g.value(0))],
  [['lower'], 'lower(s)', (g) => softened(g.value(0), (text) => text.toLowerCase())],
  [['items'], 'items(value)', (g) => new Lazy(mapItems(g.value(0)))],
  [['map'], 'map(value, *args, **kwargs)', (g, environment) => new Lazy(mapped(g, environment))],
  [['min'], 'min(value, case_sensitive=False, attribute=None)', (g) => extreme(g, isLess)],
  [['max'], 'max(value, case_sensitive=False, attribute=None)', (g) => extreme(g, (a, b) => isLess(b, a))],
  [['pprint'], 'pprint(value)', (g) => pretty(g.value(0))],
  [['random'], 'random(seq)', chosen],
  [['reject'], 'reject(value, *args, **kwargs)', (g, environment) => new Lazy(selected(g, environment, false, false))],
  [
    ['rejectattr'],
    'rejectattr(value, *args, **kwargs)',
    (g, environment) => new Lazy(selected(g, environment, true, false)),
  ],
  [
    ['replace'],
    'replace(s, old, new, count=None)',
    (g) => replace(str(g.value(0)), str(g.value(1)), str(g.value(2)), g.intOrNull(3) ?? -1),
  ],
  [['reverse'], 'reverse(value)', (g) => reversed(g.value(0))],
  [['round'], "round(value, precision=0, method='common')", rounded],
  [['safe'], 'safe(value)', (g) => new Markup(str(g.value(0)))],
  [['select'], 'select(value, *args, **kwargs)', (g, environment) => new Lazy(selected(g, environment, false, true))],
  [
    ['selectattr'],
    'selectattr(value, *args, **kwargs)',
    (g, environment) => new Lazy(selected(g, environment, true, true)),
  ],
  [['slice'], 'slice(value, slices, fill_with=None)', (g) => new Lazy(slices(g))],
  [['sort'], 'sort(value, reverse=False, case_sensitive=False, attribute=None)', sortedBy],
  [['string'], 'string(s)', (g) => (g.value(0) instanceof Markup ? g.value(0) : str(g.value(0)))],
  [['striptags'], 'striptags(value)', (g) => stripTags(str(g.value(0)))],
  [['sum'], 'sum(iterable, attribute=None, start=0)', summed],
  [['title'], 'title(s)', (g) => titled(str(g.value(0)))],
  [['tojson'], 'tojson(value, indent=None)', tojson],
  [['trim'], 'trim(value, chars=None)', (g) => softened(g.value(0), (text) => strip(text, g.textOrNull(1)))],
  [['truncate'], "truncate(s, length=255, killwords=False, end='...', leeway=None)", truncated],
  [['unique'], 'unique(value, case_sensitive=False, attribute=None)', (g) => new Lazy(distinct(g))],
  [['upper'], 'upper(s)', (g) => softened(g.value(0), (text) => text.toUpperCase())],
  [['urlencode'], 'urlencode(value)', (g) => urlQuote(defined(g.value(0)))],
  [
    ['urlize'],
    'urlize(value, trim_url_limit=None, nofollow=False, target=None, rel=None, extra_schemes=None)',
    (g) =>
      urlize(str(g.value(0)), {
        trim: g.intOrNull(1),
        nofollow: g.bool(2),
        target: g.textOrNull(3),
        rel: g.textOrNull(4),
      }),
  ],
  [['wordcount'], 'wordcount(s)', (g) => (str(g.value(0)).match(/[\p{L}\p{N}_]+/gu) ?? []).length],
  [
    ['wordwrap'],
    'wordwrap(s, width=79, break_long_words=True, wrapstring=None, break_on_hyphens=True)',
    (g) =>
      wrap(onlyText(g.value(0)), {
        width: g.int(1),
        breakWords: g.bool(2),
        between: g.textOrNull(3) ?? '\n',
        breakHyphens: g.bool(4),
      }),
  ],
  [['xmlattr'], 'xmlattr(d, autospace=True)', xmlAttributes],
  [['json'], 'json(s)', (g, environment) => workflowFunctions.json(environment.scope, defined(g.value(0)), 'jinja')],
  [
    ['zip'],
    'zip(*args, **kwargs)',
    (g) => workflowFunctions.zip(g.rest.map(defined), g.named.get('pad') ?? null, 'jinja'),
  ],
];

function asFloatOr(given: Bound, otherwise: Value): Value {
  const value = defined(given.value(0));
  return converted(() => toFloat(plainText(value) ?? value)) ?? otherwise;
}

/** Orquesta's functions that look at the run are filters too, but take the context first: as filters they always fail. */
const misplaced: readonly string[] = ['ctx', 'item', 'result', 'task_status', 'succeeded', 'failed', 'completed'];

export const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ...st2Functions.map(({ signature, run }): [string, Filter] => [
    signature.name,
    { signature, run: (given, environment) => run(given, environment.scope, 'jinja') },
  ]),
  ...entries.flatMap(([aliases, signature, run]) =>
    aliases.map((name) => [name, { signature: signatureOf(signature), run }] as const),
  ),
  ...misplaced.map(
    (name) =>
      [
        name,
        {
          signature: signatureOf(`${name}(*args, **kwargs)`),
          run: (): Value => stop('TypeError', `${name} is a function: write ${name}(…), not a filter.`),
        },
      ] as const,
  ),
]);
names.filters = filters;
