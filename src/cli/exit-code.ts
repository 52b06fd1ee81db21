/** What the process answers its shell. */

import { errorCodes, isPawlError } from '../base/index.ts';

export const exitCodes = {
  succeeded: 0,
  failed: 1,
  badInput: 2,
  canceled: 3,
  waiting: 4,
  internal: 70,
  interrupted: 130,
} as const;

/** The code of a run that stands at `status` when its command leaves. */
export function exitCodeOf(status: string): number {
  switch (status) {
    case 'succeeded':
      return exitCodes.succeeded;
    case 'failed':
    case 'blocked':
      return exitCodes.failed;
    case 'canceled':
    case 'terminated':
      return exitCodes.canceled;
    case 'quarantined':
      return exitCodes.internal;
    default:
      return exitCodes.waiting;
  }
}

const gravestFirst: readonly number[] = [70, 1, 3, 4, 0];

/** One code for several runs: the gravest, in the order 70, 1, 3, 4, 0. */
export function gravest(codes: readonly number[]): number {
  return gravestFirst.find((code) => codes.includes(code)) ?? exitCodes.succeeded;
}

export function exitCodeOfError(error: unknown): number {
  return isPawlError(error) ? errorCodes[error.code].exit : exitCodes.internal;
}
