/** Shows runs as they move: a line for each thing that happens to one, with the run in front. */

import type { RunId } from '../../base/index.ts';
import type { Recorded, RunState } from '../../kernel/index.ts';
import { shownDuration, shownJson } from '../shown.ts';
import type { Terminal } from '../terminal.ts';

const textMost = 200;

export class RunLines {
  readonly #terminal: Terminal;
  /** When the open tasks of runs began, and what they are called. */
  readonly #tasks = new Map<string, { readonly name: string; readonly since: number }>();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  readonly onEvents = (run: RunId, events: readonly Recorded[], state: RunState): void => {
    for (const event of events) {
      const text = this.#textOf(run, event, state);
      if (text === undefined) continue;
      const { color } = this.#terminal;
      const stamp = color.dim(new Date(event.at).toTimeString().slice(0, 8));
      this.#terminal.say(`${stamp} ${color.bold(run)} ${text}`);
    }
  };

  /** Takes in what the open tasks of a run are called. */
  learn(state: RunState): void {
    for (const task of state.open.values())
      this.#tasks.set(`${state.id} ${task.task}`, { name: task.spec.name, since: task.since });
  }

  #textOf(run: RunId, event: Recorded, state: RunState): string | undefined {
    const { color } = this.#terminal;
    switch (event.type) {
      case 'RunStarted':
        return `${color.cyan(`${state.workflow} started`)} ${color.dim(short(shownJson(state.input)))}`;
      case 'TaskScheduled':
        this.#tasks.set(`${run} ${event.task}`, { name: event.spec.name, since: event.at });
        return undefined;
      case 'WaitStarted':
        return color.cyan(this.#waitText(run, event, state));
      case 'TaskEnded': {
        const task = this.#taskOf(run, event.task, state);
        this.#tasks.delete(`${run} ${event.task}`);
        if (event.dropped === true) return undefined;
        const took = color.dim(`(${shownDuration(event.at - task.since)})`);
        const { outcome } = event;
        if (outcome.status === 'succeeded') return `${task.name} ${color.green('✓')} ${took}`;
        if (outcome.status === 'canceled') return `${task.name} ${color.yellow('canceled')} ${took}`;
        return `${task.name} ${color.red('✗')} ${took} ${short(outcome.failure.message)}`;
      }
      case 'RetryScheduled': {
        const why = event.outcome.status === 'failed' ? `: ${short(event.outcome.failure.message)}` : '';
        const { name } = this.#taskOf(run, event.task, state);
        return color.yellow(`${name} is tried again in ${shownDuration(event.notBefore - event.at)}${why}`);
      }
      case 'AttemptLost':
        return color.yellow(`${this.#taskOf(run, event.task, state).name} was cut off; it begins again`);
      case 'DecisionAsked': {
        const { name } = this.#taskOf(run, event.task, state);
        return `${name} ${color.red('✗ failed for good')}; ${color.cyan(`pawl decide ${run} ${name} retry (or skip, or fail)`)}`;
      }
      case 'SignalReceived':
        return color.cyan(`signal ${event.name}`);
      case 'CancelRequested':
        return color.yellow('is being canceled');
      case 'RunPaused':
        return color.cyan('paused');
      case 'RunBlocked':
        return `${color.red('blocked')}: ${event.reason}${remedyHere(event.reason)}`;
      case 'RunEnded':
        return this.#endText(event, state);
      default:
        return undefined;
    }
  }

  #endText(event: Recorded & { type: 'RunEnded' }, state: RunState): string {
    const { color } = this.#terminal;
    const paint = event.status === 'succeeded' ? color.green : event.status === 'failed' ? color.red : color.yellow;
    const took = `in ${shownDuration(event.at - state.startedAt)}`;
    const [error] = state.errors.list;
    const why = event.status === 'failed' && error !== undefined ? `: ${short(error.message)}` : '';
    const output = state.output === null ? '' : ` ${color.dim(short(shownJson(state.output)))}`;
    return `${paint(`${state.workflow} ${event.status}`)} ${took}${why}${output}`;
  }

  #waitText(run: RunId, event: Recorded & { type: 'WaitStarted' }, state: RunState): string {
    const spec = state.open.get(event.task)?.spec;
    const until = event.dueAt === undefined ? '' : `, at most ${shownDuration(event.dueAt - event.at)}`;
    switch (spec?.kind === 'items' ? spec.each : spec?.kind) {
      case 'sleep':
        return `sleeps ${event.dueAt === undefined ? '' : shownDuration(event.dueAt - event.at)}`;
      case 'ask':
        return `asks ${short(shownJson(spec?.input ?? null))}${until}; pawl answer ${run} ${spec?.name} '…'`;
      case 'receive':
        return `waits for signal "${event.signal}"${until}`;
      case 'workflow':
        return `waits for its sub-workflow "${spec?.name}"`;
      default:
        return 'waits';
    }
  }

  #taskOf(run: RunId, number: number, state: RunState): { readonly name: string; readonly since: number } {
    const known = this.#tasks.get(`${run} ${number}`);
    const open = known === undefined ? state.open.get(number) : undefined;
    return known ?? { name: open?.spec.name ?? `task ${number}`, since: open?.since ?? state.startedAt };
  }
}

/** What lets a blocked run go on here; nothing where the reason says it itself. */
function remedyHere(reason: string): string {
  if (reason.startsWith('the code of')) return '';
  if (reason.includes('"core.local')) return '; allow shell commands with --allow-shell';
  return '; export it from a file of the folder, and it goes on';
}

function short(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > textMost ? `${line.slice(0, textMost)}…` : line;
}
