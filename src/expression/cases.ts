/** For tests: a scope with one variable of each kind, and a short way to evaluate a text over it. */

import { instantOf, type Json, type JsonObject } from '../base/index.ts';
import { compile, type ExpressionError, evaluate, type Scope } from './index.ts';

export const variables: JsonObject = {
  i: 3,
  neg: -7,
  f: 2.5,
  yes: true,
  no: false,
  n: null,
  s: 'text',
  csv: 'a,b,,c',
  uni: 'žluť 🐎',
  l: [3, 1, 2],
  empty: [],
  d: { a: 1, b: { c: [10, 20] } },
  people: [
    { name: 'Ann', age: 31 },
    { name: 'Bob', age: 25 },
    { name: 'cyd', age: 31 },
  ],
  json: '{"a": [1, 2.0, null]}',
  template: 'i is <% ctx(i) %>',
  __private: 'hidden',
};

export function scopeWith(more: Partial<Scope> = {}): Scope {
  return {
    variables,
    task: { name: 'build', route: 0, result: { code: 0 } },
    item: { value: { host: 'h1' } },
    taskStatus: (name) => (name === 'build' ? 'succeeded' : undefined),
    now: instantOf(Date.UTC(2026, 0, 15, 12, 30)),
    random: () => 0.25,
    ...more,
  };
}

/** The value of a template, or its error. */
export function outcomeOf(source: Json, scope = scopeWith()): { value: Json } | { error: ExpressionError } {
  const result = evaluate(compile(source), scope);
  return result.ok ? { value: result.value } : { error: result.error };
}
