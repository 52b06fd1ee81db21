/** The actions that come with Pawl and need a worker. What only waits (`core.sleep`, `core.ask` …) is the kernel's. */

import type { AnyAction } from '../action.ts';
import { echoAction } from './echo.ts';

export interface BuiltInOptions {
  /** Shell commands (`core.local`); default off. */
  readonly allowShell?: boolean;
  /** Let `core.http` reach loopback and private addresses; default off. */
  readonly allowPrivateNetwork?: boolean;
}

export function builtInActions(_options: BuiltInOptions = {}): AnyAction[] {
  return [echoAction()];
}
