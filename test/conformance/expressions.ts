/**
 * Runs recorded cases of Orquesta's expressions against ours and says, case by case, whether they agree.
 *
 * A case `differs` only where a rule of `src/expression/DIFFERENCES.md` applies to its text or its data, and then only
 * if our answer is the one that the rule predicts.
 */

import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import { instantOf, isJsonObject, type Json, type JsonObject } from '../../src/base/index.ts';
import { compile, evaluate, evaluateTyped, referencedVariables, type Scope } from '../../src/expression/index.ts';

export interface ExpressionOutcome {
  readonly id: string;
  readonly profile: string;
  readonly outcome: 'passed' | 'failed' | 'differs';
  readonly detail?: string;
  readonly rule?: string;
}

interface ExpressionCase {
  readonly id: string;
  readonly profile: string;
  readonly text: Json;
  readonly context: JsonObject | null;
  readonly value?: Json;
  readonly type?: string;
  readonly error?: string;
  readonly error_class?: string;
  readonly cause?: string | null;
  readonly volatile?: boolean;
  readonly validation_errors?: readonly { readonly type: string | null; readonly expression: string }[];
  readonly referenced_variables?: readonly string[];
  /** Found while reading: the data holds `2.0`, which Json cannot tell from `2`. */
  readonly hasWholeFloat: boolean;
  /** The variables that hold an integer beyond 2^53: data that is refused before an expression can see it. */
  readonly hugeVariables: readonly string[];
}

/** Every case of `file` and what came of it. */
export function runExpressionCases(file: string): ExpressionOutcome[] {
  return readCases(readFileSync(file, 'utf8')).map((one) => ({ id: one.id, profile: one.profile, ...judge(one) }));
}

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;
type ParseWithSource = (text: string, reviver: Reviver) => unknown;

function readCases(text: string): ExpressionCase[] {
  const wholeFloats = new Set<object>();
  const hugeIntegers = new Set<object>();
  const namesOfHuge = new Map<object, Set<string>>();
  const noteHuge = (holder: object, key: string): void => {
    hugeIntegers.add(holder);
    namesOfHuge.set(holder, (namesOfHuge.get(holder) ?? new Set()).add(key));
  };
  const reviver: Reviver = function (key, value, { source }) {
    if (typeof value === 'number' && typeof this === 'object' && this !== null && source !== undefined) {
      if (/[.eE]/.test(source) && Number.isSafeInteger(value)) wholeFloats.add(this);
      if (!/[.eE]/.test(source) && !Number.isSafeInteger(value)) noteHuge(this, key);
    }
    if (typeof value === 'object' && value !== null && typeof this === 'object' && this !== null) {
      if (wholeFloats.has(value) && key !== 'value') wholeFloats.add(this);
      if (hugeIntegers.has(value) && key !== 'value') noteHuge(this, key);
    }
    return value;
  };
  const cases = (JSON.parse as ParseWithSource)(text, reviver) as ExpressionCase[];
  return cases.map((one) => ({
    ...one,
    hasWholeFloat: one.context !== null && wholeFloats.has(one.context),
    hugeVariables:
      one.context !== null && hugeIntegers.has(one.context) ? [...(namesOfHuge.get(one.context) ?? [])] : [],
  }));
}

interface State {
  readonly routes?: readonly (readonly string[])[];
  readonly tasks?: { readonly [key: string]: number };
  readonly sequence?: readonly { readonly status?: string }[];
}

/** The scope that a case's context describes. */
export function scopeOf(context: JsonObject | null): Scope {
  const { __state: state, __current_task: task, __current_item: item, ...variables } = context ?? {};
  const known = (state ?? {}) as State;
  const taskStatus = (name: string, route: number): string | undefined => {
    const index = known.tasks?.[`${name}__r${route}`];
    if (index !== undefined) return known.sequence?.[index]?.status;
    const current = new Set(known.routes?.[route] ?? []);
    for (let before = route - 1; before >= 0; before--) {
      if ((known.routes?.[before] ?? []).every((step) => current.has(step))) return taskStatus(name, before);
    }
    return undefined;
  };
  return {
    variables,
    ...(isJsonObject(task)
      ? { task: { name: String(task.id), route: Number(task.route), result: task.result ?? null } }
      : {}),
    ...(item === undefined ? {} : { item: { value: item } }),
    taskStatus,
    keyValue: (key) => (key === 'system.shared' ? 'abc' : undefined),
    yaml: { parse: (text) => parse(text, { version: '1.1' }) as Json, write: (value) => stringify(value) },
    now: instantOf(Date.UTC(2026, 10, 20, 8, 47, 0)),
    random: () => 0.5,
  };
}

type Verdict = Pick<ExpressionOutcome, 'outcome' | 'detail' | 'rule'>;

function judge(one: ExpressionCase): Verdict {
  const parts = [judgeFaults(one), judgeReferences(one), judgeValue(one)];
  return (
    parts.find((part) => part.outcome === 'failed') ??
    parts.find((part) => part.outcome === 'differs') ?? { outcome: 'passed' }
  );
}

const passed: Verdict = { outcome: 'passed' };

function judgeFaults({ text, validation_errors: expected = [] }: ExpressionCase): Verdict {
  const found = compile(text).faults.map(({ language, expression }) => ({ type: language, expression }));
  const wanted = expected.map(({ type, expression }) => ({ type, expression }));
  return isDeepStrictEqual(found, wanted)
    ? passed
    : {
        outcome: 'failed',
        detail: `faults ${JSON.stringify(compile(text).faults)}, expected ${JSON.stringify(expected)}`,
      };
}

function judgeReferences({ text, referenced_variables: expected }: ExpressionCase): Verdict {
  if (expected === undefined) return passed;
  const names = textsOf(text).flatMap((part) => referencedVariables(part).map(({ name }) => name));
  const found = [...new Set(names)].sort();
  const wanted = [...new Set(expected)].sort();
  return isDeepStrictEqual(found, wanted)
    ? passed
    : { outcome: 'failed', detail: `references ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}` };
}

function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isJsonObject(value) ? Object.entries(value).flatMap(([key, item]) => [key, ...textsOf(item)]) : [];
}

function judgeValue(one: ExpressionCase): Verdict {
  const scope = scopeOf(one.context);
  const typed = evaluateTyped(compile(one.text), scope);
  const json = evaluate(compile(one.text), scope);
  const shown = typed.ok ? `${JSON.stringify(typed.value.value)}: ${typed.value.type}` : `error ${typed.error.message}`;
  const wanted = one.error === undefined ? `${JSON.stringify(one.value)}: ${one.type}` : `error ${one.error}`;
  if (agrees(one, typed)) {
    if (typed.ok && !json.ok) {
      return isOnlyData(typed.value.value)
        ? { outcome: 'failed', detail: json.error.message }
        : { outcome: 'differs', rule: 'only-data-leaves' };
    }
    return passed;
  }
  const rule = ruleFor(one, scope);
  const detail = `got ${shown}; expected ${wanted}`;
  return rule === undefined ? { outcome: 'failed', detail } : { outcome: 'differs', rule, detail };
}

type Typed = ReturnType<typeof evaluateTyped>;

function agrees(one: ExpressionCase, typed: Typed): boolean {
  if (one.error !== undefined) {
    if (typed.ok) return false;
    if (!['YaqlEvaluationException', 'JinjaEvaluationException'].includes(one.error_class ?? '')) return true;
    if (typed.error.kind !== one.error_class) return false;
    return !one.cause || typed.error.cause === one.cause || one.cause === one.error_class;
  }
  if (!typed.ok || typed.value.type !== one.type) return false;
  return one.volatile === true || sameValue(typed.value.value, one.value as Json);
}

/** Equal, the members of `$set` in any order. */
function sameValue(left: Json, right: Json): boolean {
  if (isJsonObject(left) && isJsonObject(right) && Array.isArray(left.$set) && Array.isArray(right.$set)) {
    const sorted = (members: readonly Json[]): string[] => members.map((member) => JSON.stringify(member)).sort();
    return isDeepStrictEqual(sorted(left.$set), sorted(right.$set));
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => sameValue(item, right[index]));
  }
  if (isJsonObject(left) && isJsonObject(right)) {
    const keys = Object.keys(left);
    return (
      keys.length === Object.keys(right).length &&
      keys.every((key) => Object.hasOwn(right, key) && sameValue(left[key] as Json, right[key] as Json))
    );
  }
  return Object.is(left, right) || (typeof left === 'number' && left === right);
}

/** No value in it that Json has no word for at all. */
function isOnlyData(value: Json): boolean {
  if (Array.isArray(value)) return value.every(isOnlyData);
  if (!isJsonObject(value)) return true;
  if ('$python' in value || '$int' in value || '$float' in value) return false;
  return Object.values(value).every(isOnlyData);
}

/** The rule that explains a disagreement, if our answer is the one it predicts. */
function ruleFor(one: ExpressionCase, scope: Scope): string | undefined {
  const typed = evaluateTyped(compile(one.text), scope);
  if (evaluatesAgainTo(one, typed, scope)) return 'results-are-data';
  if (one.hasWholeFloat && typed.ok && looseText(typed.value.value) === looseText(one.value ?? null))
    return 'whole-floats-in-data';
  const seen = textsOf(one.text).flatMap((part) => referencedVariables(part).map(({ name }) => name));
  if (one.hugeVariables.some((name) => seen.includes(name))) return 'integers-beyond-2-53';
  if (typed.ok && one.value !== undefined && JSON.stringify(one.text).match(/keys\(|set\(|toSet|characters\(/)) {
    if (sortedCharacters(typed.value.value) === sortedCharacters(one.value)) return 'sets-are-sorted';
  }
  return undefined;
}

/** Our result, evaluated again and again as Orquesta does, becomes the recorded one. */
function evaluatesAgainTo(one: ExpressionCase, first: Typed, scope: Scope): boolean {
  let typed = first;
  for (let turn = 0; turn < 10 && typed.ok && typeof typed.value.value === 'string'; turn++) {
    const template = compile(typed.value.value);
    if (template.constant) return false;
    typed = evaluateTyped(template, scope);
    if (agrees(one, typed) || (one.error !== undefined && !typed.ok)) return true;
  }
  return false;
}

/** Without the difference between `2` and `2.0`. */
function looseText(value: Json): string {
  return JSON.stringify(value).replace(/(\d)\.0\b/g, '$1');
}

function sortedCharacters(value: Json): string {
  return [...JSON.stringify(value)].sort().join('');
}
