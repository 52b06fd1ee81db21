/** Sub-workflows, as an engine starts them and hears of their end. */

import { isJsonObject, type Json, type JsonObject } from '../base/index.ts';
import { givenToFunction } from '../definition/index.ts';
import { type Outcome, outlives, type RunState, wholeTask } from '../kernel/index.ts';
import { readChildInput } from './message.ts';
import type { Programs, Workflow } from './programs.ts';

/** What a task wants to start as its child, or why that cannot be. */
export type WantedChild =
  | { readonly ok: true; readonly workflow: Workflow; readonly input: JsonObject; readonly depth: number }
  | { readonly ok: false; readonly message: string };

export function wantedChild(
  { parent, pinned }: RunState,
  input: Json,
  { programs, depthMax }: { readonly programs: Programs; readonly depthMax: number },
): WantedChild {
  const depth = (parent?.depth ?? 0) + 1;
  const wanted = readChildInput(input);
  if (wanted === undefined) return { ok: false, message: 'core.workflow needs input {workflow: NAME, input: {…}}' };
  if (depth > depthMax) return { ok: false, message: `sub-workflows are nested more than ${depthMax} deep` };
  const { workflow: name } = wanted;
  const version = Object.hasOwn(pinned, name) ? pinned[name] : programs.named(name)?.version;
  const workflow = version === undefined ? undefined : programs.get(version);
  if (workflow === undefined) {
    const message = `the workflow "${name}" was not known when the run started; its file must lie beside the parent's`;
    return { ok: false, message };
  }
  const isFunction = workflow.definition.style === 'function';
  // To other styles nothing is an empty map.
  const given = isFunction ? givenToFunction(wanted.input) : (wanted.input ?? {});
  if (!isJsonObject(given)) return { ok: false, message: `the input of "${workflow.name}" is no map` };
  const fault = workflow.inputFault?.(isFunction ? wanted.input : given);
  return fault === undefined ? { ok: true, workflow, input: given, depth } : { ok: false, message: fault };
}

/** What the end of a child run is to the task that started it. */
export function childOutcome(child: RunState): Outcome {
  if (child.status === 'succeeded') return { status: 'succeeded', output: child.output };
  const first = child.errors.list[0];
  const because = first === undefined ? '' : `: ${first.message}`;
  const message = `sub-workflow "${child.workflow}" (run ${child.id}) ended ${child.status}${because}`;
  return { status: 'failed', output: child.output, failure: { kind: 'child_failed', message } };
}

/** What a child that was loaded may not have heard: its parent was canceled, or does not wait for it any more. */
export function wordFromParent({ parent }: RunState, above: RunState | undefined): 'Cancel' | 'Terminate' | undefined {
  if (parent === undefined || above === undefined || parent.abandoned === true) return undefined;
  if (above.status === 'terminated') return 'Terminate';
  const task = above.open.get(parent.task);
  const isLeft = task === undefined || !outlives(task.spec);
  if (isLeft && (above.status === 'failing' || (above.status === 'canceling' && !above.canceledByTask)))
    return 'Cancel';
  const isAwaited = task?.retries === (parent.round ?? 0) && task.waits?.has(parent.item ?? wholeTask) === true;
  return isAwaited ? undefined : 'Cancel';
}
