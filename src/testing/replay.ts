/** `replay(workflow, history)`: could a run that stands where this history ends go on with this code? */

import { PawlError, parseRunId, type Result } from '../base/index.ts';
import type { FunctionWorkflow } from '../definition/index.ts';
import { type ReplayVerdict, replayFunction } from '../engine/index.ts';
import { checkHistory, type HistoryFault, parseHistory, type Recorded } from '../kernel/index.ts';
import { realTurn } from './real-turns.ts';

/**
 * Runs a durable function over a recorded history: what `pawl history RUN --json` printed, or the list of its events. No step and no
 * task of it is executed. `run` is the id of the run, which its history does not tell: give it where the code asks for `run.id`.
 *
 * @throws PawlError `bad_input`: it is no history, or one of another workflow; `details` say where.
 */
export async function replay(
  workflow: FunctionWorkflow,
  history: string | readonly unknown[],
  { run }: { readonly run?: string } = {},
): Promise<ReplayVerdict> {
  const read: Result<Recorded[], HistoryFault> =
    typeof history === 'string' ? parseHistory(history) : checkHistory(history);
  if (!read.ok)
    throw new PawlError('bad_input', `this is no history: ${read.error.message}`, { details: { at: read.error.at } });
  const id = run === undefined ? undefined : parseRunId(run);
  if (run !== undefined && id === undefined) throw new PawlError('bad_input', `"${run}" is not the id of a run`);
  return replayFunction(workflow, read.value, { turn: realTurn, run: id });
}
