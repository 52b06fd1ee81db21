/** Which runs are meant, as a person says it: in code, and in the words of the command line. */

import {
  type Attributes,
  type AttributeValue,
  attributeNameFault,
  attributeValue,
  type Instant,
  instantOf,
  PawlError,
  parseRunId,
} from './base/index.ts';
import type { AttributeCondition, AttributeFilter, FindQuery, RunRow } from './store/index.ts';

type Comparable = AttributeValue | Date;

/** A value that an attribute must have, or what it is held against. All that is named must hold. */
export type AttributeTest =
  | Comparable
  | {
      readonly eq?: Comparable;
      /** Also of runs without the attribute. */
      readonly ne?: Comparable;
      readonly in?: readonly Comparable[];
      readonly gt?: Comparable;
      readonly gte?: Comparable;
      readonly lt?: Comparable;
      readonly lte?: Comparable;
      readonly exists?: boolean;
    };

export interface RunFilter {
  readonly status?: RunFilterStatus | readonly RunFilterStatus[];
  /** The workflow's name. */
  readonly workflow?: string;
  readonly attributes?: { readonly [name: string]: AttributeTest };
  /** Started then or later: a Date, milliseconds since 1970, or ISO text. */
  readonly startedAfter?: Date | number | string;
  /** Started before that. */
  readonly startedBefore?: Date | number | string;
  /** The run whose sub-workflows are meant. */
  readonly parent?: string;
}

export interface ListOptions extends RunFilter {
  /** At most so many; default 100, at most 10,000. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
  /** Default `newest`. */
  readonly order?: 'newest' | 'oldest';
}

/** A run in a list. Instants are milliseconds since 1970. */
export interface ListedRun {
  readonly id: string;
  readonly workflow: string;
  readonly version: string;
  readonly status: string;
  /** True once it has ended. */
  readonly final: boolean;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  /** When it next has something to do by itself. */
  readonly dueAt: number | undefined;
  readonly parent: string | undefined;
  readonly attributes: Attributes;
}

export interface RunPage {
  readonly runs: readonly ListedRun[];
  /** What `after` of the next page is; undefined on the last. */
  readonly next: string | undefined;
}

const statuses = [
  'running',
  'waiting',
  'pausing',
  'paused',
  'failing',
  'canceling',
  'blocked',
  'succeeded',
  'failed',
  'canceled',
  'terminated',
] as const;
export type RunFilterStatus = (typeof statuses)[number];

const filterFields = ['status', 'workflow', 'attributes', 'startedAfter', 'startedBefore', 'parent'];
const listFields = [...filterFields, 'limit', 'after', 'order'];
const comparisons = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] as const;
const limits = { default: 100, most: 10_000 } as const;

/**
 * The filter as a store reads it. A field that it does not know is an error: a misspelt one would mean every run.
 *
 * @throws PawlError `bad_input`
 */
export function filterQuery(filter: RunFilter): FindQuery {
  assertFields(filter, filterFields);
  const { status, workflow, attributes, startedAfter, startedBefore, parent } = filter;
  return {
    ...(status === undefined ? {} : { status: statusesOf(status) }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(attributes === undefined ? {} : { attributes: attributeFilter(attributes) }),
    ...(startedAfter === undefined ? {} : { startedAfter: instantIn(startedAfter, 'startedAfter') }),
    ...(startedBefore === undefined ? {} : { startedBefore: instantIn(startedBefore, 'startedBefore') }),
    ...(parent === undefined
      ? {}
      : { parent: parseRunId(parent) ?? bad(`parent: "${parent}" is not the id of a run`) }),
  };
}

/** @throws PawlError `bad_input` */
export function listQuery(options: ListOptions): FindQuery {
  assertFields(options, listFields);
  const { limit = limits.default, after, order, ...filter } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.most)
    bad(`limit is ${limit}; write a whole number from 1 to ${limits.most}`);
  if (after !== undefined && !/^\d{1,15}$/.test(after)) bad(`after is "${after}"; give the "next" of the page before`);
  if (order !== undefined && order !== 'newest' && order !== 'oldest')
    bad(`order is ${JSON.stringify(order)}; write 'newest' or 'oldest'`);
  return {
    ...filterQuery(filter),
    limit,
    ...(after === undefined ? {} : { from: after }),
    ...(order === undefined ? {} : { order }),
  };
}

export function listedRun(row: RunRow): ListedRun {
  const { run, workflow, version, status, final, createdAt, endedAt, dueAt, parent, attributes } = row;
  return {
    id: run,
    workflow,
    version,
    status,
    final,
    startedAt: createdAt,
    endedAt,
    dueAt,
    parent,
    attributes: attributes ?? {},
  };
}

/**
 * Conditions as the command line has them: `NAME=VALUE`, `!=`, `>`, `>=`, `<`, `<=`; `NAME` alone, where the attribute must be there, `!NAME`
 * where it must not. A value that is a JSON number, boolean or string is that; anything else is text.
 *
 * @throws PawlError `bad_input`
 */
export function attributesWhere(conditions: readonly string[]): { readonly [name: string]: AttributeTest } {
  const tests = new Map<string, { [comparison: string]: Comparable }>();
  for (const text of conditions) {
    const [, not, name = '', sign, value = ''] =
      /^(!?)([^\s=!<>]+)\s*(?:(=|!=|>=|<=|>|<)\s*([\s\S]*))?$/.exec(text) ?? [];
    const fault = attributeNameFault(name);
    if (fault !== undefined || (not === '!' && sign !== undefined))
      bad(`"${text}" is no condition; write NAME=VALUE, !=, >, >=, <, <=, NAME or !NAME`);
    const test = tests.get(name) ?? {};
    tests.set(name, test);
    const comparison = sign === undefined ? 'exists' : comparisonOf[sign]!;
    if (Object.hasOwn(test, comparison)) bad(`"${text}" says of "${name}" what another condition says too`);
    test[comparison] = sign === undefined ? not !== '!' : typedValue(value);
  }
  return Object.fromEntries(tests) as { [name: string]: AttributeTest };
}

const comparisonOf: { readonly [sign: string]: string } = {
  '=': 'eq',
  '!=': 'ne',
  '>': 'gt',
  '>=': 'gte',
  '<': 'lt',
  '<=': 'lte',
};

/** A JSON number, boolean or string, or else the text itself. */
export function typedValue(text: string): AttributeValue {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}

function statusesOf(status: string | readonly string[]): readonly string[] {
  const named = typeof status === 'string' ? [status] : status;
  for (const one of named)
    if (!statuses.some((known) => known === one))
      bad(`there is no status ${JSON.stringify(one)}; there are ${statuses.join(', ')}`);
  return named;
}

function attributeFilter(tests: { readonly [name: string]: AttributeTest }): AttributeFilter {
  return Object.fromEntries(
    Object.entries(tests).map(([name, test]) => {
      const fault = attributeNameFault(name);
      if (fault !== undefined) bad(fault);
      return [name, conditionOf(name, test)];
    }),
  );
}

function conditionOf(name: string, test: AttributeTest): AttributeCondition {
  if (test instanceof Date || typeof test !== 'object' || test === null) return { eq: valueIn(test, name) };
  assertFields(test, [...comparisons, 'in', 'exists'], `attributes.${name}`);
  const condition: { -readonly [Field in keyof AttributeCondition]: AttributeCondition[Field] } = {};
  for (const comparison of comparisons) {
    const value = test[comparison];
    if (value !== undefined) condition[comparison] = valueIn(value, `${name}.${comparison}`);
  }
  if (test.in !== undefined && !Array.isArray(test.in)) bad(`attributes.${name}.in is no list`);
  if (test.in !== undefined) condition.in = test.in.map((value) => valueIn(value, `${name}.in`));
  if (test.exists !== undefined) condition.exists = test.exists;
  if (Object.keys(condition).length === 0)
    bad(`attributes.${name} says nothing; write a value, or ${comparisons.join(', ')}, in, exists`);
  return condition;
}

function valueIn(given: unknown, where: string): AttributeValue {
  const value = attributeValue(given);
  return value.ok ? value.value : bad(`attributes.${where}: ${value.error}`);
}

function instantIn(given: Date | number | string, field: string): Instant {
  const ms = new Date(given).getTime();
  return Number.isFinite(ms)
    ? instantOf(ms)
    : bad(`${field} is ${JSON.stringify(given)}; write a Date, milliseconds or ISO text`);
}

function assertFields(given: object, known: readonly string[], where = 'a filter'): void {
  for (const field of Object.keys(given))
    if (!known.includes(field)) bad(`${where} has no "${field}"; it has ${known.join(', ')}`);
}

function bad(message: string): never {
  throw new PawlError('bad_input', message);
}
