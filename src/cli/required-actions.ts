/** Refuses a start whose workflow names actions that nobody here knows: better at once than blocked in the middle. */

import { PawlError } from '../base/index.ts';
import { ownAction } from '../definition/index.ts';
import type { Workflow } from '../engine/index.ts';
import { nativeActions } from '../kernel/index.ts';
import type { AnyAction } from '../worker/index.ts';

/** @throws PawlError `bad_input` naming every action that is missing. Names that are expressions show at run time. */
export function requireActions(workflows: readonly Workflow[], actions: readonly AnyAction[]): void {
  const known = new Set(actions.map((action) => action.name));
  const missing = new Map<string, string>();
  for (const workflow of workflows) {
    for (const task of workflow.definition.tasks.values()) {
      const { action } = task;
      if (action === undefined || !action.constant || typeof action.source !== 'string') continue;
      if (action.source.startsWith(ownAction)) continue;
      if (nativeActions.has(action.source) || known.has(action.source)) continue;
      if (!missing.has(action.source)) missing.set(action.source, `task "${task.name}" of ${workflow.name}`);
    }
  }
  if (missing.size === 0) return;
  const lines = [...missing].map(([action, where]) => `  ${action} (${where})${hintFor(action)}`);
  throw new PawlError(
    'bad_input',
    `${missing.size === 1 ? 'an action is' : `${missing.size} actions are`} not known here:\n${lines.join('\n')}`,
  );
}

function hintFor(action: string): string {
  if (action === 'core.local' || action === 'core.local_sudo')
    return ': shell commands are off; allow them with --allow-shell';
  if (action.startsWith('core.')) return ': there is no such built-in action';
  return ': give the module that defines it with --actions';
}
