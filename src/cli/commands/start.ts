/** `pawl start NAME`: has the process that drives a file start a workflow that it knows by that name. */

import { setTimeout as delay } from 'node:timers/promises';
import { PawlError } from '../../base/index.ts';
import { exitCodeOf, exitCodes } from '../exit-code.ts';
import { awaitThere, type StartRequest, startThere } from '../owner-runs.ts';
import { givenAttributes, readInput } from '../run-input.ts';
import { reportStand } from '../stand-report.ts';
import type { Terminal } from '../terminal.ts';

export interface StartCommandOptions {
  readonly db: string;
  readonly json?: boolean;
  readonly id?: string;
  readonly from?: readonly string[];
  readonly attribute: readonly string[];
  /** Stay until the run has ended or stands still. */
  readonly wait?: boolean;
}

/** A process that is just restarting is there again after some tenths of a second. */
const tries = 20;
const pauseMs = 50;

export async function start(
  workflow: string,
  inputs: readonly string[],
  options: StartCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const { db, id, from } = options;
  const request: StartRequest = {
    op: 'start',
    workflow,
    input: readInput(inputs),
    attributes: givenAttributes(options.attribute),
    ...(id === undefined ? {} : { id }),
    ...(from === undefined ? {} : { from }),
  };
  const run = await patiently(() => startThere(db, request));
  if (run === undefined)
    throw new PawlError(
      'closed',
      `nobody drives ${db}, and only a process that has the code can start "${workflow}": run \`pawl dev\`, or start it from its file with \`pawl run FILE\``,
    );
  if (options.wait !== true) {
    terminal.out(options.json === true ? JSON.stringify({ id: run, workflow }) : run);
    return exitCodes.succeeded;
  }
  const stand = await awaitThere(db, run, terminal);
  reportStand(stand, options, terminal);
  return exitCodeOf(stand.status);
}

async function patiently(ask: () => Promise<string | undefined>): Promise<string | undefined> {
  for (let asked = 1; ; asked += 1) {
    const answer = await ask();
    if (answer !== undefined || asked >= tries) return answer;
    await delay(pauseMs);
  }
}
