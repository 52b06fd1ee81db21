/**
 * Tokens: who holds one may say, from anywhere, what an attempt that was handed over or a callback of a function came to.
 *
 * A token names a run, a place in it and an attempt, and carries the run's seed, which nobody knows who was not given it.
 */

import { parseRunId, type RunId } from '../base/index.ts';

export interface TokenPlace {
  readonly run: RunId;
  readonly seed: number;
  /** A task, or the call of a durable function by its number. */
  readonly place: { readonly task: number } | { readonly call: number };
  /** 0 for a callback. */
  readonly attempt: number;
}

export function tokenOf({ run, seed, place, attempt }: TokenPlace): string {
  const where = 'task' in place ? `t${place.task}` : `c${place.call}`;
  return `${run}~${where}~${attempt}~${seed.toString(36)}`;
}

/** What a token names, or undefined for a text that is none. */
export function parseToken(token: string): TokenPlace | undefined {
  const [, id = '', kind, number, attempt, seed] =
    /^([^~]+)~([tc])(\d{1,15})~(\d{1,15})~([0-9a-z]{1,7})$/.exec(token) ?? [];
  const run = parseRunId(id);
  if (run === undefined || seed === undefined) return undefined;
  const place = kind === 't' ? { task: Number(number) } : { call: Number(number) };
  return { run, place, attempt: Number(attempt), seed: Number.parseInt(seed, 36) };
}
