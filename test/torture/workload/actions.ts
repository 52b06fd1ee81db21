/** The user's actions: each leaves a line in a file of its own when it runs, so that executions can be counted. */

import { openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type AnyAction, defineAction, type Json } from '../../../src/index.ts';

/** One execution: of which attempt of which task (and item). */
export interface Mark {
  readonly key: string;
  readonly attempt: number;
}

export function markText({ key, attempt }: Mark): string {
  return `${key} ${attempt}`;
}

export interface ActionOptions {
  /** Where executions are noted. */
  readonly marks: string;
  /** The longest an action takes; how long each takes follows from its key. */
  readonly actionMsMax: number;
}

export function countingActions({ marks, actionMsMax }: ActionOptions): AnyAction[] {
  const descriptor = openSync(marks, 'a');
  const mark = async (key: string, attempt: number): Promise<void> => {
    writeSync(descriptor, `${markText({ key, attempt })}\n`);
    const ms = lengthOf(key, attempt) % (actionMsMax + 1);
    if (ms > 0) await delay(ms);
  };
  return [
    defineAction<{ readonly value: Json }, Json>({
      name: 't.mark',
      async handler({ value }, { idempotencyKey, attempt, log }) {
        await mark(idempotencyKey, attempt);
        if (lengthOf(idempotencyKey, attempt) % 3 === 0) log(`the value is ${JSON.stringify(value)}`);
        return value;
      },
    }),
    defineAction<{ readonly succeedsAt: number }, Json>({
      name: 't.flaky',
      async handler({ succeedsAt }, { idempotencyKey, attempt }) {
        await mark(idempotencyKey, attempt);
        if (attempt < succeedsAt) throw new Error(`attempt ${attempt} fails`);
        return 'ok';
      },
    }),
  ];
}

/** How long an attempt takes, and what else depends on it: any whole number. */
export function lengthOf(key: string, attempt: number): number {
  let hash = attempt;
  for (let index = 0; index < key.length; index += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) >>> 0;
  return hash;
}
