/** The actions that come with Pawl and need a worker. What only waits (`core.sleep`, `core.ask` …) is the kernel's. */

import type { Json } from '../../base/index.ts';
import type { ActionContext, AnyAction } from '../action.ts';
import { markBuiltIn } from '../known-actions.ts';
import { echoAction } from './echo.ts';
import { type Machine, thisMachine } from './machine.ts';

export interface BuiltInOptions {
  /** Shell commands (`core.local`); default off. */
  readonly allowShell?: boolean;
  /** Let `core.http` reach loopback and private addresses; default off. */
  readonly allowPrivateNetwork?: boolean;
}

export function builtInActions(options: BuiltInOptions = {}, machine: Machine = thisMachine()): AnyAction[] {
  const network = { allowPrivate: options.allowPrivateNetwork === true };
  const actions: AnyAction[] = [
    echoAction(),
    whenCalled('core.http', async () => (await import('./http/http.ts')).httpAction(machine, network)),
    whenCalled('core.script', async () => (await import('./script/script.ts')).scriptAction(machine)),
  ];
  if (options.allowShell === true) {
    actions.push(whenCalled('core.local', async () => (await import('./local/local.ts')).localAction(machine)));
  }
  return actions.map(markBuiltIn);
}

/** An action whose code is loaded when it is first called: a program that makes no request loads no HTTP. */
function whenCalled(name: string, load: () => Promise<AnyAction>): AnyAction {
  let loaded: Promise<AnyAction> | undefined;
  return {
    name,
    async handler(input: Json, context: ActionContext): Promise<unknown> {
      loaded ??= load();
      return (await loaded).handler(input as never, context);
    },
  };
}
