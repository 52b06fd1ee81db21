/**
 * Makes runs move: one loop, one direction.
 *
 *     inbox → decide → reserve slots, record attempts → one commit → replies, dispatch, events → inbox
 *
 * All that arrived before a turn of the event loop shares one commit. While a commit is under way the inbox fills; then
 * the next turn begins.
 *
 * N1. Nothing is shown, answered or executed before the commit that holds it is durable.
 * N2. An attempt runs only after the commit that holds its start: one that a crash cut off can always be counted.
 * N3. A run that only waits is a row: it leaves memory, and comes back when time, a signal or a person moves it.
 * N4. A child is in memory only while its parent is; what happens to both is one bundle, all or nothing.
 * N5. A fault in one run stops that run; the engine serves the others.
 * N6. What the store could not take or give is asked again a second later: no run stands still because a disk did.
 * N7. Nothing polls: an idle engine has one timer, for the next thing due.
 */

import {
  assert,
  type Clock,
  canonicalJson,
  type Hasher,
  type Ids,
  type Instant,
  isPawlError,
  type Json,
  jsonFault,
  type Logger,
  ownProperty,
  PawlError,
  type Random,
  type RunId,
  type TaskNumber,
  type Timers,
  type Turn,
} from '../base/index.ts';
import { type FunctionWorkflow, faultAtOnce } from '../definition/index.ts';
import {
  type AttemptOrder,
  actionOf,
  begin,
  type Command,
  callToRerun,
  type Decision,
  type Directive,
  decide,
  type Effect,
  type Executor,
  fork,
  inputOf,
  isFinal,
  isWaiting,
  type KernelOptions,
  mayMove,
  newRun,
  nextDue,
  nextItem,
  type OpenTask,
  type Outcome,
  type Parent,
  parseToken,
  type Recorded,
  type Refusal,
  type RunError,
  type RunStarted,
  type RunState,
  refuse,
  tokenOf,
  unitKind,
  wholeTask,
} from '../kernel/index.ts';
import {
  type Bundle,
  type FindQuery,
  type FoundRuns,
  type Removal,
  type RunAppend,
  type Sql,
  type Store,
  type StoredDocument,
  type Outcome as StoreOutcome,
  type Swept,
  type Worked,
  WorkUndidAll,
} from '../store/index.ts';
import { AttemptOutput } from './attempt-output.ts';
import { bundlesOf, Links } from './bundles.ts';
import { pinnedIn } from './checkpoints.ts';
import { childOutcome, wantedChild, wordFromParent } from './children.ts';
import { Flights } from './flights.ts';
import { type Fork, forkAtCall, forkAtRevision } from './forks.ts';
import type { Execution } from './functions/execution.ts';
import { FunctionHost, type Kernel } from './functions/host.ts';
import { FunctionQuestions } from './functions/questions.ts';
import { replayedHistory } from './functions/recording.ts';
import { signalsTakenFrom } from './functions/rerun.ts';
import type { StepCode } from './functions/step.ts';
import { stepAction } from './functions/step-action.ts';
import { outcomeOfWork, transactionAction } from './functions/transaction.ts';
import { UpdateDesk } from './functions/update-desk.ts';
import { givenJson } from './given-json.ts';
import { HotRun, type Outbox } from './hot-run.ts';
import { HotRuns } from './hot-runs.ts';
import {
  childRunId,
  childrenAwaited,
  childrenLeaving,
  childrenTold,
  isDueBy,
  type LoadedRun,
  loadRun,
} from './load.ts';
import type {
  CommandMessage,
  ForkMessage,
  Message,
  NudgeMessage,
  Started,
  StartMessage,
  StartRequest,
} from './message.ts';
import { Programs, type Workflow } from './programs.ts';
import { KeptResults } from './results.ts';
import { Retention, type RetentionPeriods } from './retention.ts';
import { attachesTo, makeWay, type StartPolicy } from './start-policy.ts';
import { readStream, type StreamPiece } from './stream.ts';
import { type StoredView, storedHistory, viewStored } from './view.ts';
import { Waker } from './waker.ts';

export interface EngineLimits {
  /** Messages that may wait in the inbox before clients are refused; default 10,000. */
  readonly inboxMax: number;
  /** Longest a run may last unless its workflow says otherwise; undefined: no limit. */
  readonly durationMs: number | undefined;
  /** How often a task may run in one run unless its workflow says otherwise; default 100,000. */
  readonly iterations: number;
  /** Waiting runs that stay in memory; default 256. */
  readonly waitingKept: number;
  /** Sub-workflows within sub-workflows; default 32. */
  readonly depthMax: number;
  /** Tasks without work that one command completes before it lets others have a turn; default 1,000. */
  readonly stepsMax: number;
}

export const defaultEngineLimits: EngineLimits = {
  inboxMax: 10_000,
  durationMs: undefined,
  iterations: 100_000,
  waitingKept: 256,
  depthMax: 32,
  stepsMax: 1_000,
};

export interface EngineOptions {
  readonly store: Store;
  readonly executor: Executor;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly turn: Turn;
  readonly random: Random;
  readonly ids: Ids;
  readonly hasher: Hasher;
  /** For what must not be guessed from a digest in the store: inputs of starts, keys of cached results. Default `hasher`. */
  readonly digests?: Hasher;
  readonly logger?: Logger;
  readonly limits?: Partial<EngineLimits>;
  /** How long ended runs stay. Default for good. */
  readonly retention?: RetentionPeriods;
  /** For what need not keep a process alive. Default `timers`. */
  readonly idleTimers?: Timers;
}

/** Which open runs an engine drives: every run of the store, or those it was told of. */
export type Scope = 'all' | 'named';

/** How a run ended. */
export interface RunResult {
  readonly run: RunId;
  readonly status: string;
  readonly output: Json;
  readonly errors: readonly RunError[];
}

/** Hears the events of a run once they are durable. */
export type RunListener = (run: RunId, events: readonly Recorded[], state: RunState) => void;

const comeBackAfterMs = 1_000;
const resumedAtOnce = 100;
/** Commands that mean something for the runs below the one they are asked of. */
const cascading: ReadonlySet<Command['type']> = new Set(['Pause', 'Resume', 'Cancel', 'Terminate']);
/** Commands that ask nothing of a run's program. */
const movesWithoutCode: ReadonlySet<Command['type']> = new Set(['Block', 'Terminate']);
/** And those that a durable function hears of when its code is there again. */
const heardLater: ReadonlySet<Command['type']> = new Set([
  'Signal',
  'Answer',
  'Decide',
  'Pause',
  'Resume',
  'Cancel',
  'SetAttributes',
]);
/** Faults of a run that asking again does not mend while this engine lives. */
const standsForGood: ReadonlySet<string> = new Set(['store_corrupt', 'internal', 'key_missing']);
/** A run that was read, and its function, run again over its history. */
type RunWithFunction = LoadedRun & { readonly execution: Execution | undefined };
/** A transaction that a function waits for. */
interface Piece {
  readonly hot: HotRun;
  readonly task: OpenTask;
  readonly step: StepCode;
  /** What it threw when it undid those beside it: it is not done again. */
  readonly undid?: unknown;
}
/** What a turn makes durable together. */
interface Batch {
  readonly held: ReadonlyMap<HotRun, { readonly events: readonly Recorded[]; readonly outbox: Outbox }>;
  readonly bundles: readonly Bundle[];
  /** The runs of each bundle. */
  readonly members: readonly (readonly HotRun[])[];
  readonly failed: Map<HotRun, unknown>;
}

export class Engine {
  readonly programs: Programs;
  readonly #options: EngineOptions;
  readonly #limits: EngineLimits;
  readonly #kernel: KernelOptions;
  readonly #hot: HotRuns;
  /** Runs with an attempt that could start, once a slot is free. */
  readonly #hungry = new Set<HotRun>();
  readonly #loading = new Map<RunId, Message[]>();
  readonly #flights = new Flights();
  readonly #results: KeptResults;
  readonly #functions: FunctionHost;
  readonly #updates = new UpdateDesk();
  readonly #output: AttemptOutput;
  readonly #waker: Waker;
  readonly #questions: FunctionQuestions;
  /** Runs with a transaction to carry out after the commit of this turn. */
  readonly #transacting = new Set<HotRun>();
  /** Runs with transactions that are not over. */
  readonly #booking = new Set<HotRun>();
  /** Runs whose functions are to be run again, and what arrived for them meanwhile. */
  readonly #hearingAnew = new Map<HotRun, Message[]>();
  readonly #retention: Retention | undefined;
  /** The commit under way, or the last. */
  #keeping: Promise<void> = Promise.resolve();
  readonly #broken = new Map<RunId, PawlError>();
  readonly #listeners = new Set<RunListener>();
  readonly #stopListeners = new Set<(error: PawlError, run: RunId | undefined) => void>();
  readonly #waiters = new Map<RunId, PromiseWithResolvers<RunResult>[]>();
  /** Timers set for runs that the store could not take or give. */
  #comingBack = 0;
  readonly #named = new Set<RunId>();
  readonly #pausedHere = new Set<RunId>();
  /** Commands that wait for runs below theirs to be brought into memory, and those for which that was done. */
  #gathering = 0;
  readonly #gathered = new Set<CommandMessage | NudgeMessage>();
  /** Runs for which those below them are being brought into memory, and those for which that was done, so that they can leave them. */
  readonly #bringing = new Set<RunId>();
  readonly #brought = new Set<RunId>();
  #inbox: Message[] = [];
  #scope: Scope = 'named';
  #turnAsked = false;
  /** A slot became free for which a run may wait; that can be while a commit is under way. */
  #slotFreed = false;
  #busy = false;
  #closing = false;
  #closed = false;
  /** True while SQL of a user is carried out. */
  #isInPiece = false;
  /** True once it has closed: there are no more turns. */
  #halted = false;
  /** True once the store has failed for good: nothing is written any more. */
  #stopped = false;
  #idle: (() => void)[] = [];
  /** Called once after the next turn. */
  #turned: (() => void)[] = [];
  /** What the turn under way has touched. */
  #touched = new Set<HotRun>();
  #links = new Links();
  #documents: StoredDocument[] = [];
  readonly #documentsStored = new Set<string>();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#limits = { ...defaultEngineLimits, ...options.limits };
    this.#kernel = { lossesMax: 5, stepsMax: this.#limits.stepsMax };
    this.programs = new Programs(options.hasher);
    this.#hot = new HotRuns(this.#limits.waitingKept);
    this.#functions = new FunctionHost(options.turn, () => this.#askTurn());
    this.#results = new KeptResults(options.store, options.clock, options.digests ?? options.hasher);
    this.#questions = new FunctionQuestions({
      functions: this.#functions,
      updates: this.#updates,
      decide: (hot, command, at) => this.#decide(hot, command, at),
      onRelease: (hot, resolve, reject) => this.#onRelease(hot, resolve, reject),
      holds: (hot) => this.#hot.get(hot.state.id) === hot,
    });
    this.#output = new AttemptOutput({
      store: options.store,
      clock: options.clock,
      turn: options.turn,
      isBusy: () => this.#busy,
      failed: (error, chunks) => {
        this.#log('warn', 'output of tasks could not be kept', { chunks, error: String(error) });
        return this.#recoverStore(error);
      },
    });
    this.#waker = new Waker({
      store: options.store,
      clock: options.clock,
      timers: options.timers,
      hot: this.#hot,
      wake: (run) => this.#post({ type: 'nudge', run, command: { type: 'PassTime' } }),
      drives: (run) => (this.#scope === 'all' || this.#named.has(run)) && !this.#broken.has(run),
      drivesAll: () => this.#scope === 'all',
      settled: () => this.settled(),
      failed: (error) =>
        this.#log('error', 'what is due could not be read; it is asked again', { error: String(error) }),
    });
    this.#retention = options.retention && this.#retain(options.retention);
    options.executor.onFree(() => {
      if (this.#hungry.size === 0) return;
      this.#slotFreed = true;
      this.#askTurn();
    });
  }

  #retain(periods: RetentionPeriods): Retention {
    const { store, clock, timers, idleTimers, turn } = this.#options;
    const retention = new Retention(periods, {
      store,
      clock,
      timers: idleTimers ?? timers,
      turn,
      aside: (work) => this.#aside(work),
      held: () => this.#endedInMemory(),
      removed: (swept) => this.#removed(swept),
      failed: async (error) => {
        if (this.#closing) return;
        this.#log('warn', 'ended runs could not be removed; they are at the next pass', { error: String(error) });
        await this.#recoverStore(error);
      },
    });
    retention.begin();
    return retention;
  }

  /** Does work between two turns: nothing is being decided or committed meanwhile. */
  async #aside<T>(work: () => Promise<T>): Promise<T> {
    while (this.#busy) await new Promise<void>((resolve) => this.#turned.push(resolve));
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
      // One that was asked for meanwhile has come and gone.
      this.#askTurn();
    }
  }

  /** Runs that have ended and may go on all the same: somebody looks at them, or is about to. */
  #endedInMemory(): readonly RunId[] {
    const held = [...this.#loading.keys()];
    for (const { state } of this.#hot.values()) if (isFinal(state.status)) held.push(state.id);
    return held;
  }

  #removed({ runs, documents }: Pick<Swept, 'runs' | 'documents'>): void {
    for (const version of documents) this.#documentsStored.delete(version);
    for (const run of runs) this.#broken.delete(run);
    this.#log('debug', 'ended runs were removed', { runs: runs.length, documents: documents.length });
  }

  /**
   * Takes up the open runs of the store: those named, or all. Resolves once they are in memory or known to wait.
   *
   * Attempts that a dead process left are counted as lost and made ready again.
   */
  async recover(which: 'all' | readonly RunId[]): Promise<void> {
    if (which === 'all') {
      this.#scope = 'all';
      const { store } = this.#options;
      for (let after: RunId | undefined; ; ) {
        const rows = await store.open({
          active: true,
          limit: resumedAtOnce,
          ...(after === undefined ? {} : { after }),
        });
        for (const row of rows) this.#post({ type: 'nudge', run: row.run, command: { type: 'PassTime' } });
        const last = rows[rows.length - 1];
        if (last === undefined || rows.length < resumedAtOnce) break;
        after = last.run;
        // The first go on while the next are read.
        await this.settled();
        if (this.#closing) return;
      }
      await this.#waker.look();
    } else {
      for (const run of which) {
        this.#named.add(run);
        this.#post({ type: 'nudge', run, command: { type: 'PassTime' } });
      }
    }
    await this.settled();
  }

  /** Starts a run, durably, or attaches to the one of that id. Refused with `busy` while the inbox is full. */
  async start(request: StartRequest, policy: StartPolicy = {}): Promise<Started> {
    for (const { name, payload } of request.signals ?? []) {
      const odd = signalFault(`"${request.workflow.name}"`, request.workflow.code, name, payload);
      if (odd !== undefined) throw new PawlError('bad_input', odd);
    }
    const run = request.id ?? this.#options.ids.runId();
    const startHash = request.id === undefined ? '' : this.#startHash(request);
    const mayMeetOther = request.id !== undefined && (policy.conflict !== undefined || policy.reuse !== undefined);
    for (;;) {
      this.#admit();
      if (mayMeetOther) await this.#makeWay(run, policy);
      const started = await new Promise<Started | undefined>((resolve, reject) => {
        this.#named.add(run);
        this.#post({ type: 'start', request, run, startHash, policy, resolve, reject });
      });
      // Another start came between: the policy says what becomes of that one.
      if (started !== undefined) return started;
    }
  }

  async #makeWay(run: RunId, policy: StartPolicy): Promise<void> {
    // One that was stopped to be replaced is replaced.
    let { reuse } = policy;
    for (;;) {
      const way = makeWay(run, await this.state(run), { ...policy, ...(reuse === undefined ? {} : { reuse }) });
      if (way === 'start') return;
      if (way === 'terminate') {
        await this.command(run, { type: 'Terminate', reason: 'another took its place' });
        reuse = 'always';
      }
      const [removal] = await this.#aside(() => this.#options.store.removeEnded([run]));
      if (removal === undefined) return;
      if (removal.removed) this.#removed(removal);
      else if (removal.because === 'not_found') return;
      else if (removal.because !== 'open' || removal.run !== run)
        throw new PawlError('conflict', `run "${run}" cannot be replaced: it ${reasonsToStay[removal.because]}`);
    }
  }

  /** Says why a run does not take a signal; undefined where it does, or where its code is not here to say. */
  signalFault({ id, version }: Pick<RunState, 'id' | 'version'>, name: string, payload: Json): string | undefined {
    return signalFault(`run "${id}"`, this.programs.get(version)?.code, name, payload);
  }

  /** What a stream of the run holds, from a place on, and what is added to it. */
  async *stream(run: RunId, stream: string, from: number): AsyncGenerator<StreamPiece, void> {
    if (!Number.isSafeInteger(from) || from < 0)
      throw new PawlError(
        'bad_input',
        `a stream is read from the place of a piece, 0 or later, and not from ${JSON.stringify(from)}`,
      );
    yield* readStream(this, this.#options.store, { run, stream, from });
  }

  /**
   * Asks something of a run. Resolves with undefined once it is done and durable, or with the reason why not.
   *
   * @throws PawlError `not_found`, `busy`, `closed`, `store_full`, `store_corrupt`
   */
  command(run: RunId, command: Command): Promise<Refusal | undefined> {
    this.#admit();
    if (command.type === 'Rerun') return this.#withSignalsTaken(run, command).then((asked) => this.#ask(run, asked));
    return this.#ask(run, command);
  }

  #ask(run: RunId, command: Command): Promise<Refusal | undefined> {
    return new Promise((resolve, reject) => {
      this.#named.add(run);
      this.#post({ type: 'command', run, command, resolve, reject });
    });
  }

  /** What calls of a function had taken is there again when they are made again: a signal that was acknowledged is not lost. */
  async #withSignalsTaken(run: RunId, command: Command & { type: 'Rerun' }): Promise<Command> {
    const state = await this.state(run);
    if (state?.style !== 'function' || !isFinal(state.status)) return command;
    const { begunAt: after, revision: upTo } = state;
    const history = await storedHistory(run, this.#options.store, { after, upTo });
    return { ...command, signals: signalsTakenFrom(history, callToRerun(state, command.tasks?.[0])) };
  }

  /** The state of a run as of its last durable event, or undefined where there is no such run. For reading only. */
  async state(run: RunId): Promise<RunState | undefined> {
    try {
      return await new Promise((resolve, reject) => this.#post({ type: 'look', run, resolve, reject }));
    } catch (error) {
      // It was about to move, and there is no room for that: what is durable can be read all the same.
      if (!isPawlError(error) || error.code !== 'store_full') throw error;
      const loaded = await this.readDurably(() => loadRun(run, this.#options.store, this.programs));
      return loaded?.at(-1)?.state;
    }
  }

  /** What is read beside the runs may be of the commit under way: it is shown once that is durable (N1). */
  async readDurably<T>(read: () => Promise<T>): Promise<T> {
    const found = await read();
    await this.#keeping.catch(() => {});
    return found;
  }

  /**
   * Begins a run with the history of another, up to its last commit that ended at `revision` or before. Resolves, durably, with
   * the new run and the revision it was forked at.
   *
   * @throws PawlError `not_found`, `store_corrupt`. `bad_input`: no commit ended so early, or the run had ended there.
   *   `conflict`: `id` is taken.
   */
  async fork(source: RunId, revision: number, id?: RunId): Promise<{ readonly run: RunId; readonly revision: number }> {
    this.#admit();
    const from = { run: source, store: this.#options.store, programs: this.programs };
    return this.#forked(await forkAtRevision(from, revision), id);
  }

  /**
   * Begins a run with the history of another, up to where a call of its function came to an end: the call is made again, or, with an
   * outcome, has come to that.
   *
   * @throws PawlError `not_found`, `store_corrupt`. `bad_input`: it is no function, or has no such call that ended. `conflict`: `id` is taken.
   */
  async forkAtCall(
    source: RunId,
    call: number | string,
    outcome?: Outcome,
    id?: RunId,
  ): Promise<{ readonly run: RunId; readonly revision: number }> {
    this.#admit();
    const from = { run: source, store: this.#options.store, programs: this.programs };
    return this.#forked(await forkAtCall(from, call, outcome), id);
  }

  async #forked(fork: Fork, id: RunId | undefined): Promise<{ readonly run: RunId; readonly revision: number }> {
    const run = id ?? this.#options.ids.runId();
    this.#named.add(run);
    await new Promise<RunId>((resolve, reject) => this.#post({ type: 'fork', run, ...fork, resolve, reject }));
    return { run, revision: fork.from.revision };
  }

  /**
   * How a run stands by what is durable, and what has happened to it; undefined where that is more than `eventsMost` events.
   *
   * @throws PawlError `not_found`, `store_corrupt`
   */
  async view(run: RunId, eventsMost: number): Promise<StoredView | undefined> {
    const state = await this.state(run);
    if (state !== undefined && state.revision > eventsMost) return undefined;
    return this.readDurably(() => viewStored(run, this.#options.store, this.programs));
  }

  /** Forgets ended runs, durably, with all below them; answers each in its place. */
  async remove(runs: readonly RunId[]): Promise<readonly Removal[]> {
    this.#admit();
    const removals = await this.#aside(() => this.#options.store.removeEnded(runs, this.#endedInMemory()));
    for (const removal of removals) if (removal.removed) this.#removed(removal);
    return removals;
  }

  /** Rows of runs by what is durable. @throws PawlError `not_found`: `after` is gone. */
  list(query: FindQuery): Promise<FoundRuns> {
    return this.readDurably(() => this.#options.store.find(query));
  }

  /**
   * Resolves once the run has ended, with how.
   *
   * @throws PawlError `not_found`: there is no such run. `closed`: the engine stops first. `store_failed`: the store failed for good,
   *   and this engine stopped. `internal`, `store_corrupt`: the run is stopped here.
   */
  result(run: RunId): Promise<RunResult> {
    const result = this.#resultOf(run);
    // Whoever does not wait for it need not hear that the engine was closed before.
    result.catch(() => {});
    return result;
  }

  async #resultOf(run: RunId): Promise<RunResult> {
    const state = await this.state(run);
    if (state === undefined) throw new PawlError('not_found', `there is no run "${run}"`);
    if (isFinal(state.status)) return resultOf(state);
    const waiter = Promise.withResolvers<RunResult>();
    const waiters = this.#waiters.get(run);
    if (waiters === undefined) this.#waiters.set(run, [waiter]);
    else waiters.push(waiter);
    return waiter.promise;
  }

  /** Hears the durable events of all runs this engine drives. Returns the function that ends it. */
  subscribe(listener: RunListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hears that a run is not driven here any more, or none is, and why. Returns the function that ends it. */
  whenStopped(listener: (error: PawlError, run: RunId | undefined) => void): () => void {
    this.#stopListeners.add(listener);
    return () => this.#stopListeners.delete(listener);
  }

  /** Nobody here will see the run end, or any run. */
  #tellStopped(error: PawlError, run?: RunId): void {
    const waiters = run === undefined ? [...this.#waiters.values()].flat() : (this.#waiters.get(run) ?? []);
    if (run === undefined) this.#waiters.clear();
    else this.#waiters.delete(run);
    for (const waiter of waiters) waiter.reject(error);
    for (const listener of this.#stopListeners) listener(error, run);
  }

  /** Resolves once the inbox is empty and nothing is being committed or loaded. Attempts may still run. */
  async settled(): Promise<void> {
    while (!this.#isIdle()) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /**
   * True while an attempt runs or could, or a time falls due for a run this engine drives: there is more to do here. A run
   * that was paused while it was driven here counts too: whoever paused it may let it go on any moment.
   */
  get hasWork(): boolean {
    if (!this.#isIdle()) return true;
    if (!this.#flights.isEmpty || this.#comingBack > 0) return true;
    for (const run of this.#hot.values()) {
      if (isFinal(run.state.status)) continue;
      if (run.state.status === 'paused') {
        if (this.#pausedHere.has(run.state.id)) return true;
        continue;
      }
      if (run.state.blocked === undefined && !isWaiting(run.state)) return true;
      if (nextDue(run.state) !== undefined) return true;
    }
    return this.#waker.awaitsRow;
  }

  /** Resolves once this engine has nothing to do: what is open waits for a signal, a person, or something it lacks. */
  async quiet(): Promise<void> {
    while (this.hasWork) await new Promise<void>((resolve) => this.#turned.push(resolve));
  }

  /** Stops taking commands, lets attempts finish for `graceMs`, makes everything durable. Runs go on with the next engine. */
  async close(graceMs = 0): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#closing = true;
    this.#waker.close();
    this.#retention?.close();
    await this.#options.executor.close(graceMs);
    await this.settled();
    this.#halted = true;
    const message = 'the engine stopped before the update was answered; ask again under the same id';
    this.#updates.endAll(new PawlError('closed', message));
    this.#questions.endAll(new PawlError('closed', 'the engine stopped before that was answered; ask the next one'));
    this.#tellStopped(new PawlError('closed', 'the engine stopped; the run goes on when it is resumed'));
    await this.#output.flush();
  }

  #isIdle(): boolean {
    const isLooking =
      this.#loading.size > 0 || this.#hearingAnew.size > 0 || this.#gathering > 0 || this.#results.isAsking;
    // What functions have not heard when the engine closes they hear with the next one.
    const isHearing = (this.#functions.hasWork || !this.#questions.isEmpty) && !this.#closing;
    return this.#inbox.length === 0 && !this.#busy && !isLooking && !isHearing;
  }

  #admit(): void {
    if (this.#closing) throw new PawlError('closed', 'the engine is stopping; the run goes on when it is resumed');
    if (this.#inbox.length < this.#limits.inboxMax) return;
    throw new PawlError('busy', `${this.#inbox.length} messages wait already; try again in a moment`);
  }

  #post(message: Message): void {
    this.#inbox.push(message);
    this.#askTurn();
  }

  #askTurn(): void {
    if (this.#turnAsked || this.#busy) return;
    this.#turnAsked = true;
    this.#options.turn.end(() => {
      this.#turnAsked = false;
      void this.#turn();
    });
  }

  async #turn(): Promise<void> {
    if (this.#busy || this.#halted) return;
    this.#busy = true;
    const messages = this.#inbox;
    this.#inbox = [];
    const at = this.#options.clock.now();
    try {
      for (const message of messages) this.#handle(message, at);
      if (this.#functions.hasWork) {
        // Whoever hears something may leave memory afterwards, also where nothing follows from it.
        for (const run of this.#functions.hearing) {
          const hot = this.#hot.get(run);
          if (hot !== undefined) this.#touched.add(hot);
        }
        await this.#functions.advance(this.#kernelAt(at));
      }
      if (!this.#questions.isEmpty)
        await this.#questions.answerAll(at, () => this.#functions.advance(this.#kernelAt(at)));
      this.#slotFreed = false;
      this.#startAttempts(at);
      await this.#commit(messages);
      if (this.#transacting.size > 0) await this.#transact(at);
    } catch (error) {
      this.#log('error', 'a turn of the engine failed', { error: String(error) });
    } finally {
      this.#busy = false;
      const isWanted = this.#slotFreed || this.#functions.hasWork || !this.#questions.isEmpty;
      if (this.#inbox.length > 0 || isWanted) this.#askTurn();
      if (this.#isIdle()) for (const resolve of this.#idle.splice(0)) resolve();
      for (const resolve of this.#turned.splice(0)) resolve();
    }
  }

  #handle(message: Message, at: Instant): void {
    if (message.type === 'start') {
      this.#handleStart(message, at);
      return;
    }
    if (message.type === 'fork') {
      this.#handleFork(message, at);
      return;
    }
    const broken = this.#broken.get(message.run);
    if (broken !== undefined) {
      if ('reject' in message) message.reject(broken);
      if (message.type === 'completion') this.#flights.remove(message);
      return;
    }
    const hot = this.#hot.get(message.run);
    if (hot === undefined) {
      this.#load(message.run, message);
      return;
    }
    const waiting = this.#hearingAnew.get(hot);
    if (waiting !== undefined) {
      waiting.push(message);
      return;
    }
    switch (message.type) {
      case 'completion': {
        const { task, item, attempt, outcome } = message;
        const command: Command =
          outcome.status === 'handed_over'
            ? { type: 'HandOver', task, item, attempt }
            : { type: 'CompleteAttempt', task, item, attempt, outcome };
        this.#decide(hot, command, at);
        // Until it is durable the attempt counts as under way: whatever loads the run again must not take it for lost.
        this.#onRelease(
          hot,
          () => this.#flights.remove(message),
          () => {},
        );
        return;
      }
      case 'nudge': {
        const { command } = message;
        if (command.type === 'PassTime' && this.#gatherDue(hot, message, at)) return;
        // Which attempts live is asked now: since the word was put in, some may have been dispatched.
        const now = command.type === 'LoseAttempts' ? { ...command, alive: this.#flights.of(message.run) } : command;
        this.#decide(hot, now, at);
        return;
      }
      case 'query':
      case 'update':
        this.#questions.ask(hot, message);
        return;
      case 'look':
        this.#onRelease(hot, () => message.resolve(hot.state), message.reject);
        return;
      case 'emit':
        this.#questions.emit(hot, message, at);
        return;
      case 'command': {
        if (cascading.has(message.command.type) && this.#gather(hot, message)) return;
        const decision = this.#decide(hot, message.command, at);
        if (decision === undefined) {
          message.reject(this.#broken.get(message.run));
          return;
        }
        const answer = decision.accepted ? undefined : decision;
        if (decision.accepted && message.command.type === 'Rerun' && hot.state.style === 'function')
          this.#hearAnew(hot);
        this.#onRelease(hot, () => message.resolve(answer), message.reject);
      }
    }
  }

  /**
   * Brings the runs below `hot` that are not in memory, so that what is asked of it becomes durable with what that means
   * for them: word that went out afterwards would be lost with the process. True where the message waits for that.
   */
  #gather(hot: HotRun, message: CommandMessage): boolean {
    if (this.#gathered.delete(message)) return false;
    const missing = this.#missingBelow(hot.state);
    if (missing.length === 0) return false;
    void this.#bringBelow(missing).then(() => {
      this.#gathered.add(message);
      this.#post(message);
    });
    return true;
  }

  /** The same for tasks whose time is up: their children are to hear of it. */
  #gatherDue(hot: HotRun, message: NudgeMessage, at: Instant): boolean {
    // Only a look at what is due: of a long list that passes time often, all would be too many.
    const due = new Set<TaskNumber>();
    for (const { task: number } of hot.state.timers.dueBy(at)) {
      const task = hot.state.open.get(number);
      if (task !== undefined && isDueBy(task, at)) due.add(number);
    }
    if (due.size === 0 || this.#gathered.delete(message)) return false;
    const cold = childrenTold(hot.state, due).filter((child) => this.#hot.get(child) === undefined);
    if (cold.length === 0) return false;
    void this.#bringBelow(cold).then(() => {
      this.#gathered.add(message);
      this.#post(message);
    });
    return true;
  }

  /** Brings the runs into memory, and all below them. */
  async #bringBelow(runs: readonly RunId[]): Promise<void> {
    this.#gathering += 1;
    while (!this.#adoptAll(await this.#loadBelow(runs)));
    this.#gathering -= 1;
  }

  #missingBelow(state: RunState): RunId[] {
    return childrenAwaited(state).flatMap((child) => {
      const hot = this.#hot.get(child);
      return hot === undefined ? [child] : this.#missingBelow(hot.state);
    });
  }

  /** The runs and all below them; one that cannot be read is left out. */
  async #loadBelow(runs: readonly RunId[]): Promise<RunWithFunction[]> {
    const all: RunWithFunction[] = [];
    for (const run of runs) {
      try {
        const loaded = await this.#loadWithFunctions(run);
        all.push(...(loaded ?? []));
        const last = loaded?.[loaded.length - 1];
        if (last !== undefined) all.push(...(await this.#loadBelow(childrenAwaited(last.state))));
      } catch (error) {
        this.#log('warn', 'a child run cannot be read now; it is told later', { run, error: String(error) });
      }
    }
    return all;
  }

  #handleStart(message: StartMessage, at: Instant): void {
    const { request, run } = message;
    const known = this.#hot.get(run);
    if (known !== undefined) {
      // The run in memory may be one that the store will refuse, for another of that id: only what is durable counts.
      const { status } = known.state;
      const attaches = attachesTo({ final: isFinal(status), status }, message.policy);
      const same = this.#isSameStart(known.startHash, message);
      const refusal = attaches && same ? this.#giveSignals(known, request, at) : undefined;
      const answer = (): void => {
        if (!attaches) message.resolve(undefined);
        else if (!same) message.reject(conflictingStart(run));
        else if (refusal !== undefined) message.reject(signalRefused(run, refusal));
        else message.resolve({ run, attached: true });
      };
      this.#onRelease(known, answer, (error) => void this.#attachOrReject(message, error));
      return;
    }
    const { workflow } = request;
    for (const one of [workflow, ...(request.pinned?.values() ?? [])]) this.#keepDocument(one);
    const pinned = request.pinned && Object.fromEntries([...request.pinned].map(([name, one]) => [name, one.version]));
    const { input, context, from, attributes } = request;
    const hot = this.#begin(
      run,
      workflow,
      { input, context, from, pinned, attributes },
      undefined,
      message.startHash,
      at,
    );
    if (hot === undefined) {
      message.reject(this.#broken.get(run));
      return;
    }
    this.#giveSignals(hot, request, at);
    this.#onRelease(
      hot,
      () => message.resolve({ run, attached: false }),
      (error) => void this.#attachOrReject(message, error),
    );
  }

  /** Why one of them is not taken; undefined where all are, now or before. */
  #giveSignals(hot: HotRun, { signals = [] }: StartRequest, at: Instant): Refusal | undefined {
    for (const signal of signals) {
      const decision = this.#decide(hot, { type: 'Signal', ...signal }, at);
      if (decision?.accepted === false && decision.reason !== 'signal_known') return decision;
    }
    return undefined;
  }

  #handleFork(message: ForkMessage, at: Instant): void {
    const { run, workflow, history, from, edited } = message;
    if (this.#hot.get(run) !== undefined) {
      message.reject(new PawlError('conflict', `there is a run "${run}" already; choose another id`));
      return;
    }
    const { program } = workflow;
    const hot = new HotRun(newRun(run), program, '', undefined);
    const decision = this.#guard(hot, () => fork(hot.state, history, from, at, program, this.#kernel, edited));
    if (decision === undefined) {
      message.reject(this.#broken.get(run));
      return;
    }
    // The run it came from may be gone by now, and its documents with it.
    const pinned = pinnedIn(history).flatMap((version) => this.programs.get(version) ?? []);
    for (const one of [workflow, ...pinned]) this.#keepDocument(one);
    this.#hot.add(hot);
    this.#take(hot, decision, at);
    if (workflow.definition.style === 'function') this.#hearAnew(hot);
    this.#onRelease(hot, () => message.resolve(run), message.reject);
  }

  /**
   * Once it is durable, its function is run over the history as it stands then. Nothing of it starts before. The run stays in memory
   * meanwhile, with the runs below it (N4); what arrives for it waits.
   */
  #hearAnew(hot: HotRun): void {
    this.#hungry.delete(hot);
    hot.isUnheard = true;
    this.#hearingAnew.set(hot, []);
    this.#onRelease(
      hot,
      () => void this.#runAnew(hot),
      () => this.#endHearingAnew(hot),
    );
  }

  async #runAnew(hot: HotRun): Promise<void> {
    const { state, program } = hot;
    const { id } = state;
    const code = this.programs.get(state.version)?.code;
    try {
      if (program.lacks !== undefined || code === undefined) {
        const reason = program.lacks ?? `version ${state.version} of "${state.workflow}" is not registered here`;
        this.#inbox.push({ type: 'nudge', run: id, command: { type: 'Block', reason } });
        return;
      }
      this.#functions.await(id);
      const history = await replayedHistory(state, this.#options.store);
      const execution = await this.#functions.replay(state, code, history);
      if (this.#hot.get(id) === hot) this.#takeUpAnew(hot, execution);
    } catch (error) {
      this.#log('warn', 'a history cannot be read now; its run is taken up later', { run: id, error: String(error) });
      const runs = [...this.#hot.childrenOf(hot), hot];
      for (const one of runs) this.#drop(one, error);
      this.#comeBack([], new Set(runs.map((one) => one.state.id)));
    } finally {
      this.#endHearingAnew(hot);
    }
  }

  #takeUpAnew(hot: HotRun, execution: Execution): void {
    const { id } = hot.state;
    this.#functions.take(execution);
    const { fault } = execution;
    if (fault === undefined && hot.state.ready.size > 0) this.#hungry.add(hot);
    const command: Command = fault === undefined ? { type: 'PassTime' } : { type: 'Block', reason: fault };
    this.#inbox.push({ type: 'nudge', run: id, command });
  }

  #endHearingAnew(hot: HotRun): void {
    this.#inbox.push(...(this.#hearingAnew.get(hot) ?? []));
    this.#hearingAnew.delete(hot);
    this.#askTurn();
  }

  /** A start that met another run of that id: the same start attaches, another is a conflict. */
  async #attachOrReject(message: StartMessage, error: unknown): Promise<void> {
    if (!isPawlError(error) || error.code !== 'conflict') {
      message.reject(error);
      return;
    }
    try {
      const stored = await this.#options.store.load(message.run);
      if (stored === undefined || stored.row === undefined) message.reject(error);
      else if (!attachesTo(stored.row, message.policy)) message.resolve(undefined);
      else if (!this.#isSameStart(stored.row.startHash, message)) message.reject(conflictingStart(message.run));
      else {
        this.#post({ type: 'nudge', run: message.run, command: { type: 'PassTime' } });
        for (const signal of message.request.signals ?? []) {
          const refusal = await this.command(message.run, { type: 'Signal', ...signal });
          if (refusal !== undefined && refusal.reason !== 'signal_known') throw signalRefused(message.run, refusal);
        }
        message.resolve({ run: message.run, attached: true });
      }
    } catch (failure) {
      message.reject(failure);
    }
  }

  #begin(
    run: RunId,
    workflow: Workflow,
    start: {
      input?: RunStarted['input'] | undefined;
      context?: RunStarted['context'];
      from?: RunStarted['from'];
      pinned?: RunStarted['pinned'];
      attributes?: RunStarted['attributes'];
    },
    parent: Parent | undefined,
    startHash: string,
    at: Instant,
  ): HotRun | undefined {
    const { definition, program } = workflow;
    const durationMs = definition.limits.durationMs ?? this.#limits.durationMs;
    const started: RunStarted = {
      type: 'RunStarted',
      workflow: workflow.name,
      version: workflow.version,
      style: program.style,
      input: start.input ?? {},
      seed: this.#options.random.uint32(),
      iterationsMax: definition.limits.iterations ?? this.#limits.iterations,
      context: start.context,
      from: start.from,
      parent,
      pinned: start.pinned,
      attributes: start.attributes,
      deadlineAt: durationMs === undefined ? undefined : ((at + durationMs) as Instant),
    };
    const hot = new HotRun(newRun(run), program, startHash, undefined);
    const decision = this.#guard(hot, () => begin(hot.state, started, at, program, this.#kernel));
    if (decision === undefined) return undefined;
    this.#hot.add(hot);
    if (workflow.code !== undefined) this.#functions.begin(hot.state, workflow.code);
    this.#take(hot, decision, at);
    return hot;
  }

  /** A run has begun anew: its function is run from the beginning, by the newest code of its name. */
  #renew(hot: HotRun, renewed: Recorded): void {
    const { id, version } = hot.state;
    const code = this.programs.get(version)?.code;
    assert(code !== undefined, `run ${id} begins anew as version ${version}, which is not registered`);
    this.#functions.begin(hot.state, code);
    this.#functions.observe(id, [renewed]);
  }

  /** What a function calls. */
  #kernelAt(at: Instant): Kernel {
    const ask = (run: RunId, command: (state: RunState) => Command): void => {
      const hot = this.#hot.get(run);
      if (hot === undefined || isFinal(hot.state.status)) return;
      this.#decide(hot, command(hot.state), at);
    };
    return {
      advance: (run, directives) =>
        ask(run, ({ revision, workflow }) => ({
          type: 'Advance',
          revision,
          directives: directives.map((one) => this.#newest(one, workflow)),
        })),
      mayLeave: (run, tasks) => this.#mayLeave(run, tasks),
      block: (run, reason) => ask(run, () => ({ type: 'Block', reason })),
    };
  }

  /**
   * What a run leaves and what that means for the runs below it is one bundle (N4): those that are not in memory are brought first. One
   * that cannot be read is told later.
   */
  #mayLeave(run: RunId, tasks: Iterable<number>): boolean {
    const hot = this.#hot.get(run);
    if (hot === undefined) return true;
    const cold = childrenTold(hot.state, tasks).filter((child) => this.#hot.get(child) === undefined);
    if (cold.length === 0 || this.#brought.delete(run)) return true;
    if (this.#bringing.has(run)) return false;
    this.#bringing.add(run);
    void this.#bringBelow(cold).then(() => {
      this.#bringing.delete(run);
      this.#brought.add(run);
      this.#functions.goOn(run);
      this.#askTurn();
    });
    return false;
  }

  /** A run that begins anew does so with the newest code of its name. */
  #newest(directive: Directive, name: string): Directive {
    const workflow = directive.type === 'renew' ? this.programs.named(name) : undefined;
    if (workflow?.code === undefined || directive.type !== 'renew') return directive;
    this.#keepDocument(workflow);
    return { ...directive, version: workflow.version };
  }

  /**
   * Asks a durable function to change something; resolves with its answer once that is durable.
   *
   * @throws PawlError `bad_input`, `refused`, `failed`, `not_found`, `closed`
   */
  update(run: RunId, name: string, input: Json, id?: string): Promise<Json> {
    this.#admit();
    if (id !== undefined && typeof id !== 'string')
      return Promise.reject(new PawlError('bad_input', `the id of the update "${name}" is no text`));
    return new Promise((resolve, reject) => {
      const given = givenJson(input, `the input of the update "${name}"`);
      this.#post({ type: 'update', run, name, input: given, id, resolve, reject });
    });
  }

  /** Does pieces of users' work on the store's database, in one transaction with what follows from them. */
  transact<T>(piece: (sql: Sql) => T): Promise<T> {
    this.#admit();
    // Thrown, and not told: what called it inside a transaction is undone.
    if (this.#isInPiece)
      throw new PawlError('refused', 'transactions do not nest: write with the one that is under way, or after it');
    let worked: Worked<T> | undefined;
    const done = this.#options.store.transact((work) => {
      worked = work((sql) => this.#inPiece(() => piece(sql)));
      return [];
    });
    return done.then(
      () => {
        if (worked?.ok === true) return worked.value;
        throw worked?.error;
      },
      (error: unknown) => {
        throw error instanceof WorkUndidAll ? error.cause : error;
      },
    );
  }

  #inPiece<T>(work: () => T): T {
    this.#isInPiece = true;
    try {
      return work();
    } finally {
      this.#isInPiece = false;
    }
  }

  /** Answers from what a function holds. @throws PawlError `bad_input`, `not_found`, `closed` */
  query(run: RunId, name: string, args: readonly Json[]): Promise<Json> {
    this.#admit();
    return new Promise((resolve, reject) => {
      const given = args.map((one) => givenJson(one, `what the query "${name}" is asked with`));
      this.#post({ type: 'query', run, name, args: given, resolve, reject });
    });
  }

  /** Runs the closure of a step of a durable function, or the one that finds out what an earlier attempt came to. */
  runStep(run: RunId, call: number, attempt: unknown, isProbe: boolean): unknown {
    const step = this.#functions.stepOf(run, call);
    const work = isProbe ? step?.verify : step?.work;
    if (work === undefined) throw new PawlError('internal', `run "${run}" has no step for its call ${call}`);
    return work(attempt as never);
  }

  /** Adds a piece to a stream of a durable function, for an attempt of a step that is under way. */
  emit(run: RunId, call: number, stream: string, value: Json): void {
    this.#post({ type: 'emit', run, call, stream, value });
  }

  /** Decides a command; undefined where the run turned out to be broken. */
  #decide(hot: HotRun, command: Command, at: Instant): Decision | undefined {
    const { lacks } = hot.program;
    const waits = hot.state.style === 'function' && heardLater.has(command.type);
    if (lacks !== undefined && !waits && !movesWithoutCode.has(command.type)) return refuse('run_is_blocked', lacks);
    const decision = this.#guard(hot, () => decide(hot.state, command, at, hot.program, this.#kernel));
    if (decision !== undefined) this.#take(hot, decision, at);
    return decision;
  }

  /** Runs what may find the run's state impossible; such a run leaves memory and is not touched again by this process. */
  #guard<T>(hot: HotRun, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      const { id } = hot.state;
      const reason = error instanceof Error ? error.message : String(error);
      this.#break(
        id,
        new PawlError('internal', `run "${id}" is stopped, since deciding it failed: ${reason}`, { cause: error }),
      );
      this.#drop(hot, this.#broken.get(id));
      return undefined;
    }
  }

  #break(run: RunId, error: PawlError): void {
    this.#broken.set(run, error);
    this.#tellStopped(error, run);
    this.#log('error', error.message, { run, code: error.code });
  }

  /** Notes what a decision changed, and carries it to child and parent within the same bundle. */
  #take(hot: HotRun, decision: Decision, at: Instant): void {
    this.#touched.add(hot);
    if (!decision.accepted) return;
    hot.pending.push(...decision.events);
    if (hot.state.style === 'function') {
      this.#functions.observe(hot.state.id, decision.events);
      if (decision.events.some(schedulesTransaction)) this.#booking.add(hot);
      for (const settled of this.#updates.settledBy(hot.state.id, decision.events))
        this.#onRelease(hot, settled, () => {});
      const renewed = decision.events.find(({ type }) => type === 'RunRenewed');
      if (renewed !== undefined) this.#renew(hot, renewed);
    }
    if (decision.events.some((event) => event.type === 'PauseRequested')) this.#pausedHere.add(hot.state.id);
    this.#hot.touch(hot);
    if (hot.state.ready.size > 0) this.#hungry.add(hot);
    for (const effect of decision.effects) this.#carryOut(hot, effect, at);
    if (isFinal(hot.state.status) && decision.events.length > 0) this.#tellParent(hot, at);
  }

  #carryOut(hot: HotRun, effect: Effect, at: Instant): void {
    switch (effect.type) {
      case 'startChild':
        this.#startChild(hot, effect, at);
        return;
      case 'childCommand': {
        const child = childRunId(hot.state.id, effect.task, effect.item, effect.round);
        const command: Command = { type: effect.command };
        const known = this.#hot.get(child);
        if (known === undefined)
          this.#onRelease(
            hot,
            () => this.#post({ type: 'nudge', run: child, command }),
            () => {},
          );
        else {
          this.#links.join(hot, known);
          this.#decide(known, command, at);
        }
        return;
      }
      case 'abort':
        hot.outbox.aborts.push(effect);
        return;
      case 'renewed':
        return;
      case 'keepResult':
        hot.results.push(this.#results.keptOf(hot.state.id, effect));
        return;
      case 'continue':
        this.#post({ type: 'nudge', run: hot.state.id, command: { type: 'Continue' } });
    }
  }

  #startChild(parent: HotRun, effect: Effect & { type: 'startChild' }, at: Instant): void {
    const { state } = parent;
    const { task, item, round } = effect;
    const wanted = wantedChild(state, effect.input, { programs: this.programs, depthMax: this.#limits.depthMax });
    if (!wanted.ok) {
      const failure = { kind: 'invalid_input', message: wanted.message, retryable: false };
      const outcome: Outcome = { status: 'failed', output: null, failure };
      this.#decide(parent, { type: 'CompleteChild', task, item, round, outcome }, at);
      return;
    }
    const { workflow, input, depth } = wanted;
    this.#keepDocument(workflow);
    const id = childRunId(state.id, task, item, round);
    // Its parent was started again after its end, which the store will refuse; this child, left behind, goes on.
    if (this.#hot.get(id) !== undefined) return;
    const start = { input, pinned: state.pinned };
    const abandoned = state.open.get(task)?.spec.onLeave === 'abandon' ? { abandoned: true } : {};
    const child = this.#begin(
      id,
      workflow,
      start,
      { run: state.id, task, item, depth, ...(round === 0 ? {} : { round }), ...abandoned },
      '',
      at,
    );
    if (child !== undefined) this.#links.join(parent, child);
  }

  /** A child that ended tells its parent, in the bundle that ends it. */
  #tellParent(child: HotRun, at: Instant): void {
    const { parent } = child.state;
    const hot = this.#hot.parentOf(child);
    if (parent === undefined || hot === undefined) return;
    this.#links.join(hot, child);
    this.#decide(
      hot,
      {
        type: 'CompleteChild',
        task: parent.task,
        item: parent.item,
        round: parent.round,
        outcome: childOutcome(child.state),
      },
      at,
    );
  }

  /** Reserves the free slots for runs that have something to start, and records the attempts. */
  #startAttempts(at: Instant): void {
    if (this.#closing) return;
    for (const hot of this.#booking) this.#lookForTransactions(hot);
    const { executor } = this.#options;
    let free = executor.free();
    for (const hot of this.#hungry) {
      if (free <= 0) return;
      if (this.#hearingAnew.has(hot)) continue;
      const { state } = hot;
      let stuck = false;
      for (const number of state.ready) {
        const task = state.open.get(number);
        while (task !== undefined && free > 0 && state.ready.has(number) && !stuck) {
          if (unitKind(task.spec) !== 'action') break;
          if (task.spec.cache !== undefined && this.#awaitsResult(hot, task)) break;
          const item = task.items === undefined ? undefined : nextItem(task.items);
          const action = actionOf(task.spec, item);
          if (action === transactionAction) break;
          // Its function has left it, and is about to say so.
          if (action === stepAction && this.#functions.stepOf(state.id, task.spec.route ?? 0) === undefined) break;
          if (!executor.has(action)) {
            const reason = `the action "${action}" of task "${task.spec.name}" is not known here`;
            if (mayMove(state, task.spec)) this.#decide(hot, { type: 'Block', reason }, at);
            stuck = true;
            break;
          }
          const decision = this.#decide(hot, { type: 'StartAttempt', task: number, item }, at);
          if (decision?.accepted !== true) {
            stuck = true;
            break;
          }
          hot.outbox.starts.push(this.#order(hot, number, item, action));
          free -= 1;
        }
        if (free <= 0 || stuck) break;
      }
      if (state.ready.size === 0 || stuck) this.#hungry.delete(hot);
    }
  }

  /** They need no worker, and wait for none. */
  #lookForTransactions(hot: HotRun): void {
    const { state } = hot;
    if (this.#hot.get(state.id) !== hot) this.#booking.delete(hot);
    else if (!this.#hearingAnew.has(hot)) {
      const open = [...state.open.values()].filter(({ spec }) => spec.action === transactionAction);
      if (open.length === 0) this.#booking.delete(hot);
      else if (open.some(({ task, spec }) => state.ready.has(task) && mayMove(state, spec))) this.#transacting.add(hot);
    }
  }

  /** True while an earlier result is looked for that may take the place of the task's attempt. */
  #awaitsResult(hot: HotRun, task: OpenTask): boolean {
    const run = hot.state.id;
    // Who runs a run again wants it done, not remembered.
    if (hot.state.epoch > 0) return false;
    return this.#results.mustWait(run, task, (found) => {
      const command: Command =
        found === undefined ? { type: 'Continue' } : { type: 'ReuseResult', task: task.task, ...found };
      this.#post({ type: 'nudge', run, command });
    });
  }

  #order(hot: HotRun, number: number, item: number | undefined, action: string): AttemptOrder {
    const task = hot.state.open.get(number)!;
    return {
      run: hot.state.id,
      task: number,
      item,
      attempt: item === undefined ? task.attempt : (task.items?.attempt[item] ?? 1),
      name: task.spec.name,
      action,
      input: inputOf(task.spec, item),
      timeoutMs: task.spec.timeoutMs,
      secrets: task.spec.secrets,
      heartbeatMs: task.spec.heartbeatMs,
      progress: task.progress?.get(item ?? wholeTask),
      probe: task.unknown,
      token: tokenOf({
        run: hot.state.id,
        seed: hot.state.seed,
        place: { task: number },
        attempt: item === undefined ? task.attempt : (task.items?.attempt[item] ?? 1),
      }),
    };
  }

  /**
   * The holder of a token says what an attempt that was handed over, or a callback, came to.
   *
   * @throws PawlError `bad_input`: the text is no token, or of another run. `not_found`, `refused`, `closed`
   */
  async completeLater(token: string, outcome: Outcome): Promise<void> {
    const { run, place } = await this.#placeOf(token);
    const refusal = await this.command(run, { type: 'CompleteLater', ...place, outcome });
    if (refusal !== undefined)
      throw new PawlError('refused', refusal.message, { details: { run, reason: refusal.reason } });
  }

  /** A sign of life of an attempt that was handed over. */
  async reportProgress(token: string, details: Json): Promise<void> {
    const { run, place } = await this.#placeOf(token);
    const refusal = await this.command(run, { type: 'ReportProgress', ...place, details });
    if (refusal !== undefined)
      throw new PawlError('refused', refusal.message, { details: { run, reason: refusal.reason } });
  }

  async #placeOf(token: string): Promise<{ run: RunId; place: { task: TaskNumber; attempt: number } }> {
    const read = typeof token === 'string' ? parseToken(token) : undefined;
    const state = read && (await this.state(read.run));
    if (read === undefined || state === undefined || state.seed !== read.seed)
      throw new PawlError('bad_input', `"${String(token).slice(0, 80)}" is not a token of a task or a callback here`);
    const { run, place, attempt } = read;
    if ('task' in place) return { run, place: { task: place.task, attempt } };
    const task = [...state.open.values()].find((one) => one.spec.route === place.call && one.spec.kind === 'ask');
    // A callback that is over is refused as such, under a number no task has.
    return { run, place: { task: task?.task ?? -1, attempt } };
  }

  /**
   * Carries out the transactions of functions: what a user writes is committed together with what follows from it. All of a turn go
   * together; where one of them spoils that for all, each goes alone.
   */
  async #transact(at: Instant): Promise<void> {
    const pieces = [...this.#transacting].flatMap((hot) => this.#piecesOf(hot));
    this.#transacting.clear();
    const together: (readonly Piece[])[] = pieces.length === 0 ? [] : [pieces];
    for (let some = together.shift(); some !== undefined && !this.#stopped; some = together.shift()) {
      const fault = await this.#transactTogether(some, at);
      if (fault === undefined) continue;
      const [piece] = some;
      if (some.length > 1) together.push(...some.map((one) => [one]));
      else if (piece !== undefined && fault instanceof WorkUndidAll) together.push([{ ...piece, undid: fault.cause }]);
      else if (piece !== undefined) this.#transactLater(piece, fault);
    }
    for (const { hot } of pieces) {
      if (hot.state.ready.size === 0 || this.#hot.get(hot.state.id) !== hot) continue;
      this.#hungry.add(hot);
    }
  }

  #piecesOf(hot: HotRun): readonly Piece[] {
    const { state } = hot;
    if (this.#hot.get(state.id) !== hot) return [];
    return [...state.ready].flatMap((number) => {
      const task = state.open.get(number);
      if (task?.spec.action !== transactionAction || !mayMove(state, task.spec)) return [];
      const step = this.#functions.stepOf(state.id, task.spec.route ?? 0);
      return step === undefined ? [] : [{ hot, task, step }];
    });
  }

  /** Why nothing of it was done, and nothing decided; undefined where it was, or where its runs have left memory. */
  async #transactTogether(pieces: readonly Piece[], at: Instant): Promise<unknown> {
    let batch: Batch | undefined;
    const isLost = (): boolean => pieces.some(({ hot }) => this.#hot.get(hot.state.id) !== hot);
    if (isLost()) return undefined;
    try {
      const committing = this.#options.store.transact((work) => {
        // First all that may spoil it: a decision cannot be taken back.
        const outcomes = pieces.map(({ step, undid }) =>
          outcomeOfWork(
            undid === undefined
              ? work((sql) => this.#inPiece(() => step.work(sql as never)))
              : { ok: false, error: undid },
          ),
        );
        pieces.forEach((piece, index) => {
          this.#decidePiece(piece, outcomes[index]!, at);
        });
        batch = this.#batch();
        // What such a run wrote must not be kept without its record.
        const broken = pieces.find(({ hot }) => this.#broken.has(hot.state.id));
        if (broken !== undefined) throw this.#broken.get(broken.hot.state.id);
        return batch?.bundles ?? [];
      });
      this.#keeping = committing.then(() => {});
      const outcomes = await committing;
      if (batch !== undefined) this.#noteOutcomes(batch, outcomes);
    } catch (error) {
      await this.#recoverStore(error);
      if (batch === undefined && !isLost()) return error;
      batch ??= this.#batch();
      if (batch !== undefined) for (const hot of batch.held.keys()) batch.failed.set(hot, error);
    }
    if (batch !== undefined) this.#settleBatch(batch, []);
    // One that is to be tried again at once.
    if (pieces.some(({ hot }) => hot.state.ready.size > 0)) this.#slotFreed = true;
    return undefined;
  }

  #decidePiece({ hot, task }: Piece, outcome: Outcome, at: Instant): void {
    const { task: number } = task;
    if (this.#decide(hot, { type: 'StartAttempt', task: number }, at) === undefined) return;
    const decision = this.#decide(hot, { type: 'CompleteAttempt', task: number, attempt: task.attempt, outcome }, at);
    assert(decision?.accepted !== false, `the transaction of task ${number} of run ${hot.state.id} is recorded`);
  }

  /** There was no room for it: it stays as it is, and is tried again in a moment. */
  #transactLater({ hot }: Piece, fault: unknown): void {
    this.#log('warn', 'a transaction could not be carried out now', { run: hot.state.id, error: String(fault) });
    this.#askAgain([{ type: 'nudge', run: hot.state.id, command: { type: 'PassTime' } }]);
  }

  async #commit(messages: readonly Message[]): Promise<void> {
    const batch = this.#batch();
    if (batch === undefined) return;
    const { bundles, members, failed } = batch;
    if (bundles.length > 0) {
      this.#keeping = this.#keep(bundles, members, failed);
      await this.#keeping;
    }
    this.#settleBatch(batch, messages);
    if (!this.#output.isEmpty) await this.#output.flush();
  }

  /** What the turn has touched, as bundles; undefined where it touched nothing. */
  #batch(): Batch | undefined {
    const touched = [...this.#touched];
    const links = this.#links;
    const documents = this.#documents;
    this.#touched = new Set();
    this.#links = new Links();
    this.#documents = [];
    if (touched.length === 0) return undefined;

    const held = new Map(touched.map((hot) => [hot, { events: hot.pending, outbox: hot.takeOutbox() }]));
    const groups = bundlesOf(touched, links);
    const bundles: Bundle[] = [];
    const members: (readonly HotRun[])[] = [];
    const failed = new Map<HotRun, unknown>();
    for (const group of groups) {
      const appends: RunAppend[] = [];
      for (const hot of group) {
        hot.isUnheard = this.#hearingAnew.has(hot) || this.#functions.isHearing(hot.state.id);
        const append = this.#guardedAppend(hot);
        if (append !== undefined) appends.push(append);
      }
      const broken = group.find(({ state }) => this.#broken.has(state.id));
      if (broken !== undefined) {
        for (const hot of group) failed.set(hot, this.#broken.get(broken.state.id));
        continue;
      }
      if (appends.length === 0) continue;
      // With every run that begins: a bundle that is refused takes its documents along.
      const begins = documents.length > 0 && appends.some(({ row }) => row?.version !== undefined);
      const results = group.flatMap((hot) => hot.results.splice(0));
      bundles.push({
        appendId: this.#options.ids.appendId(),
        appends,
        ...(begins ? { documents } : {}),
        ...(results.length > 0 ? { results } : {}),
      });
      members.push(group);
    }
    return { held, bundles, members, failed };
  }

  /** Releases what is durable; what is not leaves memory, and is taken up again as it was. */
  #settleBatch({ held, failed }: Batch, messages: readonly Message[]): void {
    const lost = new Set<RunId>();
    for (const [hot, error] of failed) {
      for (const child of this.#hot.childrenOf(hot)) {
        lost.add(child.state.id);
        this.#drop(child, error);
      }
      lost.add(hot.state.id);
      this.#drop(hot, error);
      for (const release of held.get(hot)?.outbox.releases ?? []) release(error);
    }
    if (lost.size > 0) this.#comeBack(messages, lost);
    for (const [hot, { events, outbox }] of held) {
      if (!failed.has(hot)) this.#release(hot, events, outbox);
    }
    this.#waker.set();
  }

  /** What is to be kept of the run. Where that cannot be written down (N5) the run is broken, and the others of the turn are not. */
  #guardedAppend(hot: HotRun): RunAppend | undefined {
    try {
      return hot.takeAppend();
    } catch (error) {
      const { id } = hot.state;
      const reason = error instanceof Error ? error.message : String(error);
      const message = `run "${id}" is stopped, since what happened cannot be written down: ${reason}`;
      this.#break(id, new PawlError('internal', message, { cause: error }));
      return undefined;
    }
  }

  /**
   * Commits bundles, each of the runs in its place of `members`; puts those that were not committed into `failed`. Where there is
   * no room for all, what goes on comes before what begins.
   */
  async #keep(
    bundles: readonly Bundle[],
    members: readonly (readonly HotRun[])[],
    failed: Map<HotRun, unknown>,
  ): Promise<void> {
    const fail = (index: number, error: unknown): void => {
      for (const hot of members[index]!) failed.set(hot, error);
    };
    try {
      this.#noteOutcomes({ bundles, members, failed }, await this.#options.store.commit(bundles));
    } catch (error) {
      const goesOn = bundles.map(({ appends }) => appends.some(({ expected }) => expected > 0));
      const isPartial = isPawlError(error) && error.code === 'store_full' && goesOn.includes(true);
      if (isPartial && goesOn.includes(false)) {
        for (const index of bundles.keys()) if (!goesOn[index]) fail(index, error);
        const goOn = <T>(list: readonly T[]): T[] => list.filter((_, index) => goesOn[index]);
        await this.#keep(goOn(bundles), goOn(members), failed);
        return;
      }
      for (const index of bundles.keys()) fail(index, error);
      await this.#recoverStore(error);
    }
  }

  #noteOutcomes({ bundles, members, failed }: Omit<Batch, 'held'>, outcomes: readonly StoreOutcome[]): void {
    outcomes.forEach((outcome, index) => {
      if (outcome.committed) {
        const { documents = [], results = [] } = bundles[index]!;
        for (const document of documents) this.#documentsStored.add(document.version);
        for (const { expiresAt } of results) if (expiresAt !== undefined) this.#retention?.expires(expiresAt);
        return;
      }
      const message = `run "${outcome.conflict.run}" was changed by another writer`;
      const error = new PawlError('conflict', message, { details: outcome.conflict });
      for (const hot of members[index]!) failed.set(hot, error);
    });
  }

  /** What is durable is shown, answered and carried out. */
  #release(hot: HotRun, events: readonly Recorded[], outbox: Outbox): void {
    const { state } = hot;
    for (const release of outbox.releases) release(undefined);
    for (const { task, item } of outbox.aborts) this.#options.executor.abort({ run: state.id, task, item });
    // One that left memory with its parent has no closures here any more; its attempt is lost, and made again once it is back.
    const isHere = this.#hot.get(state.id) === hot;
    for (const order of outbox.starts) if (isHere || order.action !== stepAction) this.#dispatch(order);
    if (events.length > 0) for (const listener of this.#listeners) listener(state.id, events, state);
    if (isFinal(state.status)) {
      this.#hungry.delete(hot);
      this.#named.delete(state.id);
      this.#pausedHere.delete(state.id);
      const waiters = this.#waiters.get(state.id);
      this.#waiters.delete(state.id);
      for (const waiter of waiters ?? []) waiter.resolve(resultOf(state));
    }
    if (isFinal(state.status)) {
      this.#updates.endAsked(state.id, () => unanswered(state));
      this.#functions.forget(state.id);
      this.#results.forget(state.id);
      if (events.length > 0 && state.endedAt !== undefined) this.#retention?.ended(state.status, state.endedAt);
    }
    // What it has not heard it hears in the next turn.
    if (this.#functions.isHearing(state.id) || this.#hearingAnew.has(hot)) return;
    for (const left of this.#hot.park(hot)) {
      this.#functions.forget(left.state.id);
      this.#waker.noteRow(nextDue(left.state));
    }
  }

  #dispatch(order: AttemptOrder): void {
    const { run, task, item, attempt } = order;
    const flight = { run, task, item, attempt };
    const { executor } = this.#options;
    this.#flights.add(flight);
    executor.start(
      order,
      (outcome) => this.#post({ type: 'completion', ...flight, outcome }),
      (log) => this.#output.take(flight, log),
      (details) =>
        this.#post({ type: 'nudge', run, command: { type: 'ReportProgress', task, item, attempt, details } }),
    );
  }

  /** After a commit whose outcome is unknown nothing of the handle is believed: it is opened anew, or the engine stops. */
  async #recoverStore(error: unknown): Promise<void> {
    if (!isPawlError(error) || error.code !== 'store_failed' || this.#stopped) return;
    this.#log('error', 'a write failed with an unknown outcome; the store is opened anew', { error: error.message });
    try {
      await this.#options.store.reopen();
    } catch (failure) {
      this.#closing = true;
      this.#stopped = true;
      this.#log('error', 'the store could not be opened again; the engine stops', { error: String(failure) });
      const message =
        'the store failed and could not be opened again, so the engine stopped; the run goes on when it is resumed';
      const stopped = new PawlError('store_failed', message, { cause: failure });
      this.#tellStopped(stopped);
    }
  }

  /**
   * Takes up again what left memory because the store could not take it: the runs, and the results of attempts among
   * `messages`, which happened. A run that is not in the store never began.
   */
  #comeBack(messages: readonly Message[], runs: ReadonlySet<RunId>): void {
    const kept = messages.filter((message) => message.type === 'completion').filter((message) => runs.has(message.run));
    this.#askAgain([
      ...kept,
      ...[...runs].map((run): Message => ({ type: 'nudge', run, command: { type: 'PassTime' } })),
    ]);
  }

  #askAgain(messages: readonly Message[]): void {
    if (messages.length === 0 || this.#closing) return;
    this.#comingBack += 1;
    this.#options.timers.at((this.#options.clock.now() + comeBackAfterMs) as Instant, () => {
      this.#comingBack -= 1;
      if (this.#closing) return;
      for (const message of messages) this.#post(message);
    });
  }

  /** Takes a run out of memory: its state may say what no store knows. */
  #drop(hot: HotRun, error: unknown): void {
    this.#hot.remove(hot);
    this.#functions.forget(hot.state.id);
    this.#brought.delete(hot.state.id);
    this.#updates.end(hot.state.id, error);
    this.#results.forget(hot.state.id);
    this.#hungry.delete(hot);
    this.#touched.delete(hot);
    hot.pending = [];
    for (const release of hot.takeOutbox().releases) release(error);
  }

  #onRelease(hot: HotRun, resolve: () => void, reject: (error: unknown) => void): void {
    this.#touched.add(hot);
    hot.outbox.releases.push((error) => (error === undefined ? resolve() : reject(error)));
  }

  /** Loads a run, its parents and the workflows it may need; what arrives for it meanwhile waits. */
  #load(run: RunId, message: Message): void {
    const waiting = this.#loading.get(run);
    if (waiting !== undefined) {
      waiting.push(message);
      return;
    }
    const arrived: Message[] = [message];
    this.#loading.set(run, arrived);
    this.#loadWithFunctions(run)
      .then(
        (loaded) => this.#loaded(run, loaded, arrived),
        (error: unknown) => {
          const fault = isPawlError(error) ? error : new PawlError('internal', String(error), { cause: error });
          if (standsForGood.has(fault.code)) this.#break(run, fault);
          for (const one of arrived) if ('reject' in one) one.reject(fault);
          const isBroken = this.#broken.has(run);
          const others = arrived.filter((one) => one.type === 'completion' || one.type === 'nudge');
          if (!isBroken) this.#askAgain(others);
          else for (const one of others) if (one.type === 'completion') this.#flights.remove(one);
        },
      )
      .finally(() => {
        this.#loading.delete(run);
        this.#askTurn();
        if (this.#isIdle()) for (const resolve of this.#idle.splice(0)) resolve();
      });
  }

  /** Functions are run again over their histories before anything is asked of their runs. */
  async #loadWithFunctions(run: RunId): Promise<readonly RunWithFunction[] | undefined> {
    const { store } = this.#options;
    const loaded = await loadRun(run, store, this.programs);
    if (loaded === undefined) return undefined;
    const runs: RunWithFunction[] = [];
    for (const one of loaded) {
      const { state, workflow } = one;
      const isWanted = workflow.code !== undefined && !isFinal(state.status) && this.#hot.get(state.id) === undefined;
      const execution = isWanted
        ? await this.#functions.replay(state, workflow.code, await replayedHistory(state, store))
        : undefined;
      runs.push({ ...one, execution });
    }
    return runs;
  }

  #loaded(run: RunId, loaded: readonly RunWithFunction[] | undefined, arrived: readonly Message[]): void {
    if (loaded === undefined) {
      this.#named.delete(run);
      const error = new PawlError('not_found', `there is no run "${run}"; \`pawl runs\` lists them`);
      for (const message of arrived) {
        if (message.type === 'command' || message.type === 'query' || message.type === 'update') message.reject(error);
        else if (message.type === 'look') message.resolve(undefined);
        else if (message.type === 'completion') this.#flights.remove(message);
      }
      return;
    }
    this.#adoptAll(loaded);
    // Where they could not be, they are loaded once more.
    this.#inbox.push(...arrived);
  }

  /** False where a run was in memory when it was loaded, so that its function was not run again, and has left since. */
  #adoptAll(loaded: readonly RunWithFunction[]): boolean {
    const lacksFunction = loaded.some(
      ({ state, workflow, execution }) =>
        workflow.code !== undefined &&
        execution === undefined &&
        !isFinal(state.status) &&
        this.#hot.get(state.id) === undefined,
    );
    if (lacksFunction) return false;
    for (const one of loaded) this.#adopt(one);
    return true;
  }

  /** Makes a loaded run hot: attempts that nobody runs any more are lost, time that has passed is told. */
  #adopt({ state, program, row, execution }: RunWithFunction): void {
    // Several may have loaded it at the same time, each with a function of its own: the first counts.
    if (this.#hot.get(state.id) !== undefined) return;
    const hot = new HotRun(state, program, row.startHash, row);
    this.#hot.add(hot);
    if (execution !== undefined) this.#functions.take(execution);
    if (state.style === 'function') this.#booking.add(hot);
    if (isFinal(state.status)) return;
    if (program.lacks !== undefined) {
      this.#inbox.push({ type: 'nudge', run: state.id, command: { type: 'Block', reason: program.lacks } });
      return;
    }
    const fault = this.#functions.faultOf(state.id);
    if (fault !== undefined) {
      this.#inbox.push({ type: 'nudge', run: state.id, command: { type: 'Block', reason: fault } });
      return;
    }
    this.#inbox.push({ type: 'nudge', run: state.id, command: { type: 'LoseAttempts', alive: [] } });
    if (state.blocked !== undefined && this.#canServe(state)) {
      this.#inbox.push({ type: 'nudge', run: state.id, command: { type: 'Unblock' } });
    }
    this.#inbox.push({ type: 'nudge', run: state.id, command: { type: 'PassTime' } });
    if (state.ready.size > 0) this.#hungry.add(hot);
    const word = wordFromParent(hot.state, this.#hot.parentOf(hot)?.state);
    if (word !== undefined) this.#inbox.push({ type: 'nudge', run: state.id, command: { type: word } });
    // Its children may not have heard before the process that canceled it died.
    if (state.status === 'failing' || (state.status === 'canceling' && !state.canceledByTask)) {
      for (const child of childrenLeaving(state)) {
        this.#inbox.push({ type: 'nudge', run: child.run, command: { type: child.command } });
      }
    }
  }

  /** True where every attempt that could start has its action here. */
  #canServe(state: RunState): boolean {
    for (const number of state.ready) {
      const task = state.open.get(number);
      if (task === undefined || unitKind(task.spec) !== 'action') continue;
      if (task.spec.action === transactionAction) continue;
      if (!this.#options.executor.has(actionOf(task.spec, task.items && nextItem(task.items)))) return false;
    }
    return true;
  }

  #keepDocument(workflow: Workflow): void {
    this.programs.keep(workflow);
    if (this.#documentsStored.has(workflow.version)) return;
    if (this.#documents.some((document) => document.version === workflow.version)) return;
    this.#documents.push({ version: workflow.version, name: workflow.name, text: workflow.text });
  }

  /** A run from before the store was sealed has a digest that needs no secret. */
  #isSameStart(startHash: string, { startHash: asked, request }: StartMessage): boolean {
    const { digests, hasher } = this.#options;
    if (startHash === asked) return true;
    return digests !== undefined && request.id !== undefined && startHash === this.#startHash(request, hasher);
  }

  #startHash(request: StartRequest, hasher = this.#options.digests ?? this.#options.hasher): string {
    const what = [request.workflow.version, request.input ?? {}, request.context ?? {}, (request.from ?? []) as Json];
    return hasher.sha256(canonicalJson(what as Json)).slice(0, 40);
  }

  #log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#options.logger?.log(level, message, fields);
  }
}

function resultOf(state: RunState): RunResult {
  return { run: state.id, status: state.status, output: state.output, errors: [...state.errors.list] };
}

const reasonsToStay = {
  has_parent: 'belongs to another run',
  unreadable: 'is damaged',
  held: 'is held in memory',
  open: 'has sub-workflows that are under way',
} as const;

/** Why a signal to such a function is not let through; undefined where it is. */
function signalFault(who: string, code: FunctionWorkflow | undefined, name: string, payload: Json): string | undefined {
  if (typeof name !== 'string' || name === '') return 'a signal has a name that is a text, and not empty';
  const fault = jsonFault(payload);
  if (fault !== undefined) return `what the signal "${name}" says is not JSON: ${fault}`;
  const signals = code?.schemas?.signals;
  if (signals === undefined) return undefined;
  const schema = ownProperty(signals, name);
  if (schema === undefined) return `${who} takes no signal "${name}"; it takes ${Object.keys(signals).join(', ')}`;
  return faultAtOnce(schema, payload, `the signal "${name}"`);
}

function signalRefused(run: RunId, { message, reason }: Refusal): PawlError {
  return new PawlError('refused', `run "${run}" does not take the signal: ${message}`, { details: { run, reason } });
}

function schedulesTransaction(event: Recorded): boolean {
  return event.type === 'TaskScheduled' && event.spec.action === transactionAction;
}

function unanswered({ id: run, status }: RunState): PawlError {
  const message = `run "${run}" ended (${status}) before it had answered the update`;
  return new PawlError('refused', message, { details: { run, reason: 'run_not_open' } });
}

function conflictingStart(run: RunId): PawlError {
  return new PawlError('conflict', `run "${run}" was started before with another workflow or input; choose another id`);
}
