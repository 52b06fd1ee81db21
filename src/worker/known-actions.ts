/** The actions an executor knows, by name: names are valid, and each belongs to one action. */

import { PawlError } from '../base/index.ts';
import type { AnyAction } from './action.ts';

const builtIn = new WeakSet<AnyAction>();

/** Marks an action as one of ours, which may be called `core.…`. */
export function markBuiltIn<A extends AnyAction>(action: A): A {
  builtIn.add(action);
  return action;
}

const namePattern = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const nameLengthMax = 200;

/**
 * @throws PawlError `bad_input`: a name that is none, that is reserved, or that two actions have.
 */
export function knownActions(actions: Iterable<AnyAction>): ReadonlyMap<string, AnyAction> {
  const known = new Map<string, AnyAction>();
  for (const action of actions) {
    const fault =
      faultOf(action) ?? (known.has(action.name) ? `two actions are called "${action.name}"; rename one` : undefined);
    if (fault !== undefined) throw new PawlError('bad_input', fault, { details: { action: action.name } });
    known.set(action.name, action);
  }
  return known;
}

function faultOf(action: AnyAction): string | undefined {
  const { name, handler } = action;
  if (typeof name !== 'string' || name.length > nameLengthMax || !namePattern.test(name)) {
    return `${JSON.stringify(name)} is not the name of an action: letters, digits, "_", "-" and dots between them, up to ${nameLengthMax}`;
  }
  if (typeof handler !== 'function')
    return `the action "${name}" has no handler: write \`handler(input, context) { … }\``;
  if (name.startsWith('core.') && !builtIn.has(action)) {
    return `the name "${name}" is reserved: \`core.\` belongs to the actions that come with Pawl; use a prefix of your own`;
  }
  return undefined;
}
