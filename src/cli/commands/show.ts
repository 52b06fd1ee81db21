/** Commands that only read: runs, show, history, logs. They work beside the process that drives the file. */

import { type Attributes, isJsonObject, type Json, type JsonObject } from '../../base/index.ts';
import type { Recorded, RunView, TaskView } from '../../kernel/index.ts';
import { attributesWhere, listQuery, type RunFilterStatus } from '../../run-filter.ts';
import { exitCodes } from '../exit-code.ts';
import { read, requireRunId } from '../read-store.ts';
import { shownDuration, shownJson, shownTime } from '../shown.ts';
import { readFromOwner } from '../store-access.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { toldHistory, toldView } from '../told-by-owner.ts';

export interface ReadOptions {
  readonly db: string;
  readonly json?: boolean;
}

export interface RunsOptions extends ReadOptions {
  readonly status?: readonly RunFilterStatus[];
  readonly workflow?: string;
  readonly where?: readonly string[];
  readonly startedAfter?: string;
  readonly startedBefore?: string;
  readonly parent?: string;
  readonly limit: number;
}

export async function runs(options: RunsOptions, terminal: Terminal): Promise<number> {
  const { status, workflow, where = [], startedAfter, startedBefore, parent, limit } = options;
  const query = listQuery({
    limit,
    attributes: attributesWhere(where),
    ...(status === undefined ? {} : { status }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(startedAfter === undefined ? {} : { startedAfter }),
    ...(startedBefore === undefined ? {} : { startedBefore }),
    ...(parent === undefined ? {} : { parent }),
  });
  const { rows, unreadable } = await read(options.db, async (reader) => ({
    rows: (await reader.find(query)).rows,
    unreadable: await reader.unreadable(),
  }));
  if (options.json === true) {
    const broken = unreadable.map(({ run, reason }) => ({ id: run, status: 'quarantined', reason }));
    terminal.out(JSON.stringify([...rows.map(({ run, ...row }) => ({ id: run, ...row })), ...broken]));
    return exitCodes.succeeded;
  }
  if (rows.length === 0 && unreadable.length === 0) terminal.say(`no runs in ${options.db}`);
  const now = Date.now();
  const lines = rows.map((row) => [
    row.run,
    row.workflow,
    paint(row.status, terminal),
    shownTime(row.createdAt, now),
    row.endedAt === undefined ? '' : shownDuration(row.endedAt - row.createdAt),
    row.dueAt === undefined ? '' : shownTime(row.dueAt, now),
    attributesText(row.attributes),
  ]);
  for (const { run, reason } of unreadable)
    lines.push([run, '', terminal.color.red('quarantined'), '', '', reason, '']);
  const heads = ['RUN', 'WORKFLOW', 'STATUS', 'STARTED', 'TOOK', 'DUE'];
  const hasAttributes = rows.some(({ attributes }) => attributes !== undefined);
  const shown = hasAttributes ? lines : lines.map((line) => line.slice(0, heads.length));
  if (lines.length > 0)
    for (const line of table(hasAttributes ? [...heads, 'ATTRIBUTES'] : heads, shown)) terminal.out(line);
  return exitCodes.succeeded;
}

export async function show(run: string, options: ReadOptions, terminal: Terminal): Promise<number> {
  const id = requireRunId(run);
  // Whoever drives the run has all that reads it at hand; loading that here takes longer than the rest of the command.
  const reply = await readFromOwner(options.db, { op: 'show', run: id });
  const told = reply?.ok === true ? toldView(reply) : undefined;
  const view = told ?? (await (await readingRuns()).readRun(options.db, id)).view;
  if (options.json === true) terminal.out(JSON.stringify(view));
  else showView(view, terminal);
  return exitCodes.succeeded;
}

export async function history(run: string, options: ReadOptions, terminal: Terminal): Promise<number> {
  const id = requireRunId(run);
  const reply = await readFromOwner(options.db, { op: 'history', run: id });
  const told = reply?.ok === true ? toldHistory(reply) : undefined;
  const events = told ?? (await (await readingRuns()).readHistory(options.db, id));
  events.forEach((event, index) => {
    if (options.json === true) terminal.out(JSON.stringify({ revision: index + 1, ...event }));
    else terminal.out(historyLine(event, index + 1, terminal));
  });
  return exitCodes.succeeded;
}

export async function checkpoints(run: string, options: ReadOptions, terminal: Terminal): Promise<number> {
  const points = await (await readingRuns()).readCheckpoints(options.db, requireRunId(run));
  if (options.json === true) {
    terminal.out(JSON.stringify(points));
    return exitCodes.succeeded;
  }
  const lines = points.map(({ revision, at, happened, final }) => [
    String(revision),
    new Date(at).toISOString().slice(11, 23),
    oneLine(happened.join(', ')) || terminal.color.dim('·'),
    final ? terminal.color.dim('ended: no fork from here') : '',
  ]);
  for (const line of table(['EVENT', 'AT', 'WHAT HAPPENED', ''], lines)) terminal.out(line);
  return exitCodes.succeeded;
}

const readingRuns = () => import('../read-run.ts');

export async function logs(
  run: string,
  task: string,
  options: ReadOptions & { attempt?: number; item?: number },
  terminal: Terminal,
): Promise<number> {
  const { view } = await (await readingRuns()).readRun(options.db, requireRunId(run));
  return await read(options.db, async (reader) => {
    const wanted = view.tasks.filter((one) => one.name === task || String(one.task) === task);
    if (wanted.length === 0) {
      const names = [...new Set(view.tasks.map((one) => one.name))].join(', ');
      terminal.say(`run ${run} has no task "${task}"${names === '' ? '' : `; it has ${names}`}`);
      return exitCodes.badInput;
    }
    const { attempt, item } = options;
    for (const one of wanted) {
      for (let after = 0; ; ) {
        const query = {
          after,
          limit: 500,
          ...(attempt === undefined ? {} : { attempt }),
          ...(item === undefined ? {} : { item }),
        };
        const chunks = await reader.logs(requireRunId(run), one.task, query);
        for (const chunk of chunks) {
          if (options.json === true) terminal.out(JSON.stringify(chunk));
          else if (chunk.note !== undefined) terminal.say(terminal.color.dim(`[${chunk.note}] ${chunk.text}`));
          else terminal.write(chunk.text);
        }
        const last = chunks[chunks.length - 1];
        if (last === undefined || chunks.length < 500) break;
        after = last.sequence;
      }
    }
    return exitCodes.succeeded;
  });
}

function showView(view: RunView, terminal: Terminal): void {
  const { color } = terminal;
  const now = Date.now();
  const took =
    view.endedAt === undefined
      ? `for ${shownDuration(now - view.startedAt)}`
      : `in ${shownDuration(view.endedAt - view.startedAt)}`;
  terminal.out(
    `${color.bold(view.id)}  ${view.workflow}  ${paint(view.status, terminal)} ${color.dim(took)}${view.epoch > 0 ? color.dim(`, rerun ${view.epoch}`) : ''}`,
  );
  if (view.parent !== undefined) terminal.out(`sub-workflow of ${view.parent}`);
  if (view.blocked !== undefined) terminal.out(color.red(`blocked: ${view.blocked}`));
  if (view.reason !== undefined) terminal.out(`reason: ${view.reason}`);
  if (Object.keys((view.input ?? {}) as object).length > 0) terminal.out(`input   ${shownJson(view.input)}`);
  if (Object.keys(view.attributes).length > 0) terminal.out(`found by ${attributesText(view.attributes)}`);
  if (view.output !== null) terminal.out(`output  ${shownJson(view.output)}`);
  for (const error of view.errors) {
    terminal.out(
      `${color.red('error')}   ${error.task === undefined ? '' : `${error.task}: `}${error.message}${error.result === undefined || error.result === null ? '' : `: ${shownJson(error.result)}`}`,
    );
  }
  if (view.tasks.length > 0) {
    terminal.out('');
    const lines = view.tasks.map((task) => taskLine(task, now, terminal));
    for (const line of table(['#', 'TASK', 'STATUS', 'TRIES', 'BEGAN', 'TOOK', ''], lines)) terminal.out(line);
  }
  for (const line of waitLines(view)) terminal.out(line);
}

/** `customer=c1 amount=12`: text that is one word stands without quotes. */
function attributesText(attributes: Attributes = {}): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${/^[\w.:@/-]+$/.test(String(value)) ? value : JSON.stringify(value)}`)
    .join(' ');
}

function taskLine(task: TaskView, now: number, terminal: Terminal): string[] {
  const took = task.startedAt === undefined ? '' : shownDuration((task.endedAt ?? now) - task.startedAt);
  const name = task.route === 0 ? task.name : `${task.name} #${task.route}`;
  const detail = [
    itemsText(task),
    task.reusedFrom === undefined ? '' : `result of run ${task.reusedFrom}`,
    task.fellBack ? 'fallback' : '',
    waitingText(task, now),
    task.failure === undefined || task.asksForDecision ? '' : oneLine(task.failure.message),
  ]
    .filter((text) => text !== '')
    .join('; ');
  return [
    String(task.task),
    name,
    paint(task.status, terminal),
    String(task.attempts),
    shownTime(task.startedAt ?? task.scheduledAt, now),
    took,
    detail,
  ];
}

function itemsText(task: TaskView): string {
  if (task.items === undefined) return '';
  const { count, succeeded, failed, running } = task.items;
  return `${succeeded}/${count} items${failed > 0 ? `, ${failed} failed` : ''}${running > 0 ? `, ${running} running` : ''}`;
}

function waitingText(task: TaskView, now: number): string {
  if (task.status !== 'waiting' && task.status !== 'retrying') return '';
  const until = task.dueAt === undefined ? '' : `until ${shownTime(task.dueAt, now)}`;
  if (task.signal !== undefined) return `waits for signal "${task.signal}" ${until}`.trim();
  if (task.asksForDecision) return `failed for good: \`pawl decide RUN ${task.name} retry\`, \`skip\` or \`fail\``;
  if (task.action === 'core.ask') return `waits for an answer: ${shownJson(task.input)} ${until}`.trim();
  if (task.action === 'core.workflow') return 'waits for its sub-workflow';
  return until;
}

/** Joins that wait for more, and signals nobody has taken. */
function waitLines(view: RunView): string[] {
  const lines: string[] = [];
  const program = isJsonObject(view.program) ? view.program : {};
  for (const staged of (program.staged ?? []) as readonly {
    task: string;
    ready: boolean;
    arrived: string[];
    needs?: number;
    of?: string[];
  }[]) {
    if (staged.ready) lines.push(`ready   ${staged.task}`);
    else if (staged.needs !== undefined) {
      lines.push(
        `join    ${staged.task} needs ${staged.needs} of ${staged.of?.join(', ')}; arrived: ${staged.arrived.join(', ')}`,
      );
    }
  }
  lines.push(...graphLines(program));
  for (const [name, count] of Object.entries(view.signals)) lines.push(`signal  ${count} "${name}" not taken yet`);
  return lines.length === 0 ? lines : ['', ...lines];
}

/** What a dependency graph waits for, and what of it will not run. */
function graphLines(program: JsonObject): string[] {
  const waiting = (program.waiting ?? []) as readonly { task: string; needs: readonly string[] }[];
  const skipped = (program.skipped ?? []) as readonly string[];
  return [
    ...waiting.map(({ task, needs }) => `waits   ${task} needs ${needs.join(', ')}`),
    ...(skipped.length === 0 ? [] : [`skipped ${skipped.join(', ')}`]),
  ];
}

function historyLine(event: Recorded, revision: number, terminal: Terminal): string {
  const { type, at, ...fields } = event;
  const time = new Date(at).toISOString().slice(11, 23);
  const text = shortJson(fields as unknown as Json);
  return `${terminal.color.dim(`${String(revision).padStart(5)} ${time}`)}  ${type.padEnd(16)} ${terminal.color.dim(text)}`;
}

function shortJson(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}

function paint(status: string, terminal: Terminal): string {
  const { color } = terminal;
  if (status === 'succeeded') return color.green(status);
  if (status === 'failed' || status === 'failing' || status === 'quarantined' || status === 'blocked')
    return color.red(status);
  if (status === 'running' || status === 'ready') return color.cyan(status);
  return color.yellow(status);
}

function oneLine(text: string): string {
  const [first = ''] = text.split('\n');
  return first.length > 120 ? `${first.slice(0, 119)}…` : first;
}
