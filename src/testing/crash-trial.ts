/**
 * One run of a workflow from its start to its end, on a disk and a clock of its own, with one thing going wrong.
 *
 * C1. The process dies at most once. What was sent to it and not acknowledged is sent again, as a client does; so is what was
 *     acknowledged, under the same id: it counts once.
 * C2. Time moves when nothing else can happen, to the next thing due: the same instants as without the crash.
 */

import { instantOf, type Json, PawlError, parseDuration, plus, type RunId } from '../base/index.ts';
import type { AnyWorkflowInCode } from '../create-pawl.ts';
import type { RunResult, Workflow } from '../engine/index.ts';
import {
  type AttemptOrder,
  type HandedOver,
  isFinal,
  type OpenTask,
  type Outcome,
  type RunState,
  shownStatus,
  tokenOf,
} from '../kernel/index.ts';
import type { Bundle } from '../store/index.ts';
import { type Call, keyOf } from './call-log.ts';
import type { CrashPlace, ResultOrder } from './crash-place.ts';
import { type Moments, MortalProcess } from './mortal-process.ts';
import { happensWithin } from './real-turns.ts';
import { SeededRandom } from './seeded-random.ts';
import { type Surroundings, surroundingsOf, TestPawl, type TestPawlOptions } from './test-pawl.ts';

export interface SentSignal {
  readonly name: string;
  readonly payload?: Json;
  /**
   * When it is sent, since the start: seconds, or text such as `3d`. Default: when the run waits for it; and, since such a signal
   * might come at any time, also at every place before.
   */
  readonly after?: number | string;
}

/** A change that a client asks for, and whose answer is compared like the result. */
export interface SentUpdate {
  readonly name: string;
  readonly input?: Json;
  /** When it is asked for, since the start. Default: as soon as the run has nothing to do. */
  readonly after?: number | string;
}

/** What a person decides of a task that failed for good. */
export type Decision = 'retry' | 'fail' | { readonly skip: Json };

/** What is run: the same in every trial. */
export interface Scenario {
  readonly workflow: AnyWorkflowInCode | Workflow;
  readonly input: unknown;
  readonly signals: readonly SentSignal[];
  readonly updates: readonly SentUpdate[];
  /** What is answered whenever a task of that name asks, or has handed out a token. An error is how it fails. */
  readonly answers: Readonly<Record<string, Json | Error>>;
  readonly decisions: Readonly<Record<string, Decision>>;
  readonly options: TestPawlOptions & { readonly patienceMs: number };
}

/** What hears of a trial, and may put other outcomes in place of those of workers. */
export interface Witness {
  committed?(bundles: readonly Bundle[]): void;
  /** @param atOnce Attempts under way, with this one; 0 where its time was up and it did nothing. */
  worked?(order: AttemptOrder, outcome: Outcome, atOnce: number): Outcome;
  /** A signal is sent, after so many commits. */
  sent?(signal: number, afterCommits: number): void;
}

export interface TrialEnd {
  readonly result: RunResult;
  readonly calls: readonly Call[];
  /** What each update was answered, or why it was not. */
  readonly updates: readonly unknown[];
  /** Runs that had not ended when this one had. */
  readonly standing: readonly string[];
  /** False where the run ended before the place came. */
  readonly wasReached: boolean;
}

/** A trial that came to no end; `why` says how the run stands. */
export class TrialStuck extends Error {
  readonly why: string;

  constructor(why: string) {
    super(why);
    this.why = why;
  }
}

export const trialRun = 'crash-everywhere' as RunId;
const roundsMost = 100_000;

export class Trial {
  readonly #scenario: Scenario;
  readonly #place: CrashPlace | undefined;
  readonly #witness: Witness;
  readonly #surroundings: Surroundings;
  readonly #shuffle = new SeededRandom('order of results');
  /** Signals sent so far, the first of the list first. */
  #sent = 0;
  #updatesSent = 0;
  readonly #updates: unknown[] = [];
  /** Answers that are on their way. */
  #asked: Promise<void>[] = [];
  #commits = 0;
  #effects = 0;
  #wasReached = false;
  #held: { readonly answer: () => void }[] = [];
  /** True while signals are sent that come before the results of what is under way. */
  #isSending = false;
  #overtaken: (() => void)[] = [];
  #process = new MortalProcess();
  #pawl: TestPawl | undefined;

  constructor(scenario: Scenario, place: CrashPlace | undefined, witness: Witness = {}) {
    this.#scenario = scenario;
    this.#place = place;
    this.#witness = witness;
    this.#surroundings = surroundingsOf(scenario.options);
  }

  /** @throws TrialStuck The run was set aside, or waits for what nobody sends. */
  async run(): Promise<TrialEnd> {
    const { clock, calls, store } = this.#surroundings;
    const { patienceMs } = this.#scenario.options;
    const startedAt = clock.now();
    await this.#boot();
    for (let round = 0; ; round += 1) {
      if (round > roundsMost) throw new TrialStuck(`it goes on for ever: time moved ${roundsMost} times`);
      await this.#pawl!.quiet();
      if (!this.#process.isAlive) {
        await this.#bury();
        await this.#boot();
        continue;
      }
      if (this.#release()) continue;
      const state = await this.#alive(this.#pawl!.engine.state(trialRun));
      if (state === 'died') continue;
      if (state === undefined) throw new TrialStuck('its start was lost');
      if (isFinal(state.status)) break;
      if (state.blocked !== undefined) throw new TrialStuck(state.blocked);
      if (await this.#personsActed()) continue;
      await this.#move(state, startedAt);
    }
    await this.#pawl!.quiet();
    await happensWithin(Promise.all(this.#asked), patienceMs);
    const result = await this.#pawl!.engine.result(trialRun);
    const standing = (await store.open()).map(
      ({ run, workflow, status }) => `run "${run}" of "${workflow}" is ${status}`,
    );
    await this.#pawl!.close();
    return { result, calls: calls.all, updates: this.#updates, standing, wasReached: this.#wasReached };
  }

  async #boot(): Promise<void> {
    const { workflow, input, options } = this.#scenario;
    await this.#surroundings.store.reopen();
    this.#process = new MortalProcess(this.#moments());
    const own = 'program' in workflow ? [] : [workflow];
    const pawl = new TestPawl(
      { ...options, workflows: [...(options.workflows ?? []), ...own], skipTime: false },
      this.#surroundings,
      this.#process,
    );
    this.#pawl = pawl;
    await this.#alive(pawl.resume());
    // Whoever did not hear that it was started starts it again.
    await this.#alive(pawl.start(workflow, input as never, { id: trialRun }));
    for (let signal = 0; signal < this.#sent; signal += 1) await this.#send(signal);
    this.#asked = [];
    for (let update = 0; update < this.#updatesSent; update += 1) this.#ask(update);
  }

  /** What ran when the process died runs to its end; nobody hears of it. */
  async #bury(): Promise<void> {
    const { calls } = this.#surroundings;
    while (calls.busy > 0 && (await happensWithin(calls.change(), this.#scenario.options.patienceMs)));
    calls.cutOff();
    this.#held = [];
  }

  /** What comes of it, unless the process dies first. */
  async #alive<T>(work: Promise<T>): Promise<T | 'died'> {
    return Promise.race([work, this.#process.death.then(() => 'died' as const)]);
  }

  #moments(): Moments {
    return {
      committed: (bundles) => {
        this.#commits += 1;
        this.#witness.committed?.(bundles);
        const place = this.#place;
        if (place?.kind === 'commit' && place.commit === this.#commits) this.#die();
        if (place?.kind === 'early' && place.commit === this.#commits) {
          this.#wasReached = true;
          void this.#sendEarly(place.signal);
        }
      },
      worked: (order, outcome, answer) => {
        const { calls } = this.#surroundings;
        const isEffect = !isTimeUp(outcome);
        if (isEffect) this.#effects += 1;
        const given =
          outcome.status === 'handed_over' ? outcome : this.#heard(order, outcome, isEffect ? calls.busy + 1 : 0);
        const place = this.#place;
        if (isEffect && place?.kind === 'effect' && place.effect === this.#effects) {
          this.#die();
          return;
        }
        if (this.#isSending) {
          this.#overtaken.push(() => answer(given));
          return;
        }
        const isAlone = calls.busy === 0 && this.#held.length === 0;
        if (place?.kind !== 'order' || isAlone) answer(given);
        else this.#held.push({ answer: () => answer(given) });
      },
    };
  }

  #heard(order: AttemptOrder, outcome: Outcome, atOnce: number): Outcome {
    return this.#witness.worked?.(order, outcome, atOnce) ?? outcome;
  }

  #die(): void {
    this.#wasReached = true;
    this.#process.kill();
  }

  /** Lets the next of the results be heard that were held back. True where there was one. */
  #release(): boolean {
    const place = this.#place;
    if (this.#held.length === 0 || place?.kind !== 'order') return false;
    this.#wasReached = true;
    const [next] = this.#held.splice(this.#choice(place.order), 1);
    next?.answer();
    return true;
  }

  #choice(order: ResultOrder): number {
    const count = this.#held.length;
    if (order === 'reversed') return count - 1;
    return order === 'rotated' ? Math.min(1, count - 1) : this.#shuffle.below(count);
  }

  /** Sends what was not sent up to this signal; results of what is under way are heard after that. */
  async #sendEarly(last: number): Promise<void> {
    this.#isSending = true;
    for (; this.#sent <= last; this.#sent += 1) await this.#send(this.#sent);
    this.#isSending = false;
    for (const answer of this.#overtaken.splice(0)) answer();
  }

  /** Sends a signal, twice: it counts once. */
  async #send(signal: number): Promise<void> {
    const { name, payload = null } = this.#scenario.signals[signal]!;
    this.#witness.sent?.(signal, this.#commits);
    const id = `${trialRun}/${signal}`;
    const handle = this.#pawl!.handle(trialRun);
    for (let time = 0; time < 2; time += 1) await this.#alive(handle.signal(name, payload, id).catch(passOverRefusal));
  }

  /** Asks for a change, twice under one id. */
  #ask(update: number): void {
    const { name, input = null } = this.#scenario.updates[update]!;
    const handle = this.#pawl!.handle(trialRun);
    for (let time = 0; time < 2; time += 1) {
      const answer = handle.update(name, input, `${trialRun}/update ${update}`).then(
        (value) => ({ answered: value }),
        (error: unknown) => ({ failed: error instanceof Error ? error.message : String(error) }),
      );
      this.#asked.push(
        answer.then((found) => {
          this.#updates[update] = found;
        }),
      );
    }
  }

  /** People do what they are asked: answer, complete what was handed to them, decide. True where one did. */
  async #personsActed(): Promise<boolean> {
    for (const { run } of await this.#surroundings.store.open()) {
      const state = await this.#alive(this.#pawl!.engine.state(run));
      if (state === 'died') return true;
      for (const task of state?.open.values() ?? [])
        if (state !== undefined && (await this.#actOn(state, task))) return true;
    }
    return false;
  }

  async #actOn(state: RunState, task: OpenTask): Promise<boolean> {
    const { answers } = this.#scenario;
    const { name, kind } = task.spec;
    if (task.asked !== undefined) return await this.#decide(state.id, task);
    if ((task.waits?.size ?? 0) === 0 || !Object.hasOwn(answers, name) || (kind !== 'ask' && kind !== 'action'))
      return false;
    const answer = answers[name]!;
    const { input, route = 0 } = task.spec;
    const isCallback = typeof input === 'object' && input !== null && 'callback' in input;
    const pawl = this.#pawl!;
    if (kind === 'ask' && !isCallback && !(answer instanceof Error)) {
      await this.#alive(pawl.handle(state.id).answer(String(task.task), answer));
      return true;
    }
    const place = kind === 'ask' ? { call: route } : { task: task.task };
    const token = tokenOf({ run: state.id, seed: state.seed, place, attempt: kind === 'ask' ? 0 : task.attempt });
    await this.#alive(answer instanceof Error ? pawl.fail(token, answer.message) : pawl.complete(token, answer));
    return true;
  }

  /**
   * Of what is not to be done twice, and of which nobody knows whether it was, a person finds out: it is taken for done where it was.
   * Anything else is decided as the test says.
   */
  async #decide(run: RunId, { task, spec }: OpenTask): Promise<boolean> {
    const { decisions } = this.#scenario;
    const decided = Object.hasOwn(decisions, spec.name) ? decisions[spec.name] : undefined;
    const found = this.#surroundings.calls.whatHappened(keyOf({ run, task, item: undefined }));
    const known: Decision | undefined =
      spec.once === undefined ? undefined : found.happened ? { skip: found.output } : 'retry';
    const decision = decided ?? known;
    if (decision === undefined) return false;
    const handle = this.#pawl!.handle(run);
    await this.#alive(
      typeof decision === 'string'
        ? handle.decide(String(task), decision)
        : handle.decide(String(task), 'skip', { output: decision.skip }),
    );
    return true;
  }

  /** Nothing happens any more: a signal is sent that is waited for, or time moves. */
  async #move(state: RunState, startedAt: number): Promise<void> {
    const { clock } = this.#surroundings;
    const due = clock.nextTimer();
    const update = this.#scenario.updates[this.#updatesSent];
    const askAt = update === undefined ? undefined : plus(instantOf(startedAt), msOf(update.after ?? 0));
    if (askAt !== undefined && (due === undefined || askAt <= Math.max(due, clock.now()))) {
      clock.advance(Math.max(0, askAt - clock.now()));
      this.#updatesSent += 1;
      this.#ask(this.#updatesSent - 1);
      return;
    }
    const signal = this.#scenario.signals[this.#sent];
    const sendAt = signal?.after === undefined ? undefined : plus(instantOf(startedAt), msOf(signal.after));
    const isWanted = signal !== undefined && sendAt === undefined && awaits(state, signal.name);
    const isTime = sendAt !== undefined && (sendAt <= clock.now() || due === undefined || sendAt <= due);
    const isLeft = signal !== undefined && sendAt === undefined && due === undefined;
    if (isTime) clock.advance(Math.max(0, sendAt - clock.now()));
    if (isWanted || isTime || isLeft) {
      this.#sent += 1;
      await this.#send(this.#sent - 1);
      return;
    }
    if (due === undefined)
      throw new TrialStuck(`it is ${shownStatus(state)}${waitingFor(state)}, and nothing comes any more`);
    clock.advance(Math.max(0, due - clock.now()));
  }
}

/** An attempt whose time was up has done nothing yet; one in its place takes as long again, so that later times differ. */
function isTimeUp(outcome: Outcome | HandedOver): boolean {
  return (
    outcome.status === 'failed' && (outcome.failure.kind === 'timeout' || outcome.failure.kind === 'heartbeat_timeout')
  );
}

function awaits(state: RunState, signal: string): boolean {
  return [...state.open.values()].some(({ spec, waits }) => {
    const { input } = spec;
    const wanted = typeof input === 'object' && input !== null && 'signal' in input ? input.signal : undefined;
    return spec.kind === 'receive' && (waits?.size ?? 0) > 0 && wanted === signal;
  });
}

function waitingFor(state: RunState): string {
  const words = [...state.open.values()].map(({ spec, waits, asked }: OpenTask) =>
    spec.kind === 'receive'
      ? `for the signal "${spec.name}" (give it in \`signals\`)`
      : spec.kind === 'ask' || (spec.kind === 'action' && (waits?.size ?? 0) > 0)
        ? `for an answer to "${spec.name}" (give it in \`answers\`)`
        : asked !== undefined
          ? `for a decision about "${spec.name}" (give it in \`decisions\`)`
          : `for "${spec.name}"`,
  );
  return words.length === 0 ? '' : ` and waits ${words.join(', ')}`;
}

/** A signal that a run does not take any more: it has ended. */
function passOverRefusal(error: unknown): void {
  if (!(error instanceof PawlError) || error.code !== 'refused') throw error;
}

function msOf(after: number | string): number {
  const ms = parseDuration(after);
  if (ms !== undefined) return ms;
  throw new PawlError(
    'bad_input',
    `a signal cannot be sent after ${JSON.stringify(after)}; write seconds, or text such as 30s, 5m, 2h, 3d`,
  );
}
