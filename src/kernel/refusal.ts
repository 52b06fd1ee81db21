/** A command that cannot be carried out now: an expected no. `reason` is a stable code, `message` a sentence for people. */
export interface Refusal {
  readonly accepted: false;
  readonly reason: RefusalReason;
  readonly message: string;
}

export type RefusalReason =
  | 'run_not_open'
  | 'run_not_ended'
  | 'run_not_paused'
  | 'already_pausing'
  | 'already_canceling'
  | 'run_is_ending'
  | 'task_not_open'
  | 'task_not_ready'
  | 'task_not_waiting'
  | 'attempt_over'
  | 'unknown_task'
  | 'nothing_to_rerun'
  | 'rerun_not_possible'
  | 'run_is_blocked'
  | 'stale_revision'
  | 'signal_known'
  | 'too_many_attributes';

export function refuse(reason: RefusalReason, message: string): Refusal {
  return { accepted: false, reason, message };
}
