/**
 * The same asked of every run that fits a filter, a page at a time.
 *
 * B1. What is asked is asked of the runs there are when it begins, the oldest first: a parent before its sub-workflows, to which it
 *     hands on what they need to hear. A run that comes to fit meanwhile may be left out; none is asked twice.
 * B2. A run that refuses, or that is gone, stands in the way of no other.
 * B3. One page is in memory at a time, and the first thousand refusals.
 */

import { type ErrorCode, type Instant, type Json, jsonFault, PawlError, type RunId } from './base/index.ts';
import type { Connection, Request } from './client/index.ts';
import type { Engine } from './engine/index.ts';
import { filterQuery, type RunFilter } from './run-filter.ts';
import type { FindQuery, Removal } from './store/index.ts';

export interface BulkRefusal {
  readonly run: string;
  /** As an error has it: `refused`, `not_found`, `store_full`, … */
  readonly code: ErrorCode;
  /** The kernel's reason, such as `run_not_open`; of what is not removed `has_parent`, `open`, `held` or `unreadable`. */
  readonly reason: string | undefined;
  readonly message: string;
}

export interface BulkResult {
  /** Runs that were asked. */
  readonly matched: number;
  /** Of those, the ones that did what was asked, durably. */
  readonly done: number;
  readonly refused: number;
  /** The first thousand of them. */
  readonly refusals: readonly BulkRefusal[];
}

const pageSize = 100;
const refusalsMost = 1_000;
const openStatuses = ['running', 'waiting', 'pausing', 'paused', 'failing', 'canceling', 'blocked'];
const finalStatuses = ['succeeded', 'failed', 'canceled', 'terminated'];

export interface BulkPorts {
  readonly engine: Engine;
  readonly connection: Connection;
  readonly now: () => Instant;
}

/** What was asked came to this, of one run. */
type Answer = BulkRefusal | undefined;

export class Bulk {
  readonly #query: FindQuery;
  readonly #ports: BulkPorts;

  /** @throws PawlError `bad_input`: the filter is none, or says nothing. */
  constructor(filter: RunFilter | 'all', ports: BulkPorts) {
    if (filter !== 'all' && (typeof filter !== 'object' || filter === null))
      throw new PawlError('bad_input', "a filter is a map, such as { workflow: 'order' }; 'all' means every run");
    this.#query = filter === 'all' ? {} : filterQuery(narrow(filter));
    this.#ports = ports;
  }

  /** How many runs fit now, by status: what `cancel` and the others would be asked of. Changes nothing. */
  async count(): Promise<{ readonly total: number; readonly byStatus: { readonly [status: string]: number } }> {
    const byStatus = new Map<string, number>();
    let total = 0;
    for await (const page of this.#pages(undefined)) {
      total += page.length;
      for (const { status } of page) byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    }
    return { total, byStatus: Object.fromEntries(byStatus) };
  }

  /** Asks open runs to stop. */
  cancel(reason?: string): Promise<BulkResult> {
    return this.#ask((run) => ({ op: 'cancel', run, ...(reason === undefined ? {} : { reason }) }));
  }

  /** Stops open runs now. */
  terminate(reason?: string): Promise<BulkResult> {
    return this.#ask((run) => ({ op: 'terminate', run, ...(reason === undefined ? {} : { reason }) }));
  }

  /** Gives open runs a signal; with an id, each takes it once, however often this is asked. */
  async signal(name: string, payload: Json = null, id?: string): Promise<BulkResult> {
    const fault = jsonFault(payload);
    if (fault !== undefined) throw new PawlError('bad_input', `the payload of the signal is not JSON: ${fault}`);
    return this.#ask((run) => ({ op: 'signal', run, name, payload, ...(id === undefined ? {} : { id }) }));
  }

  pause(): Promise<BulkResult> {
    return this.#ask((run) => ({ op: 'pause', run }));
  }

  /** Lets paused runs go on. */
  resume(): Promise<BulkResult> {
    return this.#ask((run) => ({ op: 'resume', run }), ['paused', 'pausing']);
  }

  /** Forgets runs that have ended, with their sub-workflows. A sub-workflow is not removed by itself. */
  remove(): Promise<BulkResult> {
    return this.#each(finalStatuses, async (runs) => {
      const removals = await this.#ports.engine.remove(runs);
      return removals.map((removal, place) => refusedRemoval(runs[place]!, removal));
    });
  }

  #ask(request: (run: RunId) => Request, statuses: readonly string[] = openStatuses): Promise<BulkResult> {
    return this.#each(statuses, (runs) =>
      Promise.all(
        runs.map(async (run): Promise<Answer> => {
          const reply = await this.#ports.connection.ask(request(run));
          return reply.ok ? undefined : { run, code: reply.code, reason: reply.reason, message: reply.message };
        }),
      ),
    );
  }

  /** @param statuses Where the filter names none: those of runs of which it can be asked at all. */
  async #each(
    statuses: readonly string[],
    ask: (runs: readonly RunId[]) => Promise<readonly Answer[]>,
  ): Promise<BulkResult> {
    let [matched, refused] = [0, 0];
    const refusals: BulkRefusal[] = [];
    for await (const page of this.#pages(statuses)) {
      matched += page.length;
      for (const answer of await ask(page.map(({ run }) => run))) {
        if (answer === undefined) continue;
        refused += 1;
        if (refusals.length < refusalsMost) refusals.push(answer);
      }
    }
    return { matched, done: matched - refused, refused, refusals };
  }

  async *#pages(statuses: readonly string[] | undefined) {
    const { status = statuses, startedBefore = Number.POSITIVE_INFINITY as Instant, ...query } = this.#query;
    const now = (this.#ports.now() + 1) as Instant;
    for (let from: string | undefined; ; ) {
      const { rows, next } = await this.#ports.engine.list({
        ...query,
        ...(status === undefined ? {} : { status }),
        startedBefore: startedBefore < now ? startedBefore : now,
        order: 'oldest',
        limit: pageSize,
        ...(from === undefined ? {} : { from }),
      });
      if (rows.length > 0) yield rows;
      if (next === undefined) return;
      from = next;
    }
  }
}

/** Why the run was not removed; undefined where it was. */
export function refusedRemoval(run: string, removal: Removal): BulkRefusal | undefined {
  if (removal.removed) return undefined;
  const { because } = removal;
  const code = because === 'not_found' ? 'not_found' : 'refused';
  return { run, code, reason: because, message: staysMessage[because](run, removal.run) };
}

const staysMessage = {
  not_found: (run: string) => `there is no run "${run}"`,
  has_parent: (run: string) => `run "${run}" is a sub-workflow: it goes with the run above it`,
  open: (run: string, open: string) =>
    run === open ? `run "${run}" has not ended` : `run "${open}", below "${run}", has not ended`,
  unreadable: (run: string, damaged: string) => `the row of run "${damaged}" is damaged, so "${run}" stays`,
  held: (run: string) => `run "${run}" is being looked at; ask again`,
};

/** A filter that came out empty by mistake must not mean every run. */
function narrow(filter: RunFilter): RunFilter {
  for (const [field, value] of Object.entries(filter))
    if (value === undefined)
      throw new PawlError(
        'bad_input',
        `the filter's "${field}" is undefined; leave it out, or write 'all' for every run`,
      );
  if (
    Object.keys(filter).length === 0 ||
    (Object.keys(filter).length === 1 && Object.keys(filter.attributes ?? { a: 1 }).length === 0)
  )
    throw new PawlError('bad_input', "the filter says nothing; write 'all' for every run");
  return filter;
}
