/** What a durable function may do: the `run` it is called with. Everything it does through this is recorded, and nothing else is. */

import { type GivenAttributes, type Instant, type Json, jsonFault, parseAttributeChanges } from '../../base/index.ts';
import { asJsonInput, type Execution, msOf, retryOf, TaskFailed } from './execution.ts';
import { CancelScope, scopeNow, within } from './scopes.ts';

export interface CallOptions {
  /** Names the call in the history. Default the action's name. */
  readonly name?: string;
  /** Retries after the first attempt; delays are seconds, or text such as `30s`. Default none. */
  readonly retry?: {
    readonly count: number;
    readonly delay?: number | string;
    readonly factor?: number;
    readonly maxDelay?: number | string;
    readonly jitter?: number;
  };
  /** Longest one attempt may take: seconds, or text. Default no limit. */
  readonly timeout?: number | string;
  /** Longest the call may take in all, retries included. */
  readonly deadline?: number | string;
  /** True: failed for good, it waits for a person: `pawl decide`. */
  readonly intervention?: boolean;
}

/** What a step knows of its attempt. */
export interface StepAttempt {
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  log(text: string): void;
}

/** An action by its definition: its types reach the call. */
export interface CallableAction<Input, Output> {
  readonly name: string;
  readonly handler: (input: Input, context: never) => Output | Promise<Output>;
}

/** The action that carries out closures of functions. */
export const stepAction = '$step';

export class RunContext {
  readonly #execution: Execution;

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  get id(): string {
    return this.#execution.state.id;
  }

  /** Has an action run, by any worker; resolves with what it gave. Rejects with `TaskFailed`. */
  task<Input, Output>(action: CallableAction<Input, Output>, input: Input, options?: CallOptions): Promise<Output>;
  task(action: string, input?: unknown, options?: CallOptions): Promise<Json>;
  task(action: string | { readonly name: string }, input?: unknown, options: CallOptions = {}): Promise<unknown> {
    const called = typeof action === 'string' ? action : action.name;
    return this.#execution.call({
      name: options.name ?? called,
      kind: 'action',
      action: called,
      input: asJsonInput(input, `the task "${called}"`),
      ...this.#policies(options),
    });
  }

  /** Runs a closure once, in this process, and keeps what it gives. A crash in the middle repeats it. */
  step<Output>(
    name: string,
    work: (attempt: StepAttempt) => Output | Promise<Output>,
    options: Omit<CallOptions, 'name'> = {},
  ): Promise<Output> {
    const called = { name, kind: 'action', action: stepAction, input: null, ...this.#policies(options) } as const;
    return this.#execution.call(called, work as (attempt: never) => unknown) as Promise<Output>;
  }

  /** Waits durably: seconds, or text such as `30s`, `2d`. Holds no memory meanwhile. */
  async sleep(duration: number | string): Promise<void> {
    await this.#execution.call({ name: 'sleep', kind: 'sleep', input: { seconds: msOf(duration, 'sleep') / 1000 } });
  }

  async sleepUntil(when: Date | number | string): Promise<void> {
    const until = new Date(when);
    await this.#execution.call({ name: 'sleep', kind: 'sleep', input: { until: until.toISOString() } });
  }

  /** The instant of what the function heard last: the same whenever it is run again. */
  get now(): Instant {
    return this.#execution.now;
  }

  /** A number in [0, 1) from the run's seed. */
  random(): number {
    return this.#execution.random();
  }

  /** A UUID (version 4) from the run's seed. */
  uuid(): string {
    const hex = Array.from({ length: 32 }, () => Math.floor(this.random() * 16).toString(16));
    hex[12] = '4';
    hex[16] = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4] ?? '8';
    const text = hex.join('');
    return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
  }

  /** The next signal of that name, now or once it comes; undefined where it did not come in time. */
  async signal<Payload = Json>(
    name: string,
    options: { readonly timeout?: number | string } = {},
  ): Promise<Payload | undefined> {
    const timeout = options.timeout === undefined ? {} : { timeout: msOf(options.timeout, 'timeout') / 1000 };
    try {
      return (await this.#execution.call({ name, kind: 'receive', input: { signal: name, ...timeout } })) as Payload;
    } catch (error) {
      if (error instanceof TaskFailed && error.kind === 'timeout') return undefined;
      throw error;
    }
  }

  /** The signals of that name, one after the other, without end. */
  async *signals<Payload = Json>(name: string): AsyncGenerator<Payload, void> {
    for (;;) yield (await this.signal<Payload>(name)) as Payload;
  }

  /** Runs another workflow and waits for what it gives. Canceled with this one. */
  child(workflow: string | { readonly name: string }, input: unknown = {}): Promise<Json> {
    const name = typeof workflow === 'string' ? workflow : workflow.name;
    const given = asJsonInput(input, `the workflow "${name}"`);
    return this.#execution.call({ name, kind: 'workflow', input: { workflow: name, input: given } });
  }

  /** Asks a person; resolves with the answer that `pawl answer RUN NAME` gives. */
  ask(name: string, question: Json): Promise<Json> {
    return this.#execution.call({ name, kind: 'ask', input: { question } });
  }

  /** Resolves once it holds. Asked whenever the function has heard of something; reads only what the function holds. */
  waitUntil(holds: () => boolean): Promise<void> {
    return this.#execution.waitUntil(holds);
  }

  /** Answers readers of the run while it is under way; may read what the function holds, and change nothing. */
  query<Args extends unknown[]>(name: string, answer: (...args: Args) => Json): void {
    this.#execution.queries.set(name, answer as (...args: never[]) => unknown);
  }

  /** True where the function may go the new way of a change: runs that are past the place already go the old one. */
  patched(id: string): boolean {
    return this.#execution.patched(id);
  }

  /** By what the run can be found: `pawl.list({ attributes })`. Null takes one away; a Date is kept as ISO text. */
  setAttributes(attributes: GivenAttributes): void {
    const changes = parseAttributeChanges(attributes);
    if (!changes.ok) throw new TypeError(changes.error);
    this.#execution.setAttributes(changes.value);
  }

  /** Says something that readers of the run see. */
  publish(name: string, value: Json): void {
    const fault = jsonFault(value);
    if (fault !== undefined) throw new TypeError(`what is published as "${name}" is not JSON: ${fault}`);
    this.#execution.note(['said', name], value);
  }

  /** All of them, at the same time; the first that fails cancels the others. */
  async all<const Works extends readonly (() => unknown)[]>(
    works: Works,
  ): Promise<{ -readonly [Place in keyof Works]: Awaited<ReturnType<Works[Place]>> }> {
    const group = new Group(works.length, this.#execution.root);
    return (await Promise.all(
      works.map((work, place) => group.run(place, work).catch((error: unknown) => group.leave(error))),
    )) as never;
  }

  /** The first that ends, well or badly; the others are canceled. */
  async race<const Works extends readonly (() => unknown)[]>(
    works: Works,
  ): Promise<Awaited<ReturnType<Works[number]>>> {
    const group = new Group(works.length, this.#execution.root);
    try {
      return (await Promise.race(works.map((work, place) => group.run(place, work)))) as never;
    } finally {
      group.cancel();
    }
  }

  /** The first that succeeds; the others are canceled. Rejects with an `AggregateError` where none does. */
  async any<const Works extends readonly (() => unknown)[]>(works: Works): Promise<Awaited<ReturnType<Works[number]>>> {
    const group = new Group(works.length, this.#execution.root);
    try {
      return (await Promise.any(works.map((work, place) => group.run(place, work)))) as never;
    } finally {
      group.cancel();
    }
  }

  /** One for each item, so many at the same time; results in the order of the items. The first that fails cancels the others. */
  async map<Item, Result>(
    items: readonly Item[],
    work: (item: Item, index: number) => Promise<Result> | Result,
    { width = Number.POSITIVE_INFINITY }: { readonly width?: number } = {},
  ): Promise<Result[]> {
    const results = new Array<Result>(items.length);
    const group = new Group(Math.min(width, items.length), this.#execution.root);
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < items.length) {
        const index = next;
        next += 1;
        results[index] = await work(items[index]!, index);
      }
    };
    await Promise.all(
      Array.from({ length: Math.min(width, items.length) }, (_, place) =>
        group.run(place, lane).catch((error: unknown) => group.leave(error)),
      ),
    );
    return results;
  }

  /** Runs it so that no cancel reaches it: cleaning up. */
  shield<Result>(work: () => Promise<Result> | Result): Promise<Result> {
    const scope = new CancelScope(scopeNow() ?? this.#execution.root, true);
    return within(scope, async () => work()).finally(() => scope.leave());
  }

  /** Runs it with what cancels it alone. */
  cancelable<Result>(work: () => Promise<Result> | Result): {
    readonly result: Promise<Result>;
    cancel(reason?: string): void;
  } {
    const scope = new CancelScope(scopeNow() ?? this.#execution.root);
    return { result: within(scope, async () => work()), cancel: (reason) => scope.cancel(reason) };
  }

  readonly #undo: (() => unknown)[] = [];

  /** What undoes what was done so far: called, latest first, where the function throws or is canceled. */
  compensate(undo: () => unknown): void {
    this.#undo.push(undo);
  }

  /** Undoes, latest first. One that fails is noted, and the others are still called. */
  async undoAll(): Promise<readonly unknown[]> {
    const faults: unknown[] = [];
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) {
      const one = undo;
      await this.shield(async () => {
        await one();
      }).catch((error: unknown) => faults.push(error));
    }
    return faults;
  }

  #policies({ retry, timeout, deadline, intervention }: CallOptions) {
    return {
      ...(retry === undefined ? {} : { retry: retryOf(retry) }),
      ...(timeout === undefined ? {} : { timeoutMs: msOf(timeout, 'timeout') }),
      ...(deadline === undefined ? {} : { deadlineAt: (this.#execution.now + msOf(deadline, 'deadline')) as Instant }),
      ...(intervention === true ? { intervenes: true } : {}),
    };
  }
}

/** Stretches of code that run at the same time, each with a scope of its own. */
class Group {
  readonly #scopes: readonly CancelScope[];

  constructor(size: number, root: CancelScope) {
    const around = scopeNow() ?? root;
    this.#scopes = Array.from({ length: size }, () => new CancelScope(around));
  }

  run<Result>(place: number, work: () => Promise<Result> | Result): Promise<Result> {
    const scope = this.#scopes[place]!;
    return within(scope, async () => work()).finally(() => scope.leave());
  }

  cancel(): void {
    for (const scope of this.#scopes) scope.cancel('another was first');
  }

  leave(error: unknown): never {
    for (const scope of this.#scopes) scope.cancel('another failed');
    throw error;
  }
}
