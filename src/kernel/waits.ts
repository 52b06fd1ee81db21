/** What the kernel's own actions wait for, read from their rendered input. */

import {
  fail,
  type Instant,
  instantOf,
  isJsonObject,
  type Json,
  ok,
  ownProperty,
  parseDuration,
  plus,
  type Result,
} from '../base/index.ts';
import type { TaskKind, Wait } from './task.ts';

/** The actions the kernel carries out itself, without a worker. */
export const nativeActions: ReadonlyMap<string, TaskKind> = new Map([
  ['core.noop', 'noop'],
  ['core.sleep', 'sleep'],
  ['core.ask', 'ask'],
  ['core.receive', 'receive'],
  ['core.workflow', 'workflow'],
]);

/** What a task of `kind` with this input waits for from `at` on, or why the input is wrong. */
export function waitFor(kind: TaskKind, input: Json, at: Instant, timeoutMs: number | undefined): Result<Wait, string> {
  const fields = isJsonObject(input) ? input : {};
  switch (kind) {
    case 'sleep':
      return sleepUntil(fields, at);
    case 'receive': {
      const signal = ownProperty(fields, 'signal');
      if (typeof signal !== 'string' || signal === '')
        return fail('core.receive needs the name of a signal: input {signal: NAME}');
      const dueAt = deadline(fields, at, timeoutMs);
      return dueAt.ok ? ok({ signal, dueAt: dueAt.value }) : dueAt;
    }
    case 'ask':
    case 'workflow': {
      const dueAt = deadline(fields, at, timeoutMs);
      return dueAt.ok ? ok({ dueAt: dueAt.value }) : dueAt;
    }
    default:
      return ok({});
  }
}

type Fields = { readonly [key: string]: Json };

function sleepUntil(fields: Fields, at: Instant): Result<Wait, string> {
  const until = ownProperty(fields, 'until');
  if (until !== undefined) {
    const ms = typeof until === 'string' ? Date.parse(until) : Number.NaN;
    if (Number.isNaN(ms))
      return fail(
        `core.sleep: "until" is ${JSON.stringify(until)}; write an ISO 8601 time such as 2030-01-31T09:00:00Z`,
      );
    return ok({ dueAt: instantOf(ms) });
  }
  const given = ownProperty(fields, 'seconds') ?? ownProperty(fields, 'duration') ?? ownProperty(fields, 'for');
  const ms = given === undefined ? undefined : parseDuration(given);
  if (ms === undefined) {
    const found = given === undefined ? 'nothing' : JSON.stringify(given);
    return fail(`core.sleep: found ${found} for how long; write {seconds: 5}, {duration: 5m} or {until: ISO time}`);
  }
  return ok({ dueAt: plus(at, ms) });
}

function deadline(fields: Fields, at: Instant, timeoutMs: number | undefined): Result<Instant | undefined, string> {
  const given = ownProperty(fields, 'timeout');
  if (given === undefined || given === null) return ok(timeoutMs === undefined ? undefined : plus(at, timeoutMs));
  const ms = parseDuration(given);
  if (ms === undefined)
    return fail(`"timeout" is ${JSON.stringify(given)}; write seconds, or text such as 30s, 5m, 2h`);
  return ok(plus(at, Math.min(ms, timeoutMs ?? ms)));
}
