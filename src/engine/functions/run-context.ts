/** What a durable function may do: the `run` it is called with. Everything it does through this is recorded, and nothing else is. */

import {
  type GivenAttributes,
  type Instant,
  type Json,
  jsonCopy,
  jsonFault,
  ownProperty,
  PawlError,
  parseAttributeChanges,
} from '../../base/index.ts';
import {
  checkedAtOnce,
  type FunctionSchemas,
  type FunctionWorkflow,
  givenToFunction,
  type Schema,
} from '../../definition/index.ts';
import { tokenOf } from '../../kernel/index.ts';
import type { Sql } from '../../store/index.ts';
import {
  type CallOptions,
  checkFunction,
  checkName,
  checkOptions,
  checkWidth,
  instantTextOf,
  msOf,
  nameOf,
  policiesOf,
} from './call-options.ts';
import { asJsonInput, ContinueAsNew, type Execution, TaskFailed } from './execution.ts';
import { type CanceledError, CancelScope, givenAway, within } from './scopes.ts';
import type { StepAttempt, Verified } from './step.ts';
import { stepAction } from './step-action.ts';
import { keepable, transactionAction } from './transaction.ts';
import type { AnswerOf, FunctionInput, FunctionOutput, NamesOf, TakenAs, TakenBy } from './typed-by-schemas.ts';

export interface StepOptions<Output> extends Omit<CallOptions, 'name'> {
  /** Finds out what an attempt came to of which nobody knows, and does nothing else. Only with `effect: 'once'`. */
  readonly verify?: (attempt: StepAttempt) => Verified<Output> | Promise<Verified<Output>>;
}

export interface ChildOptions {
  /** What becomes of the child where this function ends or leaves the call. Default it is canceled. */
  readonly onParentClose?: 'cancel' | 'terminate' | 'abandon';
  /** Longest to wait for it; it is canceled then. */
  readonly timeout?: number | string;
}

/** Somebody outside is to answer: whoever holds the token, by `pawl.complete(token, …)` or `pawl.fail(token, …)`. */
export interface Callback<Output> {
  readonly token: string;
  readonly result: Promise<Output>;
}

/** An action by its definition: its types reach the call. */
export interface CallableAction<Input, Output> {
  readonly name: string;
  readonly handler: (input: Input, context: never) => Output | Promise<Output>;
  readonly verify?: unknown;
}

export interface SignalOptions {
  /** Longest to wait for it: seconds, or text such as `2d`. Default without end. */
  readonly timeout?: number | string;
}

const partings: readonly ChildOptions['onParentClose'][] = ['cancel', 'terminate', 'abandon'];

/** @throws PawlError `bad_input`: what the asker gave is not as the schema says. */
function asked(schema: Schema, given: unknown, what: string): unknown {
  try {
    return checkedAtOnce(schema, given, what);
  } catch (error) {
    throw new PawlError('bad_input', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The names that a function declares with schemas; any other text is an error where it declares some. */
type DeclaredNames<Declared> = Declared extends object
  ? string extends keyof Declared
    ? never
    : keyof Declared & string
  : never;
type UndeclaredName<Declared> = [DeclaredNames<Declared>] extends [never] ? string : never;

export class RunContext<Schemas extends FunctionSchemas = FunctionSchemas> {
  readonly #execution: Execution;
  readonly #schemas: FunctionSchemas;

  constructor(execution: Execution, schemas: FunctionSchemas) {
    this.#execution = execution;
    this.#schemas = schemas;
  }

  get id(): string {
    return this.#execution.state.id;
  }

  /** Has an action run, by any worker; resolves with what it gave. Rejects with `TaskFailed`. */
  task<Input, Output>(action: CallableAction<Input, Output>, input: Input, options?: CallOptions): Promise<Output>;
  task(action: string, input?: unknown, options?: CallOptions): Promise<Json>;
  task(action: string | { readonly name: string }, input?: unknown, options: CallOptions = {}): Promise<unknown> {
    const called = nameOf(action, 'the action of a task');
    checkOptions('task', options, `the task "${called}"`);
    const { name = called } = options;
    checkName(name, 'a task');
    const canVerify = typeof action !== 'string' && 'verify' in action && action.verify !== undefined;
    return this.#execution.call({
      name,
      kind: 'action',
      action: called,
      input: asJsonInput(input, `the task "${called}"`),
      ...policiesOf(options, { canVerify, now: this.now }),
    });
  }

  /** Runs a closure in this process, and keeps what it gives. A crash in the middle repeats it, unless its `effect` is `once`. */
  step<Output>(
    name: string,
    work: (attempt: StepAttempt) => Output | Promise<Output>,
    options: StepOptions<Output> = {},
  ): Promise<Output> {
    checkName(name, 'a step');
    checkFunction(work, `the work of the step "${name}"`);
    checkOptions('step', options, `the step "${name}"`);
    const { verify } = options;
    if (verify !== undefined) checkFunction(verify, `the verify of the step "${name}"`);
    if (verify !== undefined && options.effect !== 'once')
      throw new TypeError(`the step "${name}" has a verify, which only a step with effect: 'once' needs`);
    const policies = policiesOf(options, { canVerify: verify !== undefined, now: this.now });
    const called = { name, kind: 'action', action: stepAction, input: null, ...policies } as const;
    const what = `the step "${name}"`;
    const code = {
      work: (attempt: StepAttempt) => givenAway(what, () => work(attempt)),
      verify: verify && ((attempt: StepAttempt) => givenAway(what, () => verify(attempt))),
    };
    return this.#execution.call(called, code) as Promise<Output>;
  }

  /**
   * Runs a user's SQL on the engine's own database: what it writes and that it did so are durable together, so it happens exactly
   * once. It must not be async; throwing undoes what it wrote.
   */
  transaction<Output>(
    name: string,
    work: (sql: Sql) => Output,
    options: Pick<CallOptions, 'retry'> = {},
  ): Promise<Output> {
    checkName(name, 'a transaction');
    checkFunction(work, `the work of the transaction "${name}"`);
    checkOptions('transaction', options, `the transaction "${name}"`);
    const policies = policiesOf(options, { canVerify: false, now: this.now });
    const called = { name, kind: 'action', action: transactionAction, input: null, ...policies } as const;
    const inIt = (sql: Sql) => keepable(givenAway(`the transaction "${name}"`, () => work(sql)));
    return this.#execution.call(called, { work: inIt }) as Promise<Output>;
  }

  /** Waits durably: seconds, or text such as `30s`, `2d`. Holds no memory meanwhile. */
  async sleep(duration: number | string): Promise<void> {
    await this.#execution.call({
      name: 'sleep',
      kind: 'sleep',
      action: 'core.sleep',
      input: { seconds: msOf(duration, 'sleep') / 1000 },
    });
  }

  async sleepUntil(when: Date | number | string): Promise<void> {
    const until = instantTextOf(when, 'sleepUntil');
    await this.#execution.call({ name: 'sleep', kind: 'sleep', action: 'core.sleep', input: { until } });
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
  signal<Name extends DeclaredNames<Schemas['signals']>>(name: Name): Promise<TakenAs<Schemas['signals'], Name>>;
  signal<Name extends DeclaredNames<Schemas['signals']>>(
    name: Name,
    options: SignalOptions,
  ): Promise<TakenAs<Schemas['signals'], Name> | undefined>;
  signal<Payload = Json>(name: UndeclaredName<Schemas['signals']>): Promise<Payload>;
  signal<Payload = Json>(
    name: UndeclaredName<Schemas['signals']>,
    options: SignalOptions,
  ): Promise<Payload | undefined>;
  async signal(name: string, options: SignalOptions = {}): Promise<unknown> {
    checkName(name, 'a signal');
    checkOptions('signal', options, `the signal "${name}"`);
    const timeout = options.timeout === undefined ? {} : { timeout: msOf(options.timeout, 'timeout') / 1000 };
    try {
      const payload = await this.#execution.call({
        name,
        kind: 'receive',
        action: 'core.receive',
        input: { signal: name, ...timeout },
      });
      const schema = ownProperty(this.#schemas.signals ?? {}, name);
      return schema === undefined ? payload : checkedAtOnce(schema, payload, `the signal "${name}"`);
    } catch (error) {
      if (error instanceof TaskFailed && error.kind === 'timeout') return undefined;
      throw error;
    }
  }

  /** The signals of that name, one after the other, without end. */
  signals<Name extends DeclaredNames<Schemas['signals']>>(
    name: Name,
  ): AsyncGenerator<TakenAs<Schemas['signals'], Name>, void>;
  signals<Payload = Json>(name: UndeclaredName<Schemas['signals']>): AsyncGenerator<Payload, void>;
  signals(name: string): AsyncGenerator<unknown, void> {
    checkName(name, 'a signal');
    // No generator function: that would be over once a wait of it was canceled, as the loser of a race is.
    let isOver = false;
    const over = { done: true, value: undefined } as const;
    const end = async () => {
      isOver = true;
      return over;
    };
    const signals: AsyncGenerator<unknown, void> = {
      next: async () =>
        isOver ? over : { done: false, value: await this.signal(name as UndeclaredName<Schemas['signals']>) },
      return: end,
      throw: async (error: unknown) => {
        await end();
        throw error;
      },
      [Symbol.asyncIterator]: () => signals,
      [Symbol.asyncDispose]: async () => {
        await end();
      },
    };
    return signals;
  }

  /** Runs another workflow and waits for what it gives. Canceled with this one, unless `onParentClose` says otherwise. */
  child<W extends FunctionWorkflow>(
    workflow: W,
    input?: FunctionInput<W>,
    options?: ChildOptions,
  ): Promise<FunctionOutput<W>>;
  child(
    workflow: string | { readonly name: string; readonly body?: never },
    input?: unknown,
    options?: ChildOptions,
  ): Promise<Json>;
  child(
    workflow: string | { readonly name: string },
    input: unknown = {},
    options: ChildOptions = {},
  ): Promise<unknown> {
    const name = nameOf(workflow, 'the workflow of a child');
    checkOptions('child', options, `the child "${name}"`);
    const { onParentClose = 'cancel', timeout } = options;
    if (!partings.includes(onParentClose))
      throw new TypeError(`onParentClose is ${JSON.stringify(onParentClose)}; write ${partings.join(', ')}`);
    const given = asJsonInput(input, `the workflow "${name}"`);
    const limit = timeout === undefined ? {} : { timeout: msOf(timeout, 'timeout') / 1000 };
    return this.#execution.call({
      name,
      kind: 'workflow',
      action: 'core.workflow',
      input: { workflow: name, input: given, ...limit },
      ...(onParentClose === 'cancel' ? {} : { onLeave: onParentClose }),
    });
  }

  /**
   * Ends this run's history here and begins it anew, under the same id, with another input and the newest code: for functions that
   * would go on for ever. Signals that were not taken yet, and readers who wait for the result, go along. Await it; it does not return.
   */
  continueAsNew(input: unknown = {}): Promise<never> {
    const fault = jsonFault(input);
    if (fault !== undefined) throw new TypeError(`the input of continueAsNew is not JSON: ${fault}`);
    throw new ContinueAsNew(givenToFunction(jsonCopy(input as Json)));
  }

  /** Gives a token to pass on, and the promise of what its holder answers. */
  callback<Output = Json>(name: string, options: SignalOptions = {}): Callback<Output> {
    checkName(name, 'a callback');
    checkOptions('callback', options, `the callback "${name}"`);
    const { state } = this.#execution;
    const timeout = options.timeout === undefined ? {} : { timeout: msOf(options.timeout, 'timeout') / 1000 };
    let token = '';
    const result = this.#execution.call(
      { name, kind: 'ask', action: 'core.ask', input: { callback: name, ...timeout } },
      undefined,
      (call) => {
        token = tokenOf({ run: state.id, seed: state.seed, place: { call }, attempt: 0 });
      },
    );
    return { token, result: result as Promise<Output> };
  }

  /** Asks a person; resolves with the answer that `pawl answer RUN NAME` gives. */
  ask(name: string, question: Json): Promise<Json> {
    checkName(name, 'a question');
    return this.#execution.call({
      name,
      kind: 'ask',
      action: 'core.ask',
      input: { question: asJsonInput(question, `the question "${name}"`) },
    });
  }

  /** Resolves once it holds. Asked whenever the function has heard of something; reads only what the function holds. */
  waitUntil(holds: () => boolean): Promise<void> {
    checkFunction(holds, 'what waitUntil waits for');
    return this.#execution.waitUntil(holds);
  }

  /** Answers readers of the run while it is under way; may read what the function holds, and change nothing. */
  query<Args extends unknown[]>(name: string, answer: (...args: Args) => Json): void {
    checkName(name, 'a query');
    checkFunction(answer, `what answers the query "${name}"`);
    this.#execution.scopeFor(`the query "${name}"`);
    const schemas = ownProperty(this.#schemas.queries ?? {}, name);
    this.#execution.queries.set(name, (...given: never[]) => {
      const { input, output } = schemas ?? {};
      const args = input === undefined ? given : given.map((one) => asked(input, one, `the query "${name}"`));
      const answered = answer(...(args as Args));
      return output === undefined ? answered : checkedAtOnce(output, answered, `the answer to the query "${name}"`);
    });
  }

  /**
   * Lets clients ask for a change and wait for the answer. `validate` may refuse it, by throwing, before anything is recorded; `handle`
   * may call all that the function may. The function does not end while one is being handled.
   */
  update<Name extends NamesOf<Schemas['updates']>>(
    name: Name,
    handler:
      | ((input: TakenBy<Schemas['updates'], Name>) => AnswerOf<Schemas['updates'], Name>)
      | {
          readonly validate?: (input: TakenBy<Schemas['updates'], Name>) => void;
          readonly handle: (input: TakenBy<Schemas['updates'], Name>) => AnswerOf<Schemas['updates'], Name>;
        },
  ): void {
    checkName(name, 'an update');
    const { validate, handle } =
      typeof handler === 'function' ? { handle: handler } : { validate: undefined, ...handler };
    checkFunction(handle, `what handles the update "${name}"`);
    if (validate !== undefined) checkFunction(validate, `what validates the update "${name}"`);
    this.#execution.scopeFor(`the update "${name}"`);
    const schemas = ownProperty(this.#schemas.updates ?? {}, name);
    const taken = (input: unknown) =>
      (schemas?.input === undefined ? input : checkedAtOnce(schemas.input, input, `the update "${name}"`)) as never;
    this.#execution.updates.set(name, {
      validate: (input: unknown) => {
        const checked = taken(input);
        validate?.(checked);
      },
      handle: async (input: unknown) => {
        const answer = await handle(taken(input));
        if (schemas?.output === undefined) return answer;
        return checkedAtOnce(schemas.output, answer, `the answer to the update "${name}"`);
      },
    });
  }

  /** Adds a piece to a stream that readers of the run follow, from any place on: `handle.stream(name)`. */
  emit(stream: string, value: Json): void {
    checkName(stream, 'a stream');
    const fault = jsonFault(value);
    if (fault !== undefined) throw new TypeError(`what is added to the stream "${stream}" is not JSON: ${fault}`);
    this.#execution.say(['emitted', stream], value);
  }

  /** True where the function may go the new way of a change: runs that are past the place already go the old one. */
  patched(id: string): boolean {
    checkName(id, 'a patch');
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
    checkName(name, 'what is published');
    const fault = jsonFault(value);
    if (fault !== undefined) throw new TypeError(`what is published as "${name}" is not JSON: ${fault}`);
    this.#execution.say(['said', name], value);
  }

  /** All of them, at the same time; the first that fails cancels the others. */
  async all<const Works extends readonly (() => unknown)[]>(
    works: Works,
  ): Promise<{ -readonly [Place in keyof Works]: Awaited<ReturnType<Works[Place]>> }> {
    const group = this.#group('all', works);
    return (await Promise.all(
      works.map((work, place) => group.run(place, work).catch((error: unknown) => group.leave(error))),
    )) as never;
  }

  /** The first that ends, well or badly; the others are canceled. */
  async race<const Works extends readonly (() => unknown)[]>(
    works: Works,
  ): Promise<Awaited<ReturnType<Works[number]>>> {
    const group = this.#group('race', works);
    if (works.length === 0) throw new TypeError('a race of nothing has no winner; give it at least one function');
    try {
      return (await Promise.race(works.map((work, place) => group.run(place, work)))) as never;
    } finally {
      group.cancel();
    }
  }

  /** The first that succeeds; the others are canceled. Rejects with an `AggregateError` where none does, unless it was canceled. */
  async any<const Works extends readonly (() => unknown)[]>(works: Works): Promise<Awaited<ReturnType<Works[number]>>> {
    const group = this.#group('any', works);
    try {
      return (await Promise.any(works.map((work, place) => group.run(place, work)))) as never;
    } catch (error) {
      throw group.canceled ?? error;
    } finally {
      group.cancel();
    }
  }

  /** One for each item, so many at the same time; results in the order of the items. The first that fails cancels the others. */
  async map<Item, Result>(
    items: readonly Item[],
    work: (item: Item, index: number) => Promise<Result> | Result,
    options: { readonly width?: number } = {},
  ): Promise<Result[]> {
    if (!Array.isArray(items)) throw new TypeError('what map goes through is no list; give an array of items');
    checkFunction(work, 'what map does for each item');
    checkOptions('map', options, 'a map');
    const { width = Number.POSITIVE_INFINITY } = options;
    checkWidth(width);
    const results = new Array<Result>(items.length);
    const group = new Group(Math.min(width, items.length), this.#execution.scopeFor('a map'));
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
    checkFunction(work, 'what is shielded');
    const scope = new CancelScope(this.#execution.scopeFor('a shield'), true);
    return within(scope, async () => work()).finally(() => scope.leave());
  }

  /** Runs it with what cancels it alone. */
  cancelable<Result>(work: () => Promise<Result> | Result): {
    readonly result: Promise<Result>;
    cancel(reason?: string): void;
  } {
    checkFunction(work, 'what can be canceled');
    const scope = new CancelScope(this.#execution.scopeFor('a part to be canceled'));
    const result = within(scope, async () => work()).finally(() => scope.leave());
    return { result, cancel: (reason) => scope.cancel(reason) };
  }

  #group(kind: 'all' | 'race' | 'any', works: readonly (() => unknown)[]): Group {
    if (!Array.isArray(works))
      throw new TypeError(`what ${kind} is given is no list; write run.${kind}([() => …, () => …])`);
    for (const [place, work] of works.entries()) checkFunction(work, `number ${place} of ${kind}`);
    return new Group(works.length, this.#execution.scopeFor(kind));
  }

  readonly #undo: (() => unknown)[] = [];

  /** What undoes what was done so far: called, latest first, where the function throws or is canceled. */
  compensate(undo: () => unknown): void {
    checkFunction(undo, 'what undoes');
    this.#execution.scopeFor('something to undo');
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
}

/** Stretches of code that run at the same time, each with a scope of its own. */
class Group {
  readonly #around: CancelScope;
  readonly #scopes: readonly CancelScope[];

  constructor(size: number, around: CancelScope) {
    this.#around = around;
    this.#scopes = Array.from({ length: size }, () => new CancelScope(around));
  }

  /** Set where all of it was canceled from outside. */
  get canceled(): CanceledError | undefined {
    return this.#around.canceled;
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
