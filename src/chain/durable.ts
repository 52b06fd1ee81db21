/**
 * The same steps with an engine underneath: every step that ended is recorded, so that a call goes on after a crash with the first
 * step that did not.
 *
 * V1. A call is a run: the same id attaches to it, whichever process asks, and gives what it gave.
 * V2. What goes from step to step is recorded, so it is JSON.
 * V3. Chunks of the last step go to whoever streams the call in the process that runs the step, one at a time: the step makes the
 *     next when that is asked for. Whoever leaves the loop leaves the run: it goes on without a reader. Someone who comes after
 *     the last step ended gets its result as one chunk.
 */

import { type Json, type JsonObject, jsonFault, PawlError } from '../base/index.ts';
import type { CodeWorkflow } from '../definition/index.ts';
import { Attempt } from './attempt.ts';
import { openCall } from './call.ts';
import { systemPorts } from './chain-ports.ts';
import { ChunkDesk } from './chunk-desk.ts';
import { collected, isStream, isThenable } from './chunks.ts';
import { compileComposite, conversationGiven, given, type StepAttempt, type StepInput } from './compile.ts';
import type { Composite } from './composite.ts';
import type { ConversationStore } from './conversation-store.ts';
import { checkInputKeys } from './keys.ts';
import { pooled } from './pool.ts';
import { canRetry } from './retries.ts';
import { settled } from './run-step.ts';
import type { BatchOptions } from './runnable.ts';
import { Scope } from './scope.ts';
import type { Step } from './step.ts';

/** What a durable chain needs of an engine; `createPawl` gives one. */
export interface ChainEngine {
  workflow(code: CodeWorkflow<StepAttempt>): unknown;
  start(code: CodeWorkflow<StepAttempt>, input: JsonObject, options: { id?: string }): Promise<ChainRun>;
}

export interface ChainRun {
  readonly id: string;
  result(): Promise<{
    readonly status: string;
    readonly output: Json;
    readonly errors: readonly { message: string }[];
  }>;
  cancel(reason?: string): Promise<void>;
}

export interface DurableCallOptions {
  /** Names the run. Calling again with the same id and input attaches to it. Default a new one. */
  readonly id?: string | undefined;
  readonly conversation?: string | undefined;
  /** Aborted: the run is canceled, and the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const defaultWidth = 8;

/**
 * A chain, graph or combinator on an engine.
 *
 * Made once per process: an engine that takes up runs of it after a restart must know it, so make it before `pawl.resume()`.
 * `version` says which code its runs belong to; without it, the shape of its steps does.
 *
 * @throws PawlError `bad_definition`: two steps come to the same task. `conflict`: the version is taken by another shape.
 */
export function durable<In, Out, Chunk>(
  composite: Composite<In, Out, Chunk>,
  engine: ChainEngine,
  options: { readonly version?: string | undefined } = {},
): Durable<In, Out, Chunk> {
  return new Durable(composite, engine, options.version);
}

export class Durable<In, Out, Chunk = Out> {
  readonly name: string;
  /** What its runs are runs of. */
  readonly workflow: CodeWorkflow<StepAttempt>;
  readonly #engine: ChainEngine;
  readonly #inputKeys: readonly string[];
  readonly #desk = new ChunkDesk();

  constructor(composite: Composite<In, Out, Chunk>, engine: ChainEngine, version: string | undefined) {
    const { name, inputKeys, memory, memoryKey } = composite.structure;
    this.name = name;
    this.#engine = engine;
    this.#inputKeys = memory === undefined ? inputKeys : inputKeys.filter((key) => key !== memoryKey);
    this.workflow = compileComposite(
      composite as unknown as Composite<never, unknown, unknown>,
      (step, input, attempt, isLast) => this.#carryOut(step, input, attempt, isLast),
      version,
    );
    engine.workflow(this.workflow);
  }

  /**
   * Runs it once, durably.
   *
   * @throws PawlError `bad_input`: the input lacks a key, or is not JSON. `failed`: the run did; `details` has its id, its status and
   *   its errors. The reason of the caller's signal, as it is.
   */
  async invoke(input: In, options: DurableCallOptions = {}): Promise<Out> {
    options.signal?.throwIfAborted();
    const run = await this.#start(input, options);
    return (await this.#resultOf(run, options.signal)) as Out;
  }

  /** Runs it for each input, so many at once; the first that fails rejects, and the others are canceled. */
  async batch(
    inputs: readonly In[],
    { width = defaultWidth, ...options }: Pick<BatchOptions, 'width'> & Omit<DurableCallOptions, 'id'> = {},
  ): Promise<Out[]> {
    const scope = new Scope({ around: options.signal, stoppable: true });
    try {
      return (await pooled(inputs.length, width, scope, (index) =>
        this.invoke(inputs[index]!, { ...options, signal: scope.signal }),
      )) as Out[];
    } finally {
      scope.close();
    }
  }

  /** The chunks of the last step, as they come; see V3. Rejects as `invoke` does. */
  async *stream(input: In, options: DurableCallOptions = {}): AsyncGenerator<Chunk, void> {
    options.signal?.throwIfAborted();
    const id = options.id ?? newId(this.name);
    const reader = this.#desk.open(id);
    try {
      const run = await this.#start(input, { ...options, id });
      const result = this.#resultOf(run, options.signal);
      result.then(
        () => reader.end(),
        () => reader.end(),
      );
      let handedOver = 0;
      for await (const chunk of reader.chunks()) {
        handedOver += 1;
        yield chunk as Chunk;
      }
      const output = await result;
      if (handedOver === 0) yield output as unknown as Chunk;
    } finally {
      reader.leave();
    }
  }

  #start(input: In, { id, conversation }: DurableCallOptions): Promise<ChainRun> {
    checkInputKeys(input, this.#inputKeys, this.name);
    const value = input === undefined ? null : input;
    const fault = jsonFault(value);
    if (fault !== undefined)
      throw new PawlError(
        'bad_input',
        `the input of ${this.name} is not JSON, and a durable call records it: ${fault}`,
      );
    const asked: JsonObject = {
      [given]: value as Json,
      ...(conversation === undefined ? {} : { [conversationGiven]: conversation }),
    };
    return this.#engine.start(this.workflow, asked, id === undefined ? {} : { id });
  }

  async #resultOf(run: ChainRun, signal: AbortSignal | undefined): Promise<Json> {
    const canceled = Promise.withResolvers<never>();
    const abort = (): void => {
      canceled.reject(signal?.reason);
      run.cancel('the caller stopped waiting for it').catch(() => {});
    };
    canceled.promise.catch(() => {});
    // While the run was being started, nobody listened.
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    try {
      const { status, output, errors } = await Promise.race([run.result(), canceled.promise]);
      if (status === 'succeeded') return output;
      const [first] = errors;
      const because = first === undefined ? '' : `: ${first.message}`;
      throw new PawlError('failed', `the run "${run.id}" of ${this.name} ended ${status}${because}`, {
        details: { run: run.id, status, errors },
      });
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async #carryOut(step: Step, input: StepInput, attempt: StepAttempt, isLast: boolean): Promise<unknown> {
    const { conversation, history } = input;
    const call = openCall(
      this.name,
      {
        signal: attempt.signal,
        conversation,
        history: history as Json,
        log: (text) => attempt.log(text),
      },
      undefined,
    );
    const reader = isLast ? this.#desk.readerOf(attempt.run) : undefined;
    try {
      const context = new Attempt(step.name, attempt.attempt, attempt.item, call, call.scope);
      if (reader === undefined) return await settled(step, step.start(input.value, context), call.scope);
      const started = step.stream(input.value, context);
      const stream = isThenable(started) ? await call.scope.race(started) : started;
      return isStream(stream) ? await reader.readAll(stream, call.scope, step.collect ?? collected) : stream;
    } catch (error) {
      throw canRetry(error) && reader?.hasHandedOver !== true ? error : final(error);
    } finally {
      call.scope.close();
    }
  }
}

/** The same error in the form that tells a worker that no retry can help. */
function final(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  return Object.assign(new Error(message, { cause: error }), { name: 'ActionError', kind: 'failed', retryable: false });
}

function newId(name: string): string {
  const { random } = systemPorts();
  const hex = Array.from({ length: 3 }, () => random.uint32().toString(16).padStart(8, '0')).join('');
  return `${name.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 60)}-${hex}`;
}

/** Keeps conversations in the store of an engine, beside its runs: they outlive the process. */
export function storedConversations(store: {
  readMeta(key: string): Promise<string | undefined>;
  writeMeta(key: string, value: string): Promise<void>;
}): ConversationStore {
  const keyOf = (conversation: string, memory: string): string =>
    `conversation ${JSON.stringify([conversation, memory])}`;
  return {
    async read(conversation, memory) {
      const text = await store.readMeta(keyOf(conversation, memory));
      return text === undefined ? undefined : (JSON.parse(text) as Json);
    },
    write: (conversation, memory, value) => store.writeMeta(keyOf(conversation, memory), JSON.stringify(value)),
  };
}
