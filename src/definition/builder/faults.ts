/** What can be wrong with a graph that was built in code. All of it is collected; nothing stops at the first. */

/** One thing that is wrong. The codes are those of YAML documents where the fault is the same. */
export interface Fault {
  readonly code: FaultCode;
  /** What was found, what was expected, and what to do. */
  readonly message: string;
  /** The task it is about, with the prefixes of the segments it stands in; absent: the graph as a whole. */
  readonly task?: string;
  /** Of a cycle: its tasks, the first again at the end. */
  readonly cycle?: readonly string[];
}

export type FaultCode =
  | 'invalid_name'
  | 'reserved_task_name'
  | 'duplicate_task'
  | 'hidden_variable'
  | 'no_tasks'
  | 'undefined_task'
  | 'self_need'
  | 'repeated_need'
  | 'cycle'
  | 'unknown_key'
  | 'wrong_value'
  | 'number_out_of_range'
  | 'items_missing'
  | 'items_without_action'
  | 'run_and_action'
  | 'duplicate_action'
  | 'not_json';

export class FaultList {
  readonly faults: Fault[] = [];

  add(code: FaultCode, task: string | undefined, message: string, more: Pick<Fault, 'cycle'> = {}): void {
    this.faults.push({ code, message, ...(task === undefined ? {} : { task }), ...more });
  }
}
