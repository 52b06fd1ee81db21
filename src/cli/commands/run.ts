/** `pawl run FILE`: starts a run and drives it; `pawl resume`: drives runs that are open. */

import { type Json, PawlError, type RunId } from '../../base/index.ts';
import { checkStart, createPawl, type Pawl } from '../../create-pawl.ts';
import { Programs, type RunResult } from '../../engine/index.ts';
import { systemHasher } from '../../host/index.ts';
import { isFinal, type RunState, shownStatus } from '../../kernel/index.ts';
import { type AnyAction, builtInActions, environmentSecrets } from '../../worker/index.ts';
import { loadActions } from '../actions-module.ts';
import { loadCodeFile } from '../code-file.ts';
import { exitCodeOf, exitCodes, gravest } from '../exit-code.ts';
import { Progress, remedyFor } from '../progress.ts';
import { requireActions } from '../required-actions.ts';
import { givenAttributes, readInput } from '../run-input.ts';
import { shownDuration } from '../shown.ts';
import { askStore } from '../store-access.ts';
import type { Terminal } from '../terminal.ts';
import { loadWorkflows } from '../workflow-file.ts';
import { handOver } from './control.ts';

export interface DriveOptions {
  readonly db: string;
  readonly actions: readonly string[];
  readonly allowShell?: boolean;
  readonly allowPrivateNetwork?: boolean;
  readonly concurrency?: number;
  readonly keep?: string;
  /** Files with workflows in code whose runs may go on. */
  readonly workflows?: readonly string[];
  readonly json?: boolean;
}

export interface RunOptions extends DriveOptions {
  readonly input: readonly string[];
  readonly id?: string;
  readonly attribute: readonly string[];
  readonly from?: readonly string[];
  readonly detach?: boolean;
  readonly workflow?: string;
}

export async function run(file: string, options: RunOptions, terminal: Terminal): Promise<number> {
  const { workflow, pinned, code } = await loadWorkflows(file, new Programs(systemHasher()), options.workflow);
  // What code takes is said by a schema, not by a list of names; the run holds the input against it.
  const input = readInput(options.input, code === undefined ? workflow.definition : undefined);
  const actions = await actionsOf(options);
  requireActions([workflow, ...pinned.values()], actions);
  const { id, from } = options;
  const start = {
    attributes: givenAttributes(options.attribute),
    workflows: pinned,
    ...(id === undefined ? {} : { id }),
    ...(from === undefined ? {} : { from }),
  };
  checkStart(workflow, input, start);
  // A start that is left to others begins no attempt: it would be cut off at once.
  // A function may call the others of its file.
  const workflows = [...(options.workflows ?? []), ...(code?.definition.style === 'function' ? [file] : [])];
  const detached = options.detach === true ? { concurrency: 0 } : {};
  const pawl = await open({ ...options, ...detached, workflows }, actions);
  try {
    if (options.detach === true)
      return await detach(pawl, () => pawl.start(code ?? workflow, input, start), options, terminal);
    return await watch(pawl, options, terminal, async () => [(await pawl.start(code ?? workflow, input, start)).id]);
  } finally {
    await pawl.close();
  }
}

export async function resume(runs: readonly string[], options: DriveOptions, terminal: Terminal): Promise<number> {
  let pawl: Pawl;
  try {
    pawl = await open(options, await actionsOf(options));
  } catch (error) {
    if (!(error instanceof PawlError) || error.code !== 'file_in_use') throw error;
    return (await handOver(runs, options, terminal, askStore)) ?? exitCodes.internal;
  }
  try {
    return await watch(pawl, options, terminal, () => takeUp(pawl, runs));
  } finally {
    await pawl.close();
  }
}

/** The actions this command line allows: the built-in ones, and those of its modules. */
async function actionsOf({ actions, allowShell, allowPrivateNetwork }: DriveOptions): Promise<AnyAction[]> {
  const own = await loadActions(actions);
  return [
    ...builtInActions({ allowShell: allowShell === true, allowPrivateNetwork: allowPrivateNetwork === true }),
    ...own,
  ];
}

async function open(
  { db, concurrency, keep, workflows: files = [] }: DriveOptions,
  actions: readonly AnyAction[],
): Promise<Pawl> {
  const secrets = environmentSecrets(process.env);
  const workflows = (await Promise.all(files.map(loadCodeFile))).flat();
  return await createPawl({
    path: db,
    actions,
    workflows,
    secrets,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(keep === undefined ? {} : { retention: { after: keep } }),
  });
}

async function detach(
  pawl: Pawl,
  start: () => Promise<{ id: RunId }>,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  const { id } = await start();
  terminal.out(options.json === true ? JSON.stringify({ id, status: (await pawl.handle(id).state()).status }) : id);
  return exitCodes.succeeded;
}

/** Takes up the open runs of the file, or those named; answers their ids. */
async function takeUp(pawl: Pawl, runs: readonly string[]): Promise<RunId[]> {
  if (runs.length === 0) {
    const rows = await pawl.store.open();
    await pawl.resume('all');
    return rows.map((row) => row.run);
  }
  for (const name of runs) {
    const state = await pawl.handle(name).state();
    if (state.status === 'paused' || state.status === 'pausing') await pawl.handle(name).resume();
  }
  await pawl.resume(runs);
  return runs.map((name) => pawl.handle(name).id);
}

/** Drives until nothing here can move any more, showing what happens; answers the exit code. */
async function watch(
  pawl: Pawl,
  options: DriveOptions,
  terminal: Terminal,
  begin: () => Promise<readonly RunId[]>,
): Promise<number> {
  const progress = options.json === true ? undefined : new Progress(terminal, () => Date.now());
  if (progress !== undefined) pawl.subscribe(progress.onEvents);
  const interrupt = onInterrupt();
  try {
    const runs = await Promise.race([begin(), interrupt.asked]);
    if (runs !== 'interrupted') {
      const ended = await Promise.race([pawl.engine.quiet(), interrupt.asked]);
      if (ended !== 'interrupted') {
        progress?.stop();
        const states = await Promise.all(runs.map((id) => pawl.handle(id).state()));
        for (const state of states) report(state, options, terminal);
        return gravest(
          states.map((state) => exitCodeOf(state.status === 'running' ? shownStatus(state) : state.status)),
        );
      }
    }
    progress?.stop();
    terminal.say('stopping: running tasks have 10 s to finish; again to stop at once. `pawl resume` goes on later');
    await Promise.race([pawl.close(10_000), interrupt.again]);
    return exitCodes.interrupted;
  } finally {
    progress?.stop();
    interrupt.forget();
  }
}

function onInterrupt(): { asked: Promise<'interrupted'>; again: Promise<void>; forget(): void } {
  let first: (value: 'interrupted') => void;
  let second: () => void;
  const asked = new Promise<'interrupted'>((resolve) => {
    first = resolve;
  });
  const again = new Promise<void>((resolve) => {
    second = resolve;
  });
  let count = 0;
  const listener = (): void => {
    count += 1;
    if (count === 1) first('interrupted');
    else {
      second();
      process.exit(exitCodes.interrupted);
    }
  };
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return { asked, again, forget: () => void process.off('SIGINT', listener).off('SIGTERM', listener) };
}

/** How a run stands when its command leaves. */
function report(state: RunState, options: DriveOptions, terminal: Terminal): void {
  const status = shownStatus(state);
  if (options.json === true) {
    terminal.out(JSON.stringify(resultJson(state, status)));
    return;
  }
  const { color } = terminal;
  const took = state.endedAt === undefined ? '' : ` in ${shownDuration(state.endedAt - state.startedAt)}`;
  const paint = status === 'succeeded' ? color.green : status === 'failed' ? color.red : color.cyan;
  terminal.say(`${paint(color.bold(status))}${took}  ${color.dim(`run ${state.id} in ${options.db}`)}`);
  for (const error of state.errors.list) {
    if (status === 'succeeded') break;
    terminal.say(`  ${color.red('✗')} ${error.task === undefined ? '' : `${error.task}: `}${error.message}`);
  }
  if (state.blocked !== undefined) terminal.say(`  ${state.blocked}; ${remedyFor(state.blocked)}, and resume`);
  else if (!isFinal(state.status)) terminal.say(color.dim(`  pawl show ${state.id} says what it waits for`));
  if (state.output !== null) terminal.out(JSON.stringify(state.output, null, 2));
}

function resultJson(state: RunState, status: string): RunResult & { id: RunId; [key: string]: unknown } {
  const output: Json = state.output;
  return { id: state.id, run: state.id, workflow: state.workflow, status, output, errors: state.errors.list };
}
