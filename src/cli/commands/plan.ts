/** `pawl plan FILE`: how a workflow will run, before it does. */

import { PawlError } from '../../base/index.ts';
import {
  type Durations,
  type ExecutionPlan,
  type PlannedTask,
  plan as planOf,
  type Quantile,
  type Resources,
} from '../../definition/index.ts';
import { exitCodes } from '../exit-code.ts';
import { gantt } from '../gantt.ts';
import { shownDuration } from '../shown.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { readDefinition } from '../workflow-file.ts';

export interface PlanCommandOptions {
  readonly db?: string;
  readonly workers?: number;
  readonly quantile: string;
  readonly workflow?: string;
  readonly json?: boolean;
}

const needsShown = 3;

export async function plan(file: string, options: PlanCommandOptions, terminal: Terminal): Promise<number> {
  const quantile = quantileOf(options.quantile);
  const { name, definition } = await readDefinition(file, options.workflow);
  const earlier = options.db === undefined ? undefined : await earlierRuns(options.db, name);
  const planned = planOf(definition, {
    name,
    quantile,
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    ...(earlier === undefined ? {} : { estimates: earlier.estimates }),
  });
  if (options.json === true) {
    const seen = earlier === undefined ? {} : { runs: earlier.runs, estimates: Object.fromEntries(earlier.estimates) };
    terminal.out(JSON.stringify({ ...planned, ...seen }));
    return exitCodes.succeeded;
  }
  for (const line of planLines(planned, earlier, options, terminal)) terminal.out(line);
  return exitCodes.succeeded;
}

interface Earlier {
  /** The name that runs of the file have. */
  readonly workflow: string;
  readonly runs: number;
  readonly estimates: ReadonlyMap<string, Durations>;
}

async function earlierRuns(db: string, workflow: string): Promise<Earlier> {
  const { readEarlierRuns } = await import('../read-run.ts');
  return { workflow, ...(await readEarlierRuns(db, workflow)) };
}

function quantileOf(text: string): Quantile {
  if (text === 'p50' || text === 'p90' || text === 'p99') return text;
  throw new PawlError('bad_input', `"${text}" is no quantile that is kept; write p50, p90 or p99`);
}

function planLines(
  planned: ExecutionPlan,
  earlier: Earlier | undefined,
  options: PlanCommandOptions,
  terminal: Terminal,
): string[] {
  const { color } = terminal;
  const { workflow, taskCount, stages } = planned;
  const rows = stages.flatMap(({ number, tasks }) => tasks.map((task) => taskRow(number, task, color)));
  return [
    `${color.bold(workflow)}: ${counted(taskCount, 'task')} in ${counted(stages.length, 'stage')}`,
    '',
    ...table(['STAGE', 'TASK', 'NEEDS', 'ESTIMATE', 'START', 'SLACK', ''], rows),
    '',
    ...gantt(planned, Math.max(20, terminal.width), color),
    '',
    ...summary(planned, earlier, options, terminal.width),
  ];
}

function taskRow(stage: number, task: PlannedTask, color: Terminal['color']): string[] {
  const { name, estimateMs, startMs, soonestMs, slackMs, critical, conditional } = task;
  const start = startMs ?? soonestMs;
  const marks = [critical ? color.yellow('critical') : '', conditional ? color.dim('conditional') : ''];
  return [
    String(stage),
    name,
    needsText(task),
    estimateMs === undefined ? '?' : shownDuration(estimateMs),
    startMs === undefined ? (start > 0 ? `≥ ${shownDuration(start)}` : '?') : shownDuration(start),
    slackMs === undefined ? '?' : slackMs === 0 ? '-' : shownDuration(slackMs),
    marks.filter((mark) => mark !== '').join(' '),
  ];
}

/** `a, b, (c)`: what only orders stands in brackets. */
function needsText({ needs, prefers, trigger }: PlannedTask): string {
  const all = [...needs, ...prefers.map((name) => `(${name})`)];
  const more = all.length > needsShown ? ` +${all.length - needsShown}` : '';
  return `${trigger === 'any_succeeded' && needs.length > 1 ? 'first of ' : ''}${all.slice(0, needsShown).join(', ')}${more}`;
}

function summary(
  planned: ExecutionPlan,
  earlier: Earlier | undefined,
  { db }: PlanCommandOptions,
  columns: number,
): string[] {
  const { utilisation, unknown, growing, workers } = planned;
  const isBlind = unknown.length === planned.taskCount;
  const lines: (readonly [string, string])[] = [
    ['critical path', `${listed(planned.criticalPath, ' → ', columns - 36)}${isBlind ? ' (by number of tasks)' : ''}`],
    ['duration', durationText(planned, isBlind)],
    ['parallelism', parallelismText(planned)],
    ...(utilisation === undefined
      ? []
      : [['utilisation', `${Math.round(utilisation * 100)} % of ${counted(workers ?? 0, 'worker')}`] as const]),
    ['peak', `${resourcesText(planned.peak) || 'no resources asked for'}${peakNote(planned)}`],
    ...(earlier === undefined ? [] : [['estimates', earlierText(earlier, planned, db ?? '')] as const]),
    ...(unknown.length === 0 ? [] : [['no estimate', unknownText(planned, isBlind, columns - 16)] as const]),
    ...(growing.length === 0 ? [] : [['not planned', `what ${growing.join(', ')} may add`] as const]),
  ];
  return lines.map(([head, text]) => `${head.padEnd(14)}  ${text}`);
}

function durationText({ estimatedMs, atLeastMs = 0, criticalMs, workers }: ExecutionPlan, isBlind: boolean): string {
  const by = workers === undefined ? '' : ` on ${counted(workers, 'worker')}`;
  if (estimatedMs === undefined) return isBlind || atLeastMs === 0 ? '?' : `at least ${shownDuration(atLeastMs)}${by}`;
  const shortest =
    criticalMs !== undefined && criticalMs < estimatedMs ? `; never under ${shownDuration(criticalMs)}` : '';
  return `${shownDuration(estimatedMs)}${by}${shortest}`;
}

function parallelismText({ parallelism, parallelismBy, peakTasks }: ExecutionPlan): string {
  const how = parallelismBy === 'work' ? 'work by the length of the critical path' : 'tasks by stages';
  return `${parallelism.toFixed(1)} (${how}); ${counted(peakTasks, 'task')} at once at most`;
}

function peakNote({ peakBy, peak }: ExecutionPlan): string {
  return peakBy === 'stages' && Object.keys(peak).length > 0 ? ', if each stage runs at once' : '';
}

function earlierText({ workflow, runs, estimates }: Earlier, { quantile }: ExecutionPlan, db: string): string {
  if (runs === 0) return `no run of "${workflow}" in ${db} has ended`;
  return `${quantile} of ${counted(runs, 'earlier run')} in ${db}, for ${counted(estimates.size, 'task')}`;
}

function unknownText({ unknown, estimatedMs, taskCount }: ExecutionPlan, isBlind: boolean, columns: number): string {
  if (isBlind) return `for any of the ${counted(taskCount, 'task')}: run it, and then plan it with --db`;
  const hold = estimatedMs === undefined ? '' : ' (the duration holds while they fit beside the critical path)';
  return `${listed(unknown, ', ', Math.max(30, columns - hold.length))}${hold}`;
}

/** As many as fit, and how many more. */
function listed(names: readonly string[], between: string, columns: number): string {
  const all = names.join(between);
  if (all.length <= columns) return all;
  let shown = 1;
  while (names.slice(0, shown + 1).join(between).length + 12 <= columns) shown += 1;
  return `${names.slice(0, shown).join(between)}${between}… +${names.length - shown}`;
}

const units: { readonly [resource: string]: string } = {
  cpu: 'cores',
  memoryMb: 'MB of memory',
  diskMb: 'MB of disk',
  networkMbps: 'Mbit/s',
  gpus: 'GPUs',
};

function resourcesText({ named = {}, ...standard }: Resources): string {
  const amounts = [
    ...Object.entries(standard).map(([name, amount]) => `${amount} ${units[name] ?? name}`),
    ...Object.entries(named).map(([name, amount]) => `${amount} ${name}`),
  ];
  return amounts.join(', ');
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
