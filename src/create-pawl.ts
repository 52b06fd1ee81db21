/**
 * The composition root: builds an engine over a store, with this machine's clock and this process's workers, and hands
 * out what a user holds: workflows, runs, a connection for other processes.
 */

import { statSync } from 'node:fs';
import {
  type AttributeChanges,
  attributesFault,
  type Clock,
  type Codec,
  type GivenAttributes,
  type Hasher,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonFault,
  type Logger,
  noAttributes,
  PawlError,
  parseAttributeChanges,
  parseRunId,
  type Random,
  type RunId,
  type Timers,
  type Turn,
  withAttributes,
} from './base/index.ts';
import { Bulk, refusedRemoval } from './bulk.ts';
import type { Connection } from './client/index.ts';
import {
  type CodeWorkflow,
  type FunctionSchemas,
  type FunctionWorkflow,
  givenToFunction,
  startInput,
  type WorkflowInput,
  type WorkflowOutput,
} from './definition/index.ts';
import {
  type AnsweredBy,
  type AskedOf,
  checkPolicy,
  connectionTo,
  Engine,
  type EngineLimits,
  type EngineOptions,
  type FunctionInput,
  type FunctionOutput,
  type GivenAs,
  givenJson,
  type NamesOf,
  type Offer,
  ownActions,
  type RunListener,
  type RunResult,
  type SchemasOf,
  type StartPolicy,
  type StreamPiece,
  stepAction,
  stepAttempt,
  type Workflow,
} from './engine/index.ts';
import { systemClock, systemHasher, systemIds, systemRandom, systemTimers, systemTurn } from './host/index.ts';
import type { Executor, Recorded, RunState, RunView } from './kernel/index.ts';
import { ownFile } from './own-file.ts';
import { type RetentionOption, retentionPeriods } from './retention-option.ts';
import { type ListOptions, listedRun, listQuery, type RunFilter, type RunPage } from './run-filter.ts';
import { type Ownership, openSqlite, type Sql, type Store } from './store/index.ts';
import {
  type ActionContext,
  type AnyAction,
  InProcessExecutor,
  type InProcessOptions,
  type SecretSource,
} from './worker/index.ts';

/** Some fifty commits of a few tasks each: time to notice, not to go on for long. */
const ballastBytesDefault = 1024 * 1024;

export interface PawlOptions {
  /** The SQLite file; made if it is not there. `:memory:` keeps nothing. */
  readonly path: string;
  readonly actions?: Iterable<AnyAction>;
  /** Workflows defined in code whose runs this process may drive. One that is started here counts by itself. */
  readonly workflows?: Iterable<AnyWorkflowInCode>;
  /** What `secret(NAME)` in a task's input stands for; asked when an attempt starts, never kept. Default none. */
  readonly secrets?: SecretSource;
  /** What a commit survives: `full` a power cut (default), `normal` the death of the process only, and is faster. */
  readonly synchronous?: 'full' | 'normal';
  /**
   * Room kept free on the disk, in a file `<path>.ballast`: on a full disk runs under way are recorded in it while new ones
   * are refused with `store_full`. Default 1 MiB; 0 for none.
   */
  readonly ballastBytes?: number;
  /**
   * Seals what runs carry before it is kept, such as `aesGcmCodec({ keys, current })`: see docs/security.md. Default none. A file that is
   * sealed cannot be opened without.
   */
  readonly codec?: Codec;
  /** JSON values longer than so many characters are kept once a run; default 65,536, at least 1,024. */
  readonly largeValueLength?: number;
  /** Attempts at once; default 100. */
  readonly concurrency?: number;
  readonly limits?: Partial<EngineLimits>;
  /** How long runs stay after they ended: `{ after: '30d' }`, the default, or `'forever'`. */
  readonly retention?: RetentionOption;
  readonly logger?: Logger;
  /** Take commands of other processes of this user on a local socket; default true. */
  readonly listen?: boolean;
  /** The file's ownership, where it has been taken already; the engine lets go of it in the end. */
  readonly ownership?: Ownership;
  /** Keep the process alive while a run waits for time; default true. */
  readonly keepAlive?: boolean;
}

export interface StartOptions extends StartPolicy {
  /** Names the run: starting it again with the same workflow and input attaches to it. Default: a new id. */
  readonly id?: string;
  /** Tasks to begin with, instead of the workflow's entry points. */
  readonly from?: readonly string[];
  /**
   * By what the run can be found: text, numbers, booleans; a Date is kept as ISO text. No part of what makes two starts the same.
   */
  readonly attributes?: GivenAttributes;
  /** Workflows it may start as sub-workflows, by the names it knows them under. */
  readonly workflows?: ReadonlyMap<string, Workflow>;
  /** A signal it is given as it begins; a run that is attached to is given it too. With an id, it counts once. */
  readonly signal?: { readonly name: string; readonly payload?: Json; readonly id?: string };
}

const startOptions: readonly string[] = [
  'id',
  'from',
  'attributes',
  'workflows',
  'signal',
  'conflict',
  'reuse',
] satisfies (keyof StartOptions)[];

/** One run, by its id. Every method resolves once what it did is durable. */
/** How a run ended; its output is null where it did not come to one. */
export type ResultOf<Output> = unknown extends Output
  ? RunResult
  : Omit<RunResult, 'output'> & { readonly output: Output | null };

/** A workflow defined in code: a dependency graph, or a durable function. */
export type AnyWorkflowInCode = CodeWorkflow<ActionContext> | FunctionWorkflow;

/** What a run can be started of: a workflow in code, one that was read, or the name of one that is registered. */
export type Startable = Workflow | AnyWorkflowInCode | string;

/** What a start of that workflow is given: typed where the workflow says what it takes. */
export type InputOf<W> = W extends FunctionWorkflow ? FunctionInput<W> : WorkflowInput<W>;
type OutputOf<W> = unknown extends W ? unknown : W extends FunctionWorkflow ? FunctionOutput<W> : WorkflowOutput<W>;

/** The call of a durable function at which a fork begins. */
export interface ForkedCall {
  readonly call: number | string;
  /** What it has come to in the new run. Default: it is made again. */
  readonly output?: Json;
}

export interface RunHandle<Output = unknown, Schemas extends FunctionSchemas = FunctionSchemas> {
  readonly id: RunId;
  /** Resolves when the run has ended. */
  result(): Promise<ResultOf<Output>>;
  /** Gives the run a signal; with an id, the same signal counts once. */
  signal<Name extends NamesOf<Schemas['signals']>>(
    name: Name,
    payload?: GivenAs<Schemas['signals'], Name>,
    id?: string,
  ): Promise<void>;
  /** Answers a task that asks a person. */
  answer(task: string, answer: Json): Promise<void>;
  /** Decides what becomes of a task that failed for good and waits for a person. `output` is what a skipped task gives. */
  decide(
    task: string,
    choice: 'retry' | 'skip' | 'fail',
    options?: { readonly output?: Json; readonly reason?: string },
  ): Promise<void>;
  /**
   * A new run with this one's history up to event `at`, or the last commit before it. Of a durable function also up to a call, by its
   * number or name (the last of that name): it is made again, or, with an `output`, has come to that.
   */
  fork(at: number | ForkedCall, id?: string): Promise<RunHandle>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Asks the run to stop: running tasks are told, and have their say. */
  cancel(reason?: string): Promise<void>;
  /** Stops the run now. */
  terminate(reason?: string): Promise<void>;
  /** Runs tasks of the ended run again: those named, or those that failed. */
  rerun(tasks?: readonly string[]): Promise<void>;
  /** Asks a durable function; it answers from what it holds, and nothing changes. */
  query<Name extends NamesOf<Schemas['queries']>>(
    name: Name,
    ...args: AskedOf<Schemas['queries'], Name>[]
  ): Promise<AnsweredBy<Schemas['queries'], Name>>;
  /**
   * Asks a durable function to change something; resolves with its answer once that is durable. The same id asks once, and gets the
   * same answer.
   *
   * @throws PawlError `bad_input`: the function answers no such update, or does not let this one through. `refused`: the run ended
   *   before it had answered. `update_failed`: the function threw.
   */
  update<Name extends NamesOf<Schemas['updates']>>(
    name: Name,
    input?: AskedOf<Schemas['updates'], Name>,
    id?: string,
  ): Promise<AnsweredBy<Schemas['updates'], Name>>;
  /** What a stream of the run holds, from a place on, and what is added to it; it ends when the run has. */
  stream(name: string, options?: { readonly from?: number }): AsyncIterable<StreamPiece>;
  /** How it stands, with its tasks, for people. */
  describe(): Promise<RunView>;
  /** Forgets the ended run, with its sub-workflows: its id is free again. */
  remove(): Promise<void>;
  /** Its state as of its last durable event; for reading only. */
  state(): Promise<RunState>;
  /** By what the open run can be found, from now on; null takes one away. */
  setAttributes(attributes: GivenAttributes): Promise<void>;
  /** Everything that has happened to it and is durable, oldest first. */
  history(): Promise<readonly Recorded[]>;
}

/**
 * Opens a store file and an engine over it. Open runs stay as they are until `resume` takes them up.
 *
 * @throws PawlError `file_in_use`: another process holds the file; `details.heldBy` is who. `bad_input`: an action's name
 *   is reserved, taken or none.
 */
export async function createPawl(options: PawlOptions): Promise<Pawl> {
  retentionPeriods(options.retention);
  const ownership =
    options.path === ':memory:'
      ? undefined
      : (options.ownership ?? ownFile(options.path, { listen: options.listen !== false }));
  try {
    const { path, synchronous, ballastBytes = ballastBytesDefault, largeValueLength, codec } = options;
    const store = await openSqlite({
      path: ownership?.path ?? path,
      ballastBytes,
      ...(synchronous === undefined ? {} : { synchronous }),
      ...(largeValueLength === undefined ? {} : { largeValueLength }),
      ...(codec === undefined ? {} : { codec }),
    });
    try {
      const clock = systemClock({ notBefore: await store.lastInstant() });
      const timers = systemTimers(clock, { unref: options.keepAlive === false });
      const idleTimers = systemTimers(clock, { unref: true });
      const machine = { clock, timers, idleTimers, turn: systemTurn(), random: systemRandom() };
      const pawl = new Pawl(options, {
        ...machine,
        store,
        ownership,
        digests: { sha256: (text) => store.digest(text) },
      });
      await pawl.listen();
      return pawl;
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (error) {
    ownership?.release();
    throw error;
  }
}

/** What a `Pawl` stands on: the store and this machine, or what a test puts in their place. */
export interface World {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  /** For what need not keep a process alive; default `timers`. */
  readonly idleTimers?: Timers;
  readonly turn: Turn;
  readonly random: Random;
  /** For what must not be guessed from a digest in the store. Default SHA-256. */
  readonly digests?: Hasher;
  /** Of the store's file. */
  readonly ownership?: Ownership | undefined;
  /** What the engine sees of the workers; default the workers themselves. */
  readonly executorOver?: (workers: InProcessExecutor) => Executor;
  /** What is called where an action, a step or a task with code of its own is to run; default its own code. */
  readonly handlerOver?: InProcessOptions['handlerOver'];
  readonly engineOf?: (options: EngineOptions) => Engine;
}

export class Pawl {
  readonly engine: Engine;
  readonly store: Store;
  readonly #ownership: Ownership | undefined;
  readonly #connection: Connection;
  readonly #executor: InProcessExecutor;
  readonly #clock: Clock;
  /** What other processes may start here, by name. */
  readonly #offers = new Map<string, Offer>();
  #server: { close(): Promise<void> } | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: Omit<PawlOptions, 'path'>, world: World) {
    const { store, ownership, clock, timers, turn, random } = world;
    const { executorOver = (workers) => workers, engineOf = (given) => new Engine(given) } = world;
    this.store = store;
    this.#clock = clock;
    this.#ownership = ownership;
    const { concurrency, limits, logger, secrets } = options;
    const retention = retentionPeriods(options.retention);
    const executor = new InProcessExecutor({
      actions: options.actions ?? [],
      clock,
      timers,
      store: ownership && storeName(ownership.path),
      ...(secrets === undefined ? {} : { secrets }),
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(world.handlerOver === undefined ? {} : { handlerOver: world.handlerOver }),
    });
    this.#executor = executor;
    this.engine = engineOf({
      store,
      executor: executorOver(executor),
      clock,
      timers,
      turn,
      random,
      ids: systemIds({ clock, random, generation: store.generation }),
      hasher: systemHasher(),
      ...(world.digests === undefined ? {} : { digests: world.digests }),
      retention,
      ...(world.idleTimers === undefined ? {} : { idleTimers: world.idleTimers }),
      ...(limits === undefined ? {} : { limits }),
      ...(logger === undefined ? {} : { logger }),
    });
    this.#connection = connectionTo(this.engine, this.#offers);
    executor.provide(
      new Map([
        [
          stepAction,
          ({ call }: { call: number }, context: ActionContext) => {
            const { run } = context;
            const emit = (stream: string, value: Json): void => this.engine.emit(run, call, stream, value);
            return this.engine.runStep(run, call, stepAttempt(context, emit), context.probe);
          },
        ],
      ]),
      { probing: true },
    );
    for (const workflow of options.workflows ?? []) this.workflow(workflow);
  }

  /** Begins to take commands of other processes; done by `createPawl`. */
  async listen(): Promise<void> {
    const socket = this.#ownership?.row.socket;
    if (socket === undefined) return;
    const { serveLocally } = await import('./client/index.ts');
    this.#server = await serveLocally(socket, this.#connection);
  }

  /**
   * Reads a document (YAML), or takes in a workflow that is defined in code.
   *
   * @throws PawlError `bad_definition`: `details.diagnostics` holds everything that is wrong with the document. `conflict`:
   *   the workflow's declared version is taken by one with other tasks.
   */
  workflow(source: string | AnyWorkflowInCode, name = 'workflow'): Workflow {
    if (typeof source === 'string') return this.engine.programs.ofText(source, name);
    const workflow = this.engine.programs.ofCode(source);
    this.#executor.provide(ownActions(source, workflow.version));
    this.offer(source);
    return workflow;
  }

  /** Lets other processes start the workflow here by its name; one defined in code that was taken in is offered by itself. */
  offer(source: Workflow | AnyWorkflowInCode, workflows: ReadonlyMap<string, Workflow> = new Map()): void {
    const { name, version } = 'program' in source ? source : this.engine.programs.ofCode(source);
    this.#offers.set(name, {
      version,
      start: async ({ input, id, from, attributes }) => {
        const named = {
          ...(id === undefined ? {} : { id }),
          ...(from === undefined ? {} : { from }),
          attributes: attributeChanges(attributes),
        };
        return (await this.start<Startable>(source, startInput(source, input) as JsonObject, { workflows, ...named }))
          .id;
      },
    });
  }

  /**
   * Starts a run, durably: of a workflow in code, of a document that was read, or of what is registered under a name. Without an
   * input it is given an empty map.
   *
   * @throws PawlError `bad_input`: the id or the input is not one. `conflict`: the id belongs to another start. `not_found`:
   *   no workflow of that name is registered.
   */
  async start<W extends Startable>(
    source: W,
    input?: InputOf<W>,
    options: StartOptions = {},
  ): Promise<RunHandle<OutputOf<W>, SchemasOf<W>>> {
    const workflow = this.#workflowOf(source);
    const isFunction = workflow.definition.style === 'function';
    const given = givenJson(input === undefined ? {} : input, 'the input');
    const fault = workflow.inputFault?.(given);
    if (fault !== undefined) throw new PawlError('bad_input', fault);
    const { id, from, workflows: pinned, signal, conflict, reuse } = options;
    checkStart(workflow, given, options);
    checkPolicy(options);
    const odd = Object.keys(options).find((key) => !startOptions.includes(key));
    if (odd !== undefined)
      throw new PawlError('bad_input', `a start has no option "${odd}"; it has ${startOptions.join(', ')}`);
    const request = {
      workflow,
      input: isFunction ? givenToFunction(given) : (given as JsonObject),
      id: id === undefined ? undefined : this.#runId(id),
      from,
      pinned,
      signals: signal && [{ ...signal, payload: givenJson(signal.payload ?? null, `the signal "${signal.name}"`) }],
      attributes: withAttributes(noAttributes, attributeChanges(options.attributes)),
    };
    const started = await this.engine.start(request, {
      ...(conflict === undefined ? {} : { conflict }),
      ...(reuse === undefined ? {} : { reuse }),
    });
    return this.handle<W>(started.run);
  }

  /** Starts a run and waits until it has ended. */
  async run<W extends Startable>(
    workflow: W,
    input?: InputOf<W>,
    options: StartOptions = {},
  ): Promise<ResultOf<OutputOf<W>>> {
    return (await this.start(workflow, input, options)).result();
  }

  /**
   * Starts a run, or goes on with the one of that id, and asks it for an update: for entities that begin with their first request.
   * Asked again, with the same ids, it starts nothing and changes nothing, and answers the same.
   *
   * @throws PawlError What `start` and `handle.update` throw.
   */
  async updateWithStart<W extends Startable, Name extends NamesOf<SchemasOf<W>['updates']>>(
    source: W,
    input: InputOf<W> | undefined,
    {
      update,
      ...options
    }: StartOptions & {
      readonly id: string;
      readonly update: {
        readonly name: Name;
        readonly input?: AskedOf<SchemasOf<W>['updates'], Name>;
        readonly id?: string;
      };
    },
  ): Promise<{
    readonly handle: RunHandle<OutputOf<W>, SchemasOf<W>>;
    readonly answer: AnsweredBy<SchemasOf<W>['updates'], Name>;
  }> {
    const handle = await this.start(source, input, options);
    return { handle, answer: await handle.update(update.name, update.input, update.id) };
  }

  #workflowOf(source: Startable): Workflow {
    if (typeof source !== 'string') {
      if (typeof source !== 'object' || source === null || !('definition' in source || 'program' in source))
        throw new PawlError(
          'bad_input',
          'what is to be started is no workflow: give one that was defined or read, or its name',
        );
      return 'program' in source ? source : this.workflow(source);
    }
    const named = this.engine.programs.named(source);
    if (named !== undefined) return named;
    throw new PawlError(
      'not_found',
      `no workflow "${source}" is registered here; give it to createPawl, or start it by its definition`,
    );
  }

  /** The run of that id; whether there is one shows when it is asked something. */
  handle<W = unknown>(run: string): RunHandle<OutputOf<W>, SchemasOf<W>>;
  // What the run is of is the caller's word; what it is given is checked by the engine.
  handle(run: string): RunHandle {
    const id = this.#runId(run);
    const asked = async (request: Parameters<Connection['ask']>[0]) => {
      const reply = await this.#connection.ask(request);
      if (!reply.ok) throw new PawlError(reply.code, reply.message, { details: { run, reason: reply.reason } });
      return reply;
    };
    const ask = async (request: Parameters<Connection['ask']>[0]): Promise<void> => {
      await asked(request);
    };
    return {
      id,
      result: () => this.engine.result(id),
      signal: (name, payload = null, signalId) =>
        ask({ op: 'signal', run, name, payload: payload as Json, ...(signalId === undefined ? {} : { id: signalId }) }),
      answer: (task, answer) => ask({ op: 'answer', run, task, answer }),
      decide: (task, choice, given = {}) => ask({ op: 'decide', run, task, choice, ...given }),
      fork: async (at, newId) => {
        const named = newId === undefined ? {} : { id: newId };
        const { forked } = await asked(
          typeof at === 'number' ? { op: 'fork', run, at, ...named } : { op: 'fork_call', run, ...at, ...named },
        );
        return this.handle(forked?.run ?? '');
      },
      pause: () => ask({ op: 'pause', run }),
      resume: () => ask({ op: 'resume', run }),
      cancel: (reason) => ask({ op: 'cancel', run, ...(reason === undefined ? {} : { reason }) }),
      terminate: (reason) => ask({ op: 'terminate', run, ...(reason === undefined ? {} : { reason }) }),
      rerun: (tasks) => ask({ op: 'rerun', run, ...(tasks === undefined ? {} : { tasks }) }),
      remove: async () => {
        const [removal] = await this.engine.remove([id]);
        const refusal = removal && refusedRemoval(run, removal);
        if (refusal !== undefined)
          throw new PawlError(refusal.code, refusal.message, { details: { run, reason: refusal.reason } });
      },
      setAttributes: async (attributes) => ask({ op: 'attributes', run, changes: attributeChanges(attributes) }),
      query: (name, ...args) => this.engine.query(id, name, args as Json[]),
      update: (name, input = null, updateId) => this.engine.update(id, name, input as Json, updateId),
      state: async () => {
        const state = await this.engine.state(id);
        if (state === undefined) throw new PawlError('not_found', `there is no run "${run}"`);
        return state;
      },
      stream: (name, { from = 0 } = {}) => this.engine.stream(id, name, from),
      describe: async () => {
        const seen = await this.engine.view(id, Number.POSITIVE_INFINITY);
        if (seen === undefined) throw new PawlError('not_found', `there is no run "${run}"`);
        return seen.view;
      },
      history: async () => (await this.engine.view(id, Number.POSITIVE_INFINITY))?.history ?? [],
    };
  }

  /**
   * Runs that fit, newest first, a page at a time.
   *
   * @throws PawlError `bad_input`: the message names the field.
   */
  async list(options: ListOptions = {}): Promise<RunPage> {
    const { rows, next } = await this.engine.list(listQuery(options));
    return { runs: rows.map(listedRun), next };
  }

  /**
   * Runs that are to be asked the same. `'all'` for every run.
   *
   * @throws PawlError `bad_input`: the filter is none, or says nothing.
   */
  bulk(filter: RunFilter | 'all'): Bulk {
    return new Bulk(filter, { engine: this.engine, connection: this.#connection, now: () => this.#clock.now() });
  }

  /**
   * Says what an attempt that was handed over, or a callback of a durable function, came to: by whoever holds its token.
   *
   * @throws PawlError `bad_input`: it is no token of this store. `refused`: it is over already.
   */
  async complete(token: string, output: Json = null): Promise<void> {
    return this.engine.completeLater(token, { status: 'succeeded', output: givenJson(output, 'the output') });
  }

  /** The same for what failed. `retryable: false`: no further attempt can help. */
  fail(token: string, message: string, { kind = 'failed', retryable = true } = {}): Promise<void> {
    if (typeof message !== 'string' || typeof kind !== 'string')
      return Promise.reject(new PawlError('bad_input', 'why something failed is a text, and its kind another'));
    const failure = { kind, message, ...(retryable ? {} : { retryable }) };
    return this.engine.completeLater(token, { status: 'failed', output: null, failure });
  }

  /** A sign of life of an attempt that was handed over; the next attempt is told what it says. */
  async heartbeat(token: string, details: Json): Promise<void> {
    return this.engine.reportProgress(token, givenJson(details, 'what a heartbeat says'));
  }

  /** Runs SQL on tables of your own in this store's file, in one transaction: to make them, or to read what runs wrote there. */
  transaction<Output>(work: (sql: Sql) => Output): Promise<Output> {
    return this.engine.transact(work);
  }

  /** Takes up open runs of the store: all, or those named. */
  resume(runs: 'all' | readonly string[] = 'all'): Promise<void> {
    return this.engine.recover(runs === 'all' ? 'all' : runs.map((run) => this.#runId(run)));
  }

  /** True where a worker of this process can carry out the action. */
  knowsAction(name: string): boolean {
    return this.#executor.has(name);
  }

  /** Hears the durable events of every run driven here. */
  subscribe(listener: RunListener): () => void {
    return this.engine.subscribe(listener);
  }

  /** Answers as the socket does; for faces of this process. */
  get connection(): Connection {
    return this.#connection;
  }

  /** Lets attempts finish for `graceMs`, makes everything durable, and lets go of the file. Open runs go on with the next engine. */
  close(graceMs = 0): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    try {
      await this.#server?.close();
      await this.engine.close(graceMs);
    } finally {
      // The file is let go of whatever the disk says to the last write.
      try {
        await this.store.close();
      } finally {
        this.#ownership?.release();
      }
    }
  }

  #runId(text: string): RunId {
    return requireRunId(text);
  }
}

/** Names the file itself, for the processes started for it: in another container the same path is another file. */
function storeName(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${path}:${dev}:${ino}`;
}

/**
 * Says what is wrong with a start before anything is opened or written.
 *
 * @throws PawlError `bad_input`
 */
export function checkStart(
  workflow: Workflow,
  input: Json,
  { id, from, attributes }: Pick<StartOptions, 'id' | 'from' | 'attributes'>,
): void {
  const fault = jsonFault(input);
  if (fault !== undefined) throw new PawlError('bad_input', `the input is not JSON: ${fault}`);
  if (!isJsonObject(input) && workflow.definition.style !== 'function')
    throw new PawlError(
      'bad_input',
      `the input of "${workflow.name}" is ${JSON.stringify(input).slice(0, 40)}; it takes a map`,
    );
  if (id !== undefined) requireRunId(id);
  const tooMany = attributesFault(withAttributes(noAttributes, attributeChanges(attributes)));
  if (tooMany !== undefined) throw new PawlError('bad_input', tooMany);
  const { tasks, hasEntryPoint } = workflow.definition;
  const names = [...tasks.keys()].join(', ');
  if (from === undefined && !hasEntryPoint) {
    throw new PawlError(
      'bad_input',
      `every task of "${workflow.name}" has an inbound transition; name those to begin with (--from TASK): ${names}`,
    );
  }
  for (const task of from ?? []) {
    if (!tasks.has(task))
      throw new PawlError('bad_input', `"${workflow.name}" has no task "${task}" to begin with; it has ${names}`);
  }
}

/** @throws PawlError `bad_input` */
function attributeChanges(given: unknown): AttributeChanges {
  const changes = parseAttributeChanges(given ?? {});
  if (changes.ok) return changes.value;
  throw new PawlError('bad_input', changes.error);
}

function requireRunId(text: string): RunId {
  const id = typeof text === 'string' ? parseRunId(text) : undefined;
  if (id !== undefined) return id;
  throw new PawlError(
    'bad_input',
    `"${text}" is not the id of a run: letters, digits and . _ - : / are allowed, up to 200 of them`,
  );
}
