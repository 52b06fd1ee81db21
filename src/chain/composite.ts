/**
 * What chains, graphs and combinators have in common: one call from input to output, with keys, memory, a time limit and the
 * caller's signal; many calls; a stream.
 *
 * K1. Order of a call: input keys, memory loaded, steps, output keys, memory saved. A call that fails saves nothing.
 * K2. When a call is over, however it went, no timer of it is set and no listener of it is on the caller's signal.
 */

import { type Json, PawlError } from '../base/index.ts';
import { type Call, openCall, requireCount, requireTimeout } from './call.ts';
import { collected, isThenable } from './chunks.ts';
import { checkInputKeys, isMap, narrowedToKeys, StreamedKeys } from './keys.ts';
import { type Memory, rememberable } from './memory.ts';
import { pooled } from './pool.ts';
import { type RetryOptions, retryPolicy } from './retries.ts';
import type { AnyStep, BatchOptions, InvokeOptions, Runnable } from './runnable.ts';
import { Scope } from './scope.ts';
import type { StepDefaults } from './step.ts';
import type { Structure, StructureBody, StructureHead } from './structure.ts';

/** What every chain, graph and combinator may be told. */
export interface CompositeOptions<Key extends string = string> {
  /** In messages, and as a step of another. Default what it is: `chain`, `graph`, … */
  readonly name?: string | undefined;
  /** For people. Default empty. */
  readonly description?: string | undefined;
  /** Keys the input must have; it must be a map then. Default none, and any input. */
  readonly inputKeys?: readonly string[] | undefined;
  /** Keys that are left of the output; it must be a map that has them then. Default none, and the output as it is. */
  readonly outputKeys?: readonly Key[] | undefined;
  /** Loaded before the first step, saved after the last. Default none. */
  readonly memory?: Memory | undefined;
  /** Where an input that is a map has what memory gave; takes the place of what the caller put there. Default `history`. */
  readonly memoryKey?: string | undefined;
  /** How long a call may take in all, in milliseconds. Default no limit. */
  readonly timeoutMs?: number | undefined;
  /** How long an attempt of a step may take, where the step says nothing itself. Default no limit. */
  readonly stepTimeoutMs?: number | undefined;
  /** How often a step that fails is tried again, where the step says nothing itself. Default not at all. */
  readonly retries?: number | RetryOptions | undefined;
}

const nothingSaid: InvokeOptions = Object.freeze({});
const defaultWidth = 8;

export abstract class Composite<In, Out, Chunk = Out> implements Runnable<In, Out, Chunk> {
  readonly name: string;
  readonly description: string;
  /** Empty where none are declared. */
  readonly inputKeys: readonly string[];
  /** Empty where none are declared. */
  readonly outputKeys: readonly string[];
  readonly memory: Memory | undefined;
  readonly #memoryKey: string;
  readonly #timeoutMs: number | undefined;
  readonly #requiredKeys: readonly string[];
  protected readonly defaults: StepDefaults;

  constructor(kind: string, options: CompositeOptions) {
    this.name = options.name ?? kind;
    if (this.name === '')
      throw new PawlError('bad_definition', `the name of a ${kind} is empty; leave it out or give one`);
    this.description = options.description ?? '';
    this.inputKeys = [...(options.inputKeys ?? [])];
    this.outputKeys = [...(options.outputKeys ?? [])];
    this.memory = options.memory;
    this.#memoryKey = options.memoryKey ?? 'history';
    this.#requiredKeys =
      this.memory === undefined ? this.inputKeys : this.inputKeys.filter((key) => key !== this.#memoryKey);
    requireTimeout(options.timeoutMs, 'bad_definition', this.name);
    requireTimeout(options.stepTimeoutMs, 'bad_definition', `each step of ${this.name}`);
    this.#timeoutMs = options.timeoutMs;
    this.defaults = { timeoutMs: options.stepTimeoutMs, retry: retryPolicy(options.retries, this.name) };
  }

  /** What it is made of. */
  get structure(): Structure {
    const { name, description, inputKeys, outputKeys, memory } = this;
    const head: StructureHead = {
      name,
      description,
      inputKeys,
      outputKeys,
      memory,
      memoryKey: this.#memoryKey,
      timeoutMs: this.#timeoutMs,
    };
    return { ...head, ...this.body() };
  }

  /**
   * Runs it once.
   *
   * @throws PawlError `bad_input`: the input lacks a key. `timeout`: the call or a step took too long. `StepFailed`: a step threw;
   *   `cause` is what. The reason of the caller's signal, as it is, when that was aborted.
   */
  async invoke(input: In, options: InvokeOptions = nothingSaid): Promise<Out> {
    const call = openCall(this.name, options, this.#timeoutMs);
    try {
      const given =
        this.memory === undefined ? this.#checked(input) : await this.#remembering(input, call, this.memory);
      const started = this.run(given, call);
      const result = isThenable(started) ? await started : started;
      const output = narrowedToKeys(result, this.outputKeys, this.name);
      if (this.memory !== undefined) await this.#save(this.memory, input, output, call);
      return output as Out;
    } finally {
      call.scope.close();
    }
  }

  /**
   * Runs it for each input, so many at once; gives the outputs in the order of the inputs. A timeout in the options is each
   * call's, a deadline the same for all.
   *
   * @throws what the first call that fails throws; the others are stopped. With `returnErrors` only what the caller's signal says.
   */
  batch(inputs: readonly In[], options: BatchOptions & { readonly returnErrors: true }): Promise<(Out | Error)[]>;
  batch(inputs: readonly In[], options?: BatchOptions & { readonly returnErrors?: false | undefined }): Promise<Out[]>;
  async batch(inputs: readonly In[], options: BatchOptions = {}): Promise<(Out | Error)[]> {
    const { width = defaultWidth, returnErrors = false, ...each } = options;
    requireCount(width, `the width of a batch of ${this.name}`, 'bad_input');
    const scope = new Scope({ around: options.signal, stoppable: true });
    try {
      const results = await pooled(inputs.length, width, scope, (index) => {
        const output = this.invoke(inputs[index]!, { ...each, signal: scope.signal });
        return returnErrors ? output.catch((error: unknown) => this.#errorOf(error, scope)) : output;
      });
      scope.check();
      return results as (Out | Error)[];
    } finally {
      scope.close();
    }
  }

  /**
   * Runs all but the last step whole and gives the last one's chunks as they come; one chunk, where it does not stream.
   *
   * Nothing happens before the first chunk is asked for, and the last step makes the next one when that is asked for: at most one
   * is in memory (with memory, all are, until they are saved). Leaving the loop stops the last step: its signal is aborted and its
   * stream closed. Memory is saved when the last chunk was read. Throws what `invoke` throws.
   */
  async *stream(input: In, options: InvokeOptions = nothingSaid): AsyncGenerator<Chunk, void> {
    const call = openCall(this.name, options, this.#timeoutMs);
    try {
      const given =
        this.memory === undefined ? this.#checked(input) : await this.#remembering(input, call, this.memory);
      const keys = new StreamedKeys(this.outputKeys, this.name);
      const kept: unknown[] = [];
      for await (const chunk of this.chunks(given, call)) {
        const narrow = keys.narrowed(chunk);
        if (this.memory !== undefined) kept.push(narrow);
        yield narrow as Chunk;
      }
      keys.end();
      const output = kept.length === 1 ? kept[0] : collected(kept);
      if (this.memory !== undefined) await this.#save(this.memory, input, output, call);
    } finally {
      call.scope.close();
    }
  }

  /** How its steps hang together. */
  protected abstract body(): StructureBody;

  /** One call, from the checked input to the output or a promise of it. */
  protected abstract run(input: unknown, call: Call): unknown;

  /** One call, with the last step streamed. */
  protected async *chunks(input: unknown, call: Call): AsyncGenerator<unknown, void> {
    yield await this.run(input, call);
  }

  #checked(input: unknown): unknown {
    checkInputKeys(input, this.#requiredKeys, this.name);
    return input;
  }

  /** The input with what memory gave. */
  async #remembering(input: unknown, call: Call, memory: Memory): Promise<unknown> {
    this.#checked(input);
    this.#asked(input);
    call.history = await call.scope.race(memory.load(call.conversation));
    return isMap(input) ? { ...input, [this.#memoryKey]: call.history } : input;
  }

  async #save(memory: Memory, input: unknown, output: unknown, call: Call): Promise<void> {
    const asked = this.#asked(input);
    const answered = rememberable(output, `output of ${this.name}`);
    await call.scope.race(memory.save(call.conversation, asked, answered));
  }

  /** What is remembered of the input: not what an outer memory, or the caller, put where this one's history goes. */
  #asked(input: unknown): Json {
    if (!isMap(input) || !Object.hasOwn(input, this.#memoryKey)) return rememberable(input, `input of ${this.name}`);
    const { [this.#memoryKey]: _, ...asked } = input;
    return rememberable(asked, `input of ${this.name}`);
  }

  /** What stands in the place of an output; what stopped the whole batch is thrown on. */
  #errorOf(error: unknown, scope: Scope): Error {
    if (scope.isStopped) throw scope.reason;
    return error instanceof Error ? error : new PawlError('failed', `${this.name} failed`, { cause: error });
  }
}

/** What the step is made of, where it is a chain, a graph or a combinator. */
export function structureOf(step: AnyStep): Structure | undefined {
  return step instanceof Composite ? step.structure : undefined;
}
