/**
 * Secrets: values that a workflow names and never holds. `secret(NAME)` in a task's input stays text wherever inputs are
 * rendered, stored and shown; here it becomes the value, in the copy that the handler gets.
 */

import { type Json, ownProperty, secretReference } from '../base/index.ts';
import { ActionError } from './action.ts';
import { withTexts } from './json-copy.ts';

/**
 * Where secrets come from: a map, or a function that is asked once per attempt and name. Undefined: there is none of that
 * name, and the task fails. A function that throws fails the attempt, which may be tried again.
 */
export type SecretSource =
  | Readonly<Record<string, string>>
  | ((name: string) => string | undefined | Promise<string | undefined>);

/** The secrets of an environment: `PAWL_SECRET_TOKEN` is `secret(TOKEN)`. */
export function environmentSecrets(environment: Readonly<Record<string, string | undefined>>): SecretSource {
  return (name) => ownProperty(environment, `PAWL_SECRET_${name}`);
}

/** Longest value; redaction of what is cut relies on it. */
export const secretLengthMax = 64 * 1024;

/**
 * A copy of `input` with its secrets, and the values that are in it now. Only names that the workflow's own text mentions
 * are resolved: data that came from outside and says `secret(…)` stays text.
 *
 * @throws ActionError `missing_secret` (no retry helps), `secret_unavailable`
 */
export async function resolveSecrets(
  input: Json,
  allowed: readonly string[],
  source: SecretSource | undefined,
): Promise<{ readonly input: Json; readonly values: readonly string[] }> {
  const values = new Map<string, string>();
  for (const name of allowed) values.set(name, await secretOf(name, source));
  const resolved = withTexts(input, (text) =>
    values.size === 0
      ? text
      : text.replace(secretReference, (whole, _quote: string, name: string) => values.get(name) ?? whole),
  );
  return { input: resolved, values: [...values.values()] };
}

async function secretOf(name: string, source: SecretSource | undefined): Promise<string> {
  const value: unknown = typeof source === 'function' ? await asked(name, source) : ownProperty(source ?? {}, name);
  if (value === undefined || value === null) {
    throw new ActionError(
      `there is no secret "${name}" here: give it as PAWL_SECRET_${name} in the environment, or in the option \`secrets\``,
      {
        kind: 'missing_secret',
        retryable: false,
      },
    );
  }
  if (typeof value !== 'string' || value.length > secretLengthMax) {
    const found = typeof value === 'string' ? `${value.length} characters long` : `a ${typeof value}`;
    throw new ActionError(
      `the secret "${name}" is ${found}; it must be text of at most ${secretLengthMax} characters`,
      {
        kind: 'missing_secret',
        retryable: false,
      },
    );
  }
  return value;
}

async function asked(name: string, source: (name: string) => unknown): Promise<unknown> {
  try {
    return await source(name);
  } catch (error) {
    // Only the error's name is shown: what a vault says about a failed read may hold more than it should.
    const what = error instanceof Error ? error.name : typeof error;
    throw new ActionError(`the secret "${name}" could not be read: its source threw ${what}`, {
      kind: 'secret_unavailable',
    });
  }
}
