/** Constants and closures of a graph as the kernel takes them: values that are checked now, or code that is called while a run is decided. */

import { type Json, jsonFault, parseDuration } from '../../base/index.ts';
import { compile, type Scope } from '../../expression/index.ts';
import type { ValueSource } from '../work.ts';
import type { Closure } from './pieces.ts';

/** A value that never changes, whatever expressions its texts look like. */
export function literal(value: Json): ValueSource {
  const template = compile(value);
  return template.constant ? template : { compute: () => value, source: value, constant: false };
}

/** Code; `secrets` are those that what it gives may name. */
export function code(compute: (scope: Scope) => unknown, secrets: readonly string[] = []): ValueSource {
  const source = secrets.length === 0 ? null : secrets.map((name) => `secret(${name})`);
  return { compute, source, constant: false };
}

export function isClosure(value: unknown): value is Closure {
  return typeof value === 'function';
}

/** Why the value cannot be a duration; undefined where it is one. */
export function faultOfDuration(value: unknown): string | undefined {
  if (parseDuration(value as Json) !== undefined) return undefined;
  return `${shown(value)} is not a duration: write seconds from 0, or text such as "500ms", "30s", "5m", "2h", "1d"`;
}

/** Why the value cannot be a duration in whole seconds; undefined where it is one. */
export function faultOfWholeSeconds(value: unknown): string | undefined {
  const ms = parseDuration(value as Json);
  if (ms === undefined) return faultOfDuration(value);
  return ms % 1000 === 0 ? undefined : `${shown(value)} is not a whole number of seconds, which it must be here`;
}

/** @throws Error where it is none. */
export function wholeSeconds(value: unknown): number {
  const fault = faultOfWholeSeconds(value);
  if (fault !== undefined) throw new Error(fault);
  return parseDuration(value as Json)! / 1000;
}

/** Why the value is neither a duration nor an instant; undefined where it is one of them. */
export function faultOfDeadline(value: unknown): string | undefined {
  if (faultOfDuration(value) === undefined) return undefined;
  if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) return undefined;
  return `${shown(value)} is no deadline: write a duration such as "5m", or an ISO 8601 time such as "2030-01-31T09:00:00Z"`;
}

/** The value as a message shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (value === undefined || jsonFault(value) !== undefined) return String(value);
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
