/**
 * Drives runs of the workload as a client would, over any engine: starts them, signals them, cancels them, waits for
 * their results, and writes down each acknowledgement.
 *
 * Everything a driver asks can be asked again: a start of the same id attaches, a signal of the same id counts once. So a
 * driver after a crash asks for all that was not acknowledged, and needs to know nothing else.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { isPawlError, type Json, type Pawl, type RunHandle, type Workflow } from '../../../src/index.ts';
import { isFinal } from '../../../src/kernel/index.ts';
import type { Ack, AckFile } from './acks.ts';
import { flows } from './flows.ts';
import { type Planned, type PlannedRun, plannedRun, type Update } from './plan.ts';

export interface DriverOptions extends Planned {
  /** Runs under way at once. */
  readonly inFlight: number;
  /** Runs in all. */
  readonly runs: number;
  /** Stop after a first error instead of asking again. Default false. */
  readonly failFast?: boolean;
  /** Hears of refusals that were asked again. */
  readonly onRefusal?: (code: string) => void;
}

/** Refusals after which the same may be asked again. */
const worthAnother = new Set(['busy', 'store_full', 'store_failed', 'conflict', 'internal']);
const askAgainAfterMs = 25;

export class Driver {
  readonly #pawl: Pawl;
  readonly #acks: Pick<AckFile, 'write'>;
  readonly #options: DriverOptions;
  readonly #known: ReadonlySet<string>;
  readonly #workflows: ReadonlyMap<string, Workflow>;
  #stopped = false;

  /** `known` are the acknowledgements of drivers before this one. */
  constructor(pawl: Pawl, acks: Pick<AckFile, 'write'>, known: readonly Ack[], options: DriverOptions) {
    this.#pawl = pawl;
    this.#acks = acks;
    this.#options = options;
    this.#known = new Set(known.map(nameOf));
    this.#workflows = new Map(Object.entries(flows).map(([name, text]) => [name, pawl.workflow(text, name)] as const));
  }

  /** Drives all runs, so many at once, in order. */
  async driveAll(): Promise<void> {
    const { runs, inFlight } = this.#options;
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < runs && !this.#stopped) {
        const number = next;
        next += 1;
        await this.drive(number);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
  }

  /** No run is begun any more, and nothing is asked again. */
  stop(): void {
    this.#stopped = true;
  }

  async drive(number: number): Promise<void> {
    const plan = plannedRun(number, this.#options);
    const run = plan.id;
    if (this.#known.has(nameOf({ ack: 'result', number, run, status: '', output: null }))) return;
    // A durable function is registered under its name.
    const workflow = this.#workflows.get(plan.flow) ?? plan.flow;
    const pinned = { workflows: new Map([['join', this.#workflows.get('join')!]]) };
    const handle = await this.#untilTaken(() => this.#pawl.start(workflow, plan.input, { id: run, ...pinned }));
    if (handle === undefined) return;
    this.#acks.write({ ack: 'start', number, run });
    await this.#ask(plan, number);
    const result = await this.#untilTaken(() => handle.result());
    if (result === undefined) return;
    this.#acks.write({ ack: 'result', number, run, status: result.status, output: result.output });
  }

  async #ask({ id: run, signals, updates = [], cancel, decide }: PlannedRun, number: number): Promise<void> {
    const handle = this.#pawl.handle(run);
    for (const { id, name, payload } of signals) {
      if (this.#known.has(nameOf({ ack: 'signal', number, run, id }))) continue;
      const taken = await this.#untilTaken(() => this.#orEnded(handle.signal(name, payload, id)));
      if (taken === 'done') this.#acks.write({ ack: 'signal', number, run, id });
    }
    await Promise.all(updates.map((update) => this.#update(handle, update, number)));
    if (decide !== undefined) await this.#decide(handle, decide, { ack: 'decide', number, run });
    if (!cancel || this.#known.has(nameOf({ ack: 'cancel', number, run }))) return;
    const taken = await this.#untilTaken(() => this.#orEnded(handle.cancel('no longer wanted')));
    if (taken === 'done') this.#acks.write({ ack: 'cancel', number, run });
  }

  async #update(handle: RunHandle, { id, name, input }: Update, number: number): Promise<void> {
    const run = handle.id;
    if (this.#known.has(nameOf({ ack: 'update', number, run, id, answer: null }))) return;
    const answer = await this.#untilTaken(() => handle.update(name, input, id) as Promise<Json>);
    if (answer !== undefined) this.#acks.write({ ack: 'update', number, run, id, answer });
  }

  /** Decides once the task has failed for good; nothing waits for that where it was decided before a crash. */
  async #decide(
    handle: RunHandle,
    { task, output }: NonNullable<PlannedRun['decide']>,
    ack: Ack & { ack: 'decide' },
  ): Promise<void> {
    while (!this.#stopped && !this.#known.has(nameOf(ack))) {
      const state = await this.#untilTaken(() => handle.state());
      if (state === undefined || isFinal(state.status)) return;
      const asked = [...state.open.values()].some((one) => one.asked !== undefined);
      if (!asked) {
        if ((state.iterations.size > 0 || state.nextTask > 1) && !state.open.has(0)) return;
        await delay(askAgainAfterMs);
        continue;
      }
      try {
        await handle.decide(task, 'skip', { output });
        this.#acks.write(ack);
        return;
      } catch (error) {
        if (!isPawlError(error) || (error.code !== 'bad_input' && !worthAnother.has(error.code))) throw error;
        if (this.#options.failFast === true) throw error;
        await delay(askAgainAfterMs);
      }
    }
  }

  /** What is asked of a run that has ended meanwhile is refused, and rightly so. */
  async #orEnded(asked: Promise<void>): Promise<'done' | 'ended'> {
    try {
      await asked;
      return 'done';
    } catch (error) {
      if (isPawlError(error) && error.code === 'refused') return 'ended';
      throw error;
    }
  }

  /** Asks until it is taken; undefined once the driver was stopped. */
  async #untilTaken<T>(ask: () => Promise<T>): Promise<T | undefined> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!isPawlError(error) || !worthAnother.has(error.code) || this.#options.failFast === true) throw error;
        this.#options.onRefusal?.(error.code);
        if (this.#stopped) return undefined;
        await delay(askAgainAfterMs);
      }
    }
  }
}

function nameOf(ack: Ack): string {
  return 'id' in ack ? `${ack.ack} ${ack.run} ${ack.id}` : `${ack.ack} ${ack.run}`;
}
