/** The actions that come with Pawl and need a worker. What only waits (`core.sleep`, `core.ask` …) is the kernel's. */

import type { AnyAction } from '../action.ts';
import { markBuiltIn } from '../known-actions.ts';
import { echoAction } from './echo.ts';
import { httpAction } from './http/http.ts';
import { localAction } from './local/local.ts';
import { type Machine, thisMachine } from './machine.ts';
import { scriptAction } from './script/script.ts';

export interface BuiltInOptions {
  /** Shell commands (`core.local`); default off. */
  readonly allowShell?: boolean;
  /** Let `core.http` reach loopback and private addresses; default off. */
  readonly allowPrivateNetwork?: boolean;
}

export function builtInActions(options: BuiltInOptions = {}, machine: Machine = thisMachine()): AnyAction[] {
  const network = { allowPrivate: options.allowPrivateNetwork === true };
  const actions: AnyAction[] = [echoAction(), httpAction(machine, network), scriptAction(machine)];
  if (options.allowShell === true) actions.push(localAction(machine));
  return actions.map(markBuiltIn);
}
