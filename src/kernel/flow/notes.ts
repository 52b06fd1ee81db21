/** What the flow program records in `ProgramNoted`. The letters and their order are stored: they never change meaning. */

import type { TaskNumber } from '../../base/index.ts';

export type FlowNote =
  /**
   * The run began: its first tasks are staged, or none where its inputs or variables could not be rendered. The root
   * context is the caller's context, the declared inputs as they were given, and over them the note's values.
   */
  | readonly ['begin']
  | readonly ['begin', 'failed']
  /** A task's transitions were evaluated: the edges whose condition held; the note's values are what each published, null for nothing. */
  | readonly ['taken', TaskNumber, readonly number[]]
  /** An arrival at a join that has fired already was dropped. */
  | readonly ['late', string, number]
  /** The instance ended its branch, since the run ended with it. */
  | readonly ['terminal', TaskNumber]
  /** These instances are to run again; true where all items are. */
  | readonly ['rerun', readonly (readonly [TaskNumber, boolean])[]];
