/**
 * The functions that StackStorm adds to both languages, for its packs' workflows: paths, JSON, YAML, JSONPath, regular
 * expressions, versions, spans in words, and its key-value store.
 *
 * Each is a function in YAQL, a function and a filter in Jinja. YAML and the store are ports of the scope: without them
 * the functions fail and say so. `task()` is not there: it reads StackStorm's database.
 */

import type { Json } from '../base/index.ts';
import { stop } from './failure.ts';
import { defined, str } from './jinja/objects.ts';
import { type Bound, type Signature, signatureOf } from './jinja/signature.ts';
import { queryPath } from './json-path.ts';
import { handedOut, toJson } from './outcome.ts';
import { add, round } from './python/arithmetic.ts';
import type { Dialect } from './python/dict.ts';
import { parseJson, writeJson } from './python/json.ts';
import { Regex } from './python/regex.ts';
import { elements, Float, indexOf, isInt, isNumber, isSequence, numberOf, type Value } from './python/values.ts';
import type { Scope } from './scope.ts';
import { bumped, compareVersions, matchesVersion, parseVersion } from './versions.ts';

export interface St2Function {
  readonly signature: Signature;
  readonly run: (given: Bound, scope: Scope, dialect: Dialect) => Value;
}

const noneMark = '%*****__%NONE%__*****%';

function regexOf(given: Bound, flag: number): Regex {
  return Regex.of(str(given.value(1)), { ignoreCase: given.bool(flag) });
}

/** All matches as `re.findall` gives them: the whole, or the group where there is one. */
function findAll(regex: Regex, text: string): Value[] {
  const found: Value[] = [];
  for (const { groups } of regex.searchAll(text)) {
    found.push(groups.length > 2 ? groups.slice(1).map((group) => group ?? '') : (groups[groups.length - 1] ?? ''));
  }
  return found;
}

function humanTime(seconds: Value): string {
  if (!isNumber(seconds) && typeof seconds !== 'boolean') return stop('AssertionError', '');
  const exact = numberOf(seconds);
  if (exact > 0 && exact < 1) return `${exact}μs`;
  let rest = numberOf(round(add(seconds, 0) as Float, 0) as Float);
  if (rest <= 0) return '0s';
  const parts: string[] = [];
  for (const [unit, size] of [
    ['y', 31_536_000],
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join('');
}

function jsonOf(given: Bound): Value {
  const indent = given.value(1);
  const pair = given.value(3);
  const [comma, colon] = pair !== null && isSequence(pair) ? elements(pair).map(str) : [',', ': '];
  const width =
    indent === null ? null : isInt(indent) ? ' '.repeat(Math.min(100, Math.max(0, indexOf(indent)))) : str(indent);
  return writeJson(handedOut(defined(given.value(0))), {
    indent: width,
    sortKeys: given.bool(2),
    separators: [comma ?? ',', colon ?? ': '],
  });
}

function readJson(given: Bound, dialect: Dialect): Value {
  return parseJson(str(given.value(0)), dialect);
}

function yamlPort(scope: Scope): NonNullable<Scope['yaml']> {
  return scope.yaml ?? stop('NotSupported', 'YAML is not available to expressions here.');
}

function writeYaml(given: Bound, scope: Scope, dialect: Dialect): Value {
  if (dialect === 'yaql' && holdsFrozenMap(given.value(0))) {
    stop('RepresenterError', 'YAQL maps cannot be written as YAML; use to_json_string().');
  }
  return yamlPort(scope).write(toJson(defined(given.value(0))));
}

/** In YAQL every map of the data is of a kind that StackStorm's YAML writer refuses. */
function holdsFrozenMap(value: Value): boolean {
  if (isSequence(value)) return elements(value).some(holdsFrozenMap);
  return typeof value === 'object' && value !== null && !(value instanceof Float);
}

function keyValue(given: Bound, scope: Scope): Value {
  const key = defined(given.value(0));
  if (typeof key !== 'string') return stop('TypeError', 'Given key is not typeof string.');
  const value: Json | undefined = scope.keyValue?.(key);
  if (value !== undefined) return value;
  return given.isMissing(2)
    ? stop('ExpressionEvaluationException', `The key "${key}" does not exist in the StackStorm datastore.`)
    : given.value(2);
}

function versionOf(given: Bound, index: number): ReturnType<typeof parseVersion> {
  return parseVersion(str(given.value(index)));
}

function order(given: Bound): number {
  return compareVersions(versionOf(given, 0), versionOf(given, 1));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function directoryName(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '');
}

type Run = St2Function['run'];
const entries: readonly (readonly [string, Run])[] = [
  ['basename(path)', (g) => baseName(str(g.value(0)))],
  ['dirname(path)', (g) => directoryName(str(g.value(0)))],
  ['from_json_string(value)', (g, _, dialect) => readJson(g, dialect)],
  ['json_parse(value)', (g, _, dialect) => readJson(g, dialect)],
  ['to_json_string(value, indent=None, sort_keys=False, separators=None)', jsonOf],
  ['json_dump(value, indent=None, sort_keys=False, separators=None)', jsonOf],
  [
    'json_escape(value)',
    (g) =>
      writeJson(str(g.value(0)), { indent: null, sortKeys: false, separators: [', ', ': '] }).replace(/^"+|"+$/g, ''),
  ],
  ['from_yaml_string(value)', (g, scope) => yamlPort(scope).parse(str(g.value(0)))],
  ['yaml_parse(value)', (g, scope) => yamlPort(scope).parse(str(g.value(0)))],
  ['to_yaml_string(value)', writeYaml],
  ['yaml_dump(value)', writeYaml],
  [
    'jsonpath_query(value, query)',
    (g) => {
      const found = queryPath(handedOut(defined(g.value(0))), str(g.value(1)));
      return found.length === 0 ? null : found;
    },
  ],
  ["regex_match(value, pattern='', ignorecase=False)", (g) => regexOf(g, 2).search(str(g.value(0)))?.starts[0] === 0],
  ["regex_search(value, pattern='', ignorecase=False)", (g) => regexOf(g, 2).search(str(g.value(0))) !== null],
  [
    "regex_replace(value, pattern='', replacement='', ignorecase=False)",
    (g) => {
      const regex = regexOf(g, 3);
      return regex.replace(str(g.value(0)), regex.expander(str(g.value(2))), 0);
    },
  ],
  [
    "regex_substring(value, pattern='', result_index=0, ignorecase=False)",
    (g) => findAll(regexOf(g, 3), str(g.value(0))).at(g.int(2)) ?? stop('IndexError', 'list index out of range'),
  ],
  ['to_human_time_from_seconds(seconds)', (g) => humanTime(defined(g.value(0)))],
  ['use_none(value)', (g) => (defined(g.value(0)) === null ? noneMark : g.value(0))],
  ['version_compare(value, pattern)', order],
  ['version_more_than(value, pattern)', (g) => order(g) > 0],
  ['version_less_than(value, pattern)', (g) => order(g) < 0],
  ['version_equal(value, pattern)', (g) => order(g) === 0],
  ['version_match(value, pattern)', (g) => matchesVersion(versionOf(g, 0), str(g.value(1)))],
  ['version_bump_major(value)', (g) => bumped(versionOf(g, 0), 0)],
  ['version_bump_minor(value)', (g) => bumped(versionOf(g, 0), 1)],
  ['version_bump_patch(value)', (g) => bumped(versionOf(g, 0), 2)],
  ['version_strip_patch(value)', (g) => versionOf(g, 0).numbers.slice(0, 2).join('.')],
  ['st2kv(key, decrypt=False, default=missing)', keyValue],
];

export const st2Functions: readonly St2Function[] = entries.map(([text, run]) => ({
  signature: signatureOf(text),
  run,
}));
