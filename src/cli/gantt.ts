/**
 * A plan as bars over time, one line a task: full where it is critical, lighter elsewhere, dots for slack, `?` where an
 * estimate is missing. Without any estimate the bars stand in columns, one for each stage.
 */

import type { ExecutionPlan, PlannedTask } from '../definition/index.ts';
import { shownDuration } from './shown.ts';
import type { Terminal } from './terminal.ts';

const rowsMax = 60;
const nameColumnsMax = 24;
const stageColumnsMax = 12;

/** No line is longer than `columns`, of which there are 20 at least, colours not counted. */
export function gantt(plan: ExecutionPlan, columns: number, color: Terminal['color']): string[] {
  const tasks = plan.stages.flatMap(({ number, tasks: all }) => all.map((task) => ({ task, stage: number })));
  if (tasks.length === 0) return [];
  const longestName = tasks.reduce((most, { task }) => Math.max(most, task.name.length), 0);
  const nameColumns = Math.min(nameColumnsMax, Math.floor(columns / 3), longestName);
  const room = columns - nameColumns - 2;
  const isByStages = plan.unknown.length === plan.taskCount || lastEnd(plan) === 0;
  const ordered = isByStages ? tasks : tasks.toSorted((a, b) => placeOf(a.task) - placeOf(b.task));
  const bars = isByStages ? stageBars(plan, room) : timeBars(plan, room);
  const lines = ordered.slice(0, rowsMax).map(({ task, stage }) => {
    const { before, bar, after } = bars.of(task, stage);
    const painted = task.critical ? color.yellow(bar) : color.cyan(bar);
    return `${fitted(task.name, nameColumns)}  ${' '.repeat(before)}${painted}${color.dim(after)}`.trimEnd();
  });
  if (ordered.length > rowsMax) lines.push(`… and ${ordered.length - rowsMax} more`);
  return [...lines, color.dim(`${' '.repeat(nameColumns)}  ${bars.axis}`).trimEnd()];
}

interface Bars {
  of(task: PlannedTask, stage: number): { before: number; bar: string; after: string };
  readonly axis: string;
}

function timeBars(plan: ExecutionPlan, room: number): Bars {
  const end = lastEnd(plan);
  const column = (ms: number): number => Math.min(room, Math.round((ms / end) * room));
  return {
    of: (task) => {
      // Room for one sign is kept for a task that starts as all else ends.
      const before = Math.min(room - 1, column(placeOf(task)));
      if (task.estimateMs === undefined) return { before, bar: '?', after: '' };
      const over = placeOf(task) + task.estimateMs;
      const width = Math.max(1, column(over) - before);
      const slackEnd = plan.workers === undefined ? column(over + (task.slackMs ?? 0)) : 0;
      return {
        before,
        bar: (task.critical ? '█' : '▒').repeat(width),
        after: '·'.repeat(Math.max(0, slackEnd - before - width)),
      };
    },
    axis: axisOf(['0', shownDuration(end / 2), shownDuration(end)], room),
  };
}

function stageBars(plan: ExecutionPlan, room: number): Bars {
  const count = plan.stages.length;
  const wide = Math.min(stageColumnsMax, Math.floor(room / count));
  // More stages than columns: several share one.
  const column = (stage: number): number => (wide > 0 ? stage * wide : Math.floor((stage * room) / count));
  return {
    of: (task, stage) => ({
      before: column(stage - 1),
      bar: (task.critical ? '█' : '▒').repeat(Math.max(1, column(stage) - column(stage - 1) - (wide > 2 ? 1 : 0))),
      after: '',
    }),
    axis: wide > String(count).length ? stageNumbers(count, wide) : axisOf(['stage 1', `stage ${count}`], room),
  };
}

function stageNumbers(count: number, columns: number): string {
  const texts = Array.from({ length: count }, (_, at) => String(at + 1));
  if (columns > 'stage 1'.length) texts[0] = 'stage 1';
  return texts.map((text) => text.padEnd(columns)).join('');
}

/** Texts spread over the room, the first at its start, the last at its end. */
function axisOf(texts: readonly string[], room: number): string {
  let line = '';
  texts.forEach((text, at) => {
    const middle = Math.round((room * at) / (texts.length - 1));
    const start = at === 0 ? 0 : at === texts.length - 1 ? room - text.length : middle - (text.length >> 1);
    if (start > line.length || at === 0) line = line.padEnd(start) + text;
  });
  return line;
}

/** When it starts, or where that is not known, when it may at the soonest. */
function placeOf(task: PlannedTask): number {
  return task.startMs ?? task.soonestMs;
}

function lastEnd(plan: ExecutionPlan): number {
  let end = plan.estimatedMs ?? plan.atLeastMs ?? 0;
  for (const { tasks } of plan.stages)
    for (const task of tasks) end = Math.max(end, placeOf(task) + (task.estimateMs ?? 0));
  return end;
}

function fitted(name: string, columns: number): string {
  return name.length > columns ? `${name.slice(0, columns - 1)}…` : name.padEnd(columns);
}
