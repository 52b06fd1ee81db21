/** Runs that another process drives: started there by the name of their workflow, and waited for from here. */

import { setTimeout as delay } from 'node:timers/promises';
import { isPawlError, PawlError } from '../base/index.ts';
import type { Request } from '../client/index.ts';
import type { RunStand } from '../engine/index.ts';
import { askLiveOwner } from './store-access.ts';
import type { Terminal } from './terminal.ts';
import { toldStand } from './told-by-owner.ts';

/** A process that restarts is gone for about as long as one takes to start. */
const awayTries = 100;
const awayPauseMs = 50;

export type StartRequest = Request & { readonly op: 'start' };

/**
 * Has the process that drives the file start a run; answers its id. Undefined where no process does.
 *
 * @throws PawlError as a start does. `not_found`: it knows no workflow of that name. `conflict`: it has another version of it, or the id
 *   belongs to another start.
 */
export async function startThere(path: string, request: StartRequest): Promise<string | undefined> {
  const reply = await askLiveOwner(path, request);
  if (reply === undefined) return undefined;
  if (!reply.ok) throw new PawlError(reply.code, reply.message);
  return reply.started?.run;
}

/**
 * How the run stands once it has ended, or stands still until someone does something. A process that is restarted meanwhile is waited for.
 *
 * @throws PawlError `closed`: nobody drives the file any more; the run is as it was. `not_found`
 */
export async function awaitThere(path: string, run: string, terminal: Terminal): Promise<RunStand> {
  for (let away = 0; away < awayTries; away += 1) {
    const reply = await askLiveOwner(path, { op: 'await', run }).catch(goneAway);
    if (reply?.ok === true) {
      const stand = toldStand(reply);
      if (stand !== undefined) return stand;
      const message = `the process that drives ${path} is of another version, and what it says of run ${run} cannot be read; \`pawl show ${run}\` reads the file itself`;
      throw new PawlError('internal', message);
    }
    if (reply !== undefined && reply.code !== 'closed') throw new PawlError(reply.code, reply.message);
    if (away === 0)
      terminal.say(terminal.color.dim(`the process that drives ${path} went away; waiting for the next…`));
    await delay(awayPauseMs);
  }
  throw new PawlError(
    'closed',
    `nobody drives ${path} any more; run ${run} is open in it, and goes on with \`pawl resume ${run}\``,
  );
}

function goneAway(error: unknown): undefined {
  if (!isPawlError(error) || error.code !== 'closed') throw error;
  return undefined;
}
