/** `pawl run FILE`: starts a run and drives it; `pawl resume`: drives runs that are open. */

import { isPawlError, PawlError, type RunId } from '../../base/index.ts';
import { checkStart, createPawl, type Pawl } from '../../create-pawl.ts';
import { startInput } from '../../definition/index.ts';
import { Programs, standOf } from '../../engine/index.ts';
import { systemHasher } from '../../host/index.ts';
import { shownStatus } from '../../kernel/index.ts';
import { type AnyAction, builtInActions, environmentSecrets } from '../../worker/index.ts';
import { loadActions } from '../actions-module.ts';
import { isCodeFile, type LoadedWorkflow, loadCodeFile, loadCodeWorkflows } from '../code-file.ts';
import { exitCodeOf, exitCodes, gravest } from '../exit-code.ts';
import { codecOf } from '../keys.ts';
import { awaitThere, type StartRequest, startThere } from '../owner-runs.ts';
import { Progress } from '../progress.ts';
import { requireActions } from '../required-actions.ts';
import { givenAttributes, readInput } from '../run-input.ts';
import { reportStand } from '../stand-report.ts';
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

export async function run(
  file: string,
  inputs: readonly string[],
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  const { workflow, pinned, code } = await loadWorkflows(file, new Programs(systemHasher()), options.workflow);
  // What code takes is said by a schema, not by a list of names; the run holds the input against it.
  const given = readInput([...options.input, ...inputs], code === undefined ? workflow.definition : undefined);
  const input = startInput(code ?? workflow, given);
  // A file of code brings its own actions, and what it exports beside the workflow may be started by it.
  const files = [...(options.workflows ?? []), ...(isCodeFile(file) ? [file] : [])];
  const actions = await actionsOf({ ...options, workflows: files });
  requireActions([workflow, ...pinned.values()], actions);
  const { id, from } = options;
  const attributes = givenAttributes(options.attribute);
  const named = { ...(id === undefined ? {} : { id }), ...(from === undefined ? {} : { from }), attributes };
  const start = { workflows: pinned, ...named };
  checkStart(workflow, input, start);
  const fault = workflow.inputFault?.(input);
  if (fault !== undefined) throw new PawlError('bad_input', fault);
  // A start that is left to others begins no attempt: it would be cut off at once.
  const detached = options.detach === true ? { concurrency: 0 } : {};
  let pawl: Pawl;
  try {
    pawl = await open({ ...options, ...detached, workflows: files }, actions);
  } catch (error) {
    if (!isPawlError(error) || error.code !== 'file_in_use') throw error;
    const { name, version } = workflow;
    return await runThere({ op: 'start', workflow: name, version, input: given, ...named }, error, options, terminal);
  }
  try {
    const begin = () => pawl.start(code ?? workflow, input, start);
    if (options.detach === true) return await detach(pawl, begin, options, terminal);
    return await watch(pawl, options, terminal, async () => [(await begin()).id]);
  } finally {
    await pawl.close();
  }
}

/** Another process drives the file: it is asked to start the run, where it has the workflow too. */
async function runThere(
  request: StartRequest,
  inUse: PawlError,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  let run: string | undefined;
  try {
    run = await startThere(options.db, request);
  } catch (error) {
    if (!isPawlError(error) || error.code !== 'not_found') throw error;
    throw new PawlError('file_in_use', `${inUse.message}. It cannot start this one: ${error.message}`, {
      details: inUse.details,
    });
  }
  if (run === undefined) throw inUse;
  if (options.detach === true) {
    terminal.out(options.json === true ? JSON.stringify({ id: run, status: 'running' }) : run);
    return exitCodes.succeeded;
  }
  terminal.say(terminal.color.dim(`the process that drives ${options.db} runs it, as ${run}`));
  const stand = await awaitThere(options.db, run, terminal);
  reportStand(stand, options, terminal);
  return exitCodeOf(stand.status);
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

/** The actions this command line allows: the built-in ones, those of its modules, and those of its files of code. */
async function actionsOf({
  actions,
  workflows = [],
  allowShell,
  allowPrivateNetwork,
}: DriveOptions): Promise<AnyAction[]> {
  const own = await loadActions(actions);
  const beside = await Promise.all(workflows.map(loadCodeFile));
  return [
    ...builtInActions({ allowShell: allowShell === true, allowPrivateNetwork: allowPrivateNetwork === true }),
    // The same file may be named for both.
    ...new Set([...own, ...beside.flatMap((file) => file.actions)]),
  ];
}

async function open(
  { db, concurrency, keep, workflows: files = [] }: DriveOptions,
  actions: readonly AnyAction[],
): Promise<Pawl> {
  const secrets = environmentSecrets(process.env);
  const codec = codecOf(process.env);
  const workflows: LoadedWorkflow[] = [];
  for (const file of files) workflows.push(...(await loadCodeWorkflows(file)));
  return await createPawl({
    path: db,
    actions,
    workflows,
    secrets,
    ...(codec === undefined ? {} : { codec }),
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
        for (const state of states) reportStand(standOf(state), options, terminal);
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
