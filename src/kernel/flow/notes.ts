/** What the flow program records in `ProgramNoted`. The letters and their order are stored: they never change meaning. */

import type { TaskNumber } from '../../base/index.ts';

export type FlowNote =
  /** The run began: these tasks are staged over the root context (the note's value). */
  | readonly ['begin', readonly string[]]
  /** A task's transitions were evaluated: the edges whose condition held; the note's values are what each published, null for nothing. */
  | readonly ['taken', TaskNumber, readonly number[]]
  /** An arrival at a join that has fired already was dropped. */
  | readonly ['late', string, number]
  /** The instance ended its branch, since the run ended with it. */
  | readonly ['terminal', TaskNumber]
  /** These instances are to run again; true where all items are. */
  | readonly ['rerun', readonly (readonly [TaskNumber, boolean])[]];
