/** What the DAG program records beside the tasks themselves. Stored for ever: a form never changes its meaning. */

import type { AddedTask } from '../../definition/index.ts';

export type DagNote =
  /** Inputs and variables are rendered; their values are the payload. */
  | readonly ['begin']
  /** They could not be. */
  | readonly ['begin', 'failed']
  /** The task's condition did not hold. */
  | readonly ['skipped', number]
  /** A task that had succeeded added others. */
  | readonly ['added', number, readonly AddedTask[]]
  /** These run again, and what follows from them. */
  | readonly ['rerun', readonly number[]];
