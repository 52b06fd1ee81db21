/**
 * The process that `pawl dev` keeps: it loads the folder, drives its runs, and shows them as they move.
 *
 * D1. It leaves when it is told to, and when the one who keeps it is gone: a channel between the two closes with either.
 * D2. Ctrl-C reaches both processes of a terminal; this one leaves it to the other, which says when to stop.
 * D3. With a fault in any file it drives nothing: half a folder would set runs of the other half aside.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { isPawlError } from '../../base/index.ts';
import { createPawl, type Pawl } from '../../create-pawl.ts';
import { Programs } from '../../engine/index.ts';
import { systemHasher } from '../../host/index.ts';
import { builtInActions, environmentSecrets } from '../../worker/index.ts';
import { exitCodes } from '../exit-code.ts';
import { codecOf } from '../keys.ts';
import type { Terminal } from '../terminal.ts';
import { type FolderWorkflows, loadFolder } from './folder-workflows.ts';
import { isStop, type Told } from './messages.ts';
import { RunLines } from './run-lines.ts';
import { readTree } from './source-folder.ts';

export interface DriverOptions {
  readonly db: string;
  readonly allowShell?: boolean;
  readonly allowPrivateNetwork?: boolean;
  readonly concurrency?: number;
}

/** Whoever held the file before may still be letting go of it: the driver before this one, or a command from another terminal. */
const openTries = 100;
const openPauseMs = 50;
/** Runs of an earlier process whose tasks are looked up, to be called by their names. */
const learntMost = 100;

/** Drives the runs of the folder until it is told to stop, and ends the process: timers and servers of the folder's code do not hold it. */
export async function drive(folder: string, options: DriverOptions, terminal: Terminal): Promise<never> {
  const code = await driven(folder, options, terminal);
  // What was written last gets out first.
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  return process.exit(code);
}

async function driven(folder: string, options: DriverOptions, terminal: Terminal): Promise<number> {
  const stopped = toldToStop();
  const found = await loadFolder(folder, readTree(folder), new Programs(systemHasher()));
  if (found.faults.length > 0) return await leave({ type: 'faulty', faults: found.faults }, exitCodes.badInput);
  const pawl = await opened(found, options);
  if ('faults' in pawl) return await leave({ type: 'faulty', faults: pawl.faults }, exitCodes.badInput);
  for (const one of found.documents) pawl.offer(one.workflow, one.pinned);
  const lines = new RunLines(terminal);
  pawl.subscribe(lines.onEvents);
  sayWhatIsThere(found, options, terminal);
  const open = await openRuns(pawl, terminal);
  await pawl.resume();
  // What ends next may have begun before this process.
  for (const run of open) lines.learn(await pawl.handle(run).state());
  tell({ type: 'driving' });
  await pawl.close(await stopped);
  return exitCodes.succeeded;
}

async function opened(
  { code, actions }: FolderWorkflows,
  options: DriverOptions,
): Promise<Pawl | { readonly faults: readonly string[] }> {
  const { db, allowShell, allowPrivateNetwork, concurrency } = options;
  const builtIn = builtInActions({
    allowShell: allowShell === true,
    allowPrivateNetwork: allowPrivateNetwork === true,
  });
  const codec = codecOf(process.env);
  for (let tries = 1; ; tries += 1) {
    try {
      return await createPawl({
        path: db,
        actions: [...builtIn, ...actions],
        workflows: code,
        secrets: environmentSecrets(process.env),
        ...(codec === undefined ? {} : { codec }),
        ...(concurrency === undefined ? {} : { concurrency }),
      });
    } catch (error) {
      if (!isPawlError(error)) throw error;
      if (error.code !== 'file_in_use' || tries >= openTries) return { faults: [error.message] };
      await delay(openPauseMs);
    }
  }
}

function sayWhatIsThere(found: FolderWorkflows, { db }: DriverOptions, terminal: Terminal): void {
  const { color } = terminal;
  const names = [...found.files].map(([name, file]) => `${color.bold(name)} ${color.dim(`(${file})`)}`);
  if (names.length === 0)
    terminal.say('no workflow here yet: export what `workflow(name, …)` gives from a file that imports pawl');
  else terminal.say(`driving ${names.join(', ')} over ${db}`);
  if (found.actions.length > 0)
    terminal.say(color.dim(`actions: ${found.actions.map((action) => action.name).join(', ')}`));
  for (const file of found.engines)
    terminal.say(color.dim(`${file} is not loaded: it calls createPawl, and here the engine is that of pawl dev`));
}

/** Says which runs are open; answers those that are shown by the names of their tasks. */
async function openRuns(pawl: Pawl, terminal: Terminal): Promise<string[]> {
  const open = (await pawl.store.open()).map((row) => row.run);
  if (open.length === 0) return [];
  const shown = open.slice(0, 5);
  const more = open.length > shown.length ? ` and ${open.length - shown.length} more` : '';
  terminal.say(terminal.color.dim(`taking up ${shown.join(', ')}${more}`));
  return open.slice(0, learntMost);
}

/** Resolves with the grace for what runs, once the keeper says so or is gone. */
function toldToStop(): Promise<number> {
  return new Promise((resolve) => {
    process.on('message', (message) => {
      if (isStop(message)) resolve(message.graceMs);
    });
    process.once('disconnect', () => resolve(0));
    process.once('SIGTERM', () => resolve(0));
    process.on('SIGINT', () => {});
    process.on('SIGHUP', () => {});
  });
}

function tell(told: Told): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return resolve();
    process.send(told, () => resolve());
  });
}

async function leave(told: Told, code: number): Promise<number> {
  await tell(told);
  return code;
}
