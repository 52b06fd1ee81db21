/** What becomes of a start whose id a run has already. */

import { PawlError, type RunId } from '../base/index.ts';
import { isFinal, type RunState } from '../kernel/index.ts';
import type { RunRow } from '../store/index.ts';

export interface StartPolicy {
  /**
   * A run of that id is under way. `attach` (default): the same start goes on with it, another is a conflict. `fail`: a conflict in any
   * case. `terminate`: it is stopped, and the new one begins in its place.
   */
  readonly conflict?: 'attach' | 'fail' | 'terminate';
  /**
   * A run of that id has ended. `attach` (default): the same start gets its result, another is a conflict. `never`: a conflict in any
   * case. `failed`: it is replaced where it did not succeed. `always`: it is replaced. A run that is replaced is forgotten.
   */
  readonly reuse?: 'attach' | 'never' | 'failed' | 'always';
}

/** True where the policy lets a start attach to a run of that id that stands so. */
export function attachesTo(
  { final, status }: Pick<RunRow, 'final' | 'status'>,
  { conflict = 'attach', reuse = 'attach' }: StartPolicy,
): boolean {
  if (!final) return conflict === 'attach';
  return reuse === 'attach' || (reuse === 'failed' && status === 'succeeded');
}

const policies = {
  conflict: ['attach', 'fail', 'terminate'],
  reuse: ['attach', 'never', 'failed', 'always'],
} as const;

/** @throws PawlError `bad_input`: a policy is none. */
export function checkPolicy(policy: StartPolicy): void {
  for (const name of ['conflict', 'reuse'] as const) {
    const given = policy[name];
    const known: readonly unknown[] = policies[name];
    if (given !== undefined && !known.includes(given))
      throw new PawlError('bad_input', `the ${name} policy is ${JSON.stringify(given)}; write ${known.join(', ')}`);
  }
}

/** What is to be done before the start: nothing, or the run in its place is to go. */
export function makeWay(
  run: RunId,
  state: RunState | undefined,
  { conflict = 'attach', reuse = 'attach' }: StartPolicy,
): 'start' | 'remove' | 'terminate' {
  if (state === undefined) return 'start';
  if (!isFinal(state.status)) {
    if (conflict === 'fail')
      throw new PawlError('conflict', `run "${run}" is under way; choose another id, or another conflict policy`, {
        details: { run, status: state.status },
      });
    return conflict === 'terminate' ? 'terminate' : 'start';
  }
  if (reuse === 'never')
    throw new PawlError('conflict', `run "${run}" has ended (${state.status}), and its id is not to be used again`, {
      details: { run, status: state.status },
    });
  return attachesTo({ final: true, status: state.status }, { reuse }) ? 'start' : 'remove';
}
