/** Commands that ask something of a run, whoever drives it: signal, answer, pause, cancel, terminate, rerun. */

import { PawlError } from '../../base/index.ts';
import type { Reply, Request } from '../../client/index.ts';
import { exitCodes } from '../exit-code.ts';
import { askStore } from '../store-access.ts';
import type { Terminal } from '../terminal.ts';

export interface ControlOptions {
  readonly db: string;
  readonly json?: boolean;
}

/** What is asked of a run that is there. */
export type RunRequest = Exclude<Request, { op: 'start' }>;

/** Sends the request, waits until it is durable, and says how the run stands. */
export async function control(request: RunRequest, options: ControlOptions, terminal: Terminal): Promise<number> {
  const reply = await askStore(options.db, request);
  if (!reply.ok) {
    throw new PawlError(
      reply.code,
      reply.message,
      reply.reason === undefined ? {} : { details: { reason: reply.reason } },
    );
  }
  const of = 'run' in request ? (request.run ?? '') : '';
  const run = reply.forked?.run ?? of;
  // What a function answers is what was asked for, and nothing else.
  if (request.op === 'query' || request.op === 'update') {
    terminal.out(JSON.stringify(reply.answer ?? null, null, options.json === true ? undefined : 2));
    return exitCodes.succeeded;
  }
  if (options.json === true)
    terminal.out(JSON.stringify({ id: run, status: reply.status, ...(reply.forked && { forkedAt: reply.forked.at }) }));
  else if (reply.forked !== undefined)
    terminal.out(`${run} ${reply.status}, forked from ${of} at event ${reply.forked.at}`);
  else terminal.out(`${run} ${reply.status}`);
  return exitCodes.succeeded;
}

/**
 * Has open runs driven by the process that owns the file: all, or those named. Undefined where `ask` reaches nobody, and
 * the caller may drive them.
 */
export async function handOver(
  runs: readonly string[],
  options: ControlOptions,
  terminal: Terminal,
  ask: (path: string, request: Request) => Promise<Reply | undefined>,
): Promise<number | undefined> {
  const requests = runs.length === 0 ? [undefined] : runs;
  for (const run of requests) {
    const reply = await ask(options.db, { op: 'resume', ...(run === undefined ? {} : { run }) });
    if (reply === undefined) return undefined;
    if (!reply.ok) throw new PawlError(reply.code, reply.message);
    if (options.json === true)
      terminal.out(JSON.stringify({ id: run ?? null, status: reply.status, drivenBy: 'owner' }));
    else terminal.say(`${run ?? 'every open run'}: the process that owns ${options.db} drives it`);
  }
  return exitCodes.succeeded;
}
