/**
 * Shows what happens to runs while they are driven: a line for each task that starts, is tried again, waits or ends.
 *
 * On a terminal, a status line below says what is under way; it is redrawn in place. Piped, there are only plain lines.
 */

import type { RunId } from '../base/index.ts';
import type { Recorded, RunState, TaskSpec } from '../kernel/index.ts';
import { shownDuration, shownJson } from './shown.ts';
import type { Terminal } from './terminal.ts';

const redrawEveryMs = 100;
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

interface Open {
  readonly run: RunId;
  readonly spec: TaskSpec;
  readonly since: number;
  done: number;
  failed: number;
  isWaiting: boolean;
}

export class Progress {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #open = new Map<string, Open>();
  readonly #runs = new Set<RunId>();
  #footer = false;
  #frame = 0;
  #ticker: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, now: () => number) {
    this.#terminal = terminal;
    this.#now = now;
    if (terminal.isLive) this.#ticker = setInterval(() => this.#redraw(), redrawEveryMs).unref();
  }

  readonly onEvents = (run: RunId, events: readonly Recorded[], state: RunState): void => {
    this.#runs.add(run);
    for (const event of events) this.#show(run, event, state);
  };

  stop(): void {
    clearInterval(this.#ticker);
    this.#clearFooter();
  }

  #show(run: RunId, event: Recorded, state: RunState): void {
    const { color } = this.#terminal;
    switch (event.type) {
      case 'TaskScheduled':
        this.#open.set(`${run} ${event.task}`, {
          run,
          spec: shownSpec(event.spec, state),
          since: event.at,
          done: 0,
          failed: 0,
          isWaiting: false,
        });
        if (event.spec.notBefore !== undefined)
          this.#line(event, run, event.spec, color.dim(`begins in ${shownDuration(event.spec.notBefore - event.at)}`));
        return;
      case 'AttemptStarted': {
        const task = this.#taskOf(run, event.task, state);
        if (task === undefined) return;
        if (event.item === undefined)
          this.#line(
            event,
            run,
            task.spec,
            event.attempt === 1 ? color.dim('started') : color.dim(`started, attempt ${event.attempt}`),
          );
        else if (event.item === 0 && event.attempt === 1)
          this.#line(event, run, task.spec, color.dim(`started, ${(task.spec.input as unknown[]).length} items`));
        return;
      }
      case 'WaitStarted': {
        const task = this.#taskOf(run, event.task, state);
        if (task === undefined) return;
        task.isWaiting = true;
        this.#line(event, run, task.spec, color.cyan(waitText(task.spec, event, run)));
        return;
      }
      case 'ItemEnded': {
        const task = this.#taskOf(run, event.task, state);
        if (task === undefined) return;
        if (event.outcome.status === 'succeeded') task.done += 1;
        else task.failed += 1;
        return;
      }
      case 'RetryScheduled': {
        const task = this.#taskOf(run, event.task, state);
        if (task === undefined) return;
        const why = event.outcome.status === 'failed' ? `: ${oneLine(event.outcome.failure.message)}` : '';
        this.#line(
          event,
          run,
          task.spec,
          color.yellow(`tried again in ${shownDuration(event.notBefore - event.at)}${why}`),
        );
        return;
      }
      case 'AttemptLost': {
        const task = this.#taskOf(run, event.task, state);
        if (task !== undefined && event.item === undefined)
          this.#line(event, run, task.spec, color.yellow('was cut off by a crash; it begins again'));
        return;
      }
      case 'TaskEnded': {
        const task = this.#taskOf(run, event.task, state);
        this.#open.delete(`${run} ${event.task}`);
        if (task === undefined || event.dropped === true) return;
        const took = color.dim(` (${shownDuration(event.at - task.since)})`);
        const { outcome } = event;
        if (outcome.status === 'succeeded') this.#line(event, run, task.spec, color.green('✓ succeeded') + took);
        else if (outcome.status === 'canceled') this.#line(event, run, task.spec, color.yellow('canceled') + took);
        else this.#line(event, run, task.spec, `${color.red('✗ failed')}${took} ${oneLine(outcome.failure.message)}`);
        return;
      }
      case 'FallbackTaken': {
        const task = this.#taskOf(run, event.task, state);
        if (task !== undefined)
          this.#line(event, run, task.spec, color.yellow(`falls back: ${oneLine(event.outcome.failure.message)}`));
        return;
      }
      case 'DecisionAsked': {
        const task = this.#taskOf(run, event.task, state);
        if (task === undefined) return;
        task.isWaiting = true;
        const why = oneLine(event.outcome.failure.message);
        const how = color.cyan(`decide with: pawl decide ${run} ${task.spec.name} retry (or skip, or fail)`);
        this.#line(event, run, task.spec, `${color.red('✗ failed for good:')} ${why}; ${how}`);
        return;
      }
      case 'DecisionTaken': {
        const task = this.#taskOf(run, event.task, state);
        if (task === undefined) return;
        task.isWaiting = false;
        this.#line(event, run, task.spec, color.cyan(`decided: ${event.choice}`));
        return;
      }
      case 'ResultReused': {
        const task = this.#taskOf(run, event.task, state);
        if (task !== undefined)
          this.#line(event, run, task.spec, color.dim(`takes the result of run ${event.from.run}`));
        return;
      }
      case 'RunBlocked':
        this.#print(`${this.#stamp(event)} ${color.red('blocked')}: ${event.reason}${remedyFor(event.reason)}`);
        return;
      case 'RunPaused':
        this.#print(`${this.#stamp(event)} ${color.cyan('paused')}`);
        return;
      case 'RunEnded':
        if (state.parent !== undefined)
          this.#print(`${this.#stamp(event)} ${color.dim(`sub-workflow ${state.workflow} ${event.status}`)}`);
        return;
      default:
        return;
    }
  }

  /** The open task of that number; one that was scheduled before this process is learnt of from the run's state. */
  #taskOf(run: RunId, number: number, state: RunState): Open | undefined {
    const key = `${run} ${number}`;
    const known = this.#open.get(key);
    const open = known === undefined ? state.open.get(number) : undefined;
    if (open === undefined) return known;
    const done = open.items?.status.filter((status) => status === 'succeeded').length ?? 0;
    const learnt: Open = {
      run,
      spec: shownSpec(open.spec, state),
      since: open.since,
      done,
      failed: open.items?.failed ?? 0,
      isWaiting: false,
    };
    this.#open.set(key, learnt);
    return learnt;
  }

  #line(event: Recorded, run: RunId, spec: TaskSpec, text: string): void {
    const name = spec.route === undefined || spec.route === 0 ? spec.name : `${spec.name} #${spec.route}`;
    const prefix = this.#runs.size > 1 ? this.#terminal.color.dim(`${run.slice(-8)} `) : '';
    this.#print(`${this.#stamp(event)} ${prefix}${name.padEnd(18)} ${text}`);
  }

  #stamp(event: Recorded): string {
    return this.#terminal.color.dim(new Date(event.at).toTimeString().slice(0, 8));
  }

  #print(line: string): void {
    this.#clearFooter();
    this.#terminal.say(line);
  }

  #redraw(): void {
    this.#clearFooter();
    const { color, width } = this.#terminal;
    const active = [...this.#open.values()].filter((task) => !task.isWaiting);
    const waiting = this.#open.size - active.length;
    if (this.#open.size === 0) return;
    this.#frame = (this.#frame + 1) % spinner.length;
    const parts = active.map((task) => `${task.spec.name} ${itemText(task)}${shownDuration(this.#now() - task.since)}`);
    if (waiting > 0) parts.push(`${waiting} waiting`);
    const text = `${spinner[this.#frame]} ${parts.join(' · ')}`;
    process.stderr.write(color.dim(text.length > width - 1 ? `${text.slice(0, width - 2)}…` : text));
    this.#footer = true;
  }

  #clearFooter(): void {
    if (!this.#footer) return;
    process.stderr.write('\r\u001B[2K');
    this.#footer = false;
  }
}

function itemText(task: Open): string {
  if (task.spec.kind !== 'items') return '';
  const failed = task.failed > 0 ? `, ${task.failed} failed` : '';
  return `${task.done}/${(task.spec.input as unknown[]).length}${failed} `;
}

function waitText(spec: TaskSpec, event: Recorded & { type: 'WaitStarted' }, run: RunId): string {
  const until = event.dueAt === undefined ? '' : `, at most ${shownDuration(event.dueAt - event.at)}`;
  const kind = spec.kind === 'items' ? spec.each : spec.kind;
  switch (kind) {
    case 'sleep':
      return `sleeps ${event.dueAt === undefined ? '' : shownDuration(event.dueAt - event.at)}`;
    case 'ask':
      return `asks ${shownJson(spec.input)}${until}; answer with: pawl answer ${run} ${spec.name} '{"approved": true}'`;
    case 'receive':
      return `waits for signal "${event.signal}"${until}`;
    default:
      return 'runs a sub-workflow';
  }
}

/** The route is of flows; other styles put a number of their own there. */
function shownSpec(spec: TaskSpec, state: RunState): TaskSpec {
  return state.style === 'flow' ? spec : { ...spec, route: 0 };
}

/** What lets a blocked run go on, to be put behind the reason; nothing where the reason says it itself. */
export function remedyFor(reason: string): string {
  if (reason.startsWith('the code of')) return ', and resume';
  if (/^the (?:workflow|function)/.test(reason)) return '; give the file that defines it with --workflows, and resume';
  return reason.includes('"core.local')
    ? '; allow shell commands with --allow-shell, and resume'
    : '; give the module that defines it with --actions, and resume';
}

function oneLine(text: string): string {
  const [first = ''] = text.split('\n');
  return first.length > 200 ? `${first.slice(0, 200)}…` : first;
}
