/**
 * What a plan says of a workflow before it runs. Plain data: it can be kept as JSON. Times are milliseconds from the start.
 *
 * Where a task has no estimate, whatever depends on it is absent, never 0.
 *
 * In the words of the source document (Python dataclasses):
 *
 * | there | here |
 * | --- | --- |
 * | ExecutionPlan.workflow_id | `workflow` |
 * | .stages | `stages` |
 * | .critical_path | `criticalPath` |
 * | .estimated_duration (seconds) | `estimatedMs`, or `atLeastMs` |
 * | .parallelism_factor | `parallelism` |
 * | .resource_requirements | `peak` |
 * | ExecutionStage.stage_number | `number` |
 * | .tasks | `tasks` |
 * | .max_parallelism | `maxParallelism` |
 * | .estimated_duration | `estimatedMs` |
 * | ResourceRequirements.cpu_cores, memory_mb, disk_mb | `cpu`, `memoryMb`, `diskMb` |
 * | .network_bandwidth_mbps, gpu_count, custom_resources | `networkMbps`, `gpus`, `named` |
 */

import type { Resources, Trigger, WorkType } from '../dag.ts';
import type { Quantile } from './estimate.ts';

export interface ExecutionPlan {
  /** Its name. */
  readonly workflow: string;
  readonly taskCount: number;
  /** Tasks by how many blocking needs deep they stand; those of one stage do not wait for each other. */
  readonly stages: readonly ExecutionStage[];
  /** The tasks that nobody can make shorter by adding workers: of the heaviest ways, one with unknown estimates if there is one. Without any estimate the longest way by tasks. */
  readonly criticalPath: readonly string[];
  /** What the tasks of the critical path take together; absent where one of them has no estimate. */
  readonly criticalMs?: number;
  /**
   * From the first start to the last end, on `workers` if that is less than all that can. Absent where an estimate is missing on
   * the critical path, or, with too few workers for all tasks, anywhere.
   */
  readonly estimatedMs?: number;
  /** Stands in place of `estimatedMs`: what is known of it. */
  readonly atLeastMs?: number;
  /** All work, where all of it is known. */
  readonly workMs?: number;
  /** How many tasks run at once on average, with any number of workers. */
  readonly parallelism: number;
  /** What that is: work by the length of the critical path; or where estimates are missing, tasks by stages. */
  readonly parallelismBy: 'work' | 'tasks';
  /** Of each resource, the most that is held at one time. */
  readonly peak: Resources;
  /** Tasks at once, at most. */
  readonly peakTasks: number;
  /** When the peaks were taken: over the schedule; or where that is not known, as if each stage ran at once. */
  readonly peakBy: 'schedule' | 'stages';
  /** How many tasks may run at once: those asked for, or the `concurrency` of the workflow if that is less. Absent: all that can. */
  readonly workers?: number;
  /** Share of the workers' time that is work, 0 to 1. */
  readonly utilisation?: number;
  /** Which quantile stands for estimates that are quantiles. */
  readonly quantile: Quantile;
  /** Tasks without an estimate. */
  readonly unknown: readonly string[];
  /** Tasks that add others while the run is under way; what they add is not in the plan. */
  readonly growing: readonly string[];
}

export interface ExecutionStage {
  /** From 1. */
  readonly number: number;
  readonly tasks: readonly PlannedTask[];
  /** As many of its tasks as may run at once. */
  readonly maxParallelism: number;
  /** How long it takes if it runs alone; absent where one of its tasks has no estimate. */
  readonly estimatedMs?: number;
}

export interface PlannedTask {
  readonly name: string;
  readonly title?: string;
  /** As the definition names it; absent where it is an expression. */
  readonly action?: string;
  readonly type?: WorkType;
  readonly workerType?: string;
  readonly priority?: number;
  readonly resources?: Resources;
  /** What it waits for. */
  readonly needs: readonly string[];
  /** What it lets go first. */
  readonly prefers: readonly string[];
  readonly trigger?: Trigger;
  /** True where a condition, or a transition's, may keep it from running; the plan counts it all the same. */
  readonly conditional: boolean;
  readonly estimateMs?: number;
  /** No start is sooner: what it waits for takes so long, unknown estimates counted as nothing. */
  readonly soonestMs: number;
  readonly startMs?: number;
  readonly endMs?: number;
  /** How much later it may end without delaying the last, with workers for all; absent where an estimate it depends on is missing. */
  readonly slackMs?: number;
  /** True where it has no slack, or is on `criticalPath`. */
  readonly critical: boolean;
}
