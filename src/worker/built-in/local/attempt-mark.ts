/**
 * The mark that a shell command carries in its environment, and that all it starts inherits: which attempt of which store
 * it belongs to, and which process started it. Another process can read it, and so prove where a process comes from.
 *
 *     PAWL_ATTEMPT_KEY=<idempotency key>#<attempt>@<store>
 *     PAWL_ENGINE=<pid> <start of that process> <host name>
 */

import { isRunning, type ProcessIdentity, processIdentity } from '../../../host/index.ts';

/** An attempt as far as it can be marked. */
export interface Marked {
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly store: string | undefined;
}

const attemptName = 'PAWL_ATTEMPT_KEY';
const engineName = 'PAWL_ENGINE';

let ownEngine: string | undefined;

/** The variables of the mark; none where the store has no name. */
export function markOf({ idempotencyKey, attempt, store }: Marked): Readonly<Record<string, string>> {
  if (store === undefined) return {};
  ownEngine ??= engineText(processIdentity());
  return {
    [attemptName]: `${idempotencyKey}#${attempt}@${store}`,
    ...(ownEngine === undefined ? {} : { [engineName]: ownEngine }),
  };
}

/** True where `environment` (of `/proc/<pid>/environ`) proves an earlier attempt of this task whose engine is dead. */
export function provesLeftover(environment: string, { idempotencyKey, attempt, store }: Marked): boolean {
  if (store === undefined) return false;
  const variables = environment.split('\0');
  const key = variableOf(variables, attemptName);
  const engine = variableOf(variables, engineName);
  if (key === undefined || engine === undefined) return false;
  const [before, after] = [`${idempotencyKey}#`, `@${store}`];
  if (!key.startsWith(before) || !key.endsWith(after)) return false;
  const number = key.slice(before.length, key.length - after.length);
  return /^[0-9]{1,9}$/.test(number) && Number(number) < attempt && isDead(engine);
}

function variableOf(variables: readonly string[], name: string): string | undefined {
  return variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
}

function engineText({ pid, start, hostname }: ProcessIdentity): string | undefined {
  return start === undefined ? undefined : `${pid} ${start} ${hostname}`;
}

function isDead(engine: string): boolean {
  const match = /^([0-9]{1,9}) ([^ ]+) (.+)$/.exec(engine);
  if (match === null) return false;
  return isRunning({ pid: Number(match[1]), start: match[2], hostname: match[3]! }) === 'no';
}
