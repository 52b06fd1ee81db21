/**
 * One durable function in memory: the code under way, the calls it waits for, and what it has called since the last commit.
 *
 * X1. Calls are numbered in the order the function makes them. While it is run again over its history, each call is held against
 *     the one recorded under its number; the first that differs stops the run, and nothing more is called.
 * X2. One thing is delivered at a time (a result, a cancel), and what the function does with it is waited for before the next.
 *     History gives the same order, so the function makes the same calls.
 * X3. The function's clock is the instant of what was delivered last, its randomness comes from the run's seed: nothing of that is recorded.
 * X4. What a function is given, and what it gives away, is a copy: it may write to either, and the history holds what it was.
 */

import {
  type AttributeChanges,
  type Attributes,
  attributesFault,
  type Instant,
  type Json,
  type JsonObject,
  jsonCopy,
  jsonFault,
  noAttributes,
  withAttributes,
} from '../../base/index.ts';
import {
  type Directive,
  type FunctionNote,
  functionNote,
  type Outcome,
  type Recorded,
  type RunState,
  seededRandom,
  type TaskSpec,
} from '../../kernel/index.ts';
import { callPlace } from './call-place.ts';
import { type Recognised, Recording, recognised, shown } from './recording.ts';
import { CanceledError, CancelScope, givenAway, givenAwayNow, scopeNow, within } from './scopes.ts';
import type { StepCode } from './step.ts';
import { thrownText } from './thrown.ts';

/** The call at which the code and the history part. */
export interface Divergence {
  readonly call: number;
  readonly recorded: Recognised | undefined;
  readonly called: Recognised | undefined;
  /** `file:line:column` of the call that was made. */
  readonly place: string | undefined;
}

type Delivery =
  | { readonly kind: 'start'; readonly at: Instant }
  | { readonly kind: 'result'; readonly at: Instant; readonly call: number; readonly outcome: Outcome }
  | { readonly kind: 'update'; readonly at: Instant; readonly id: string; readonly name: string; readonly input: Json }
  | { readonly kind: 'cancel'; readonly at: Instant; readonly reason: string | undefined };

interface Waiting {
  readonly name: string;
  readonly resolve: (output: Json) => void;
  readonly reject: (error: unknown) => void;
  readonly stopListening: () => void;
}

/** Answers one kind of update. */
export interface UpdateHandler {
  /** Throws where the input is not let through; nothing is recorded then. */
  readonly validate?: ((input: never) => void) | undefined;
  readonly handle: (input: never) => unknown;
}

/** Thrown by `run.continueAsNew`, for the function to end with. */
export class ContinueAsNew extends Error {
  override readonly name = 'ContinueAsNew';
  readonly input: JsonObject;

  constructor(input: JsonObject) {
    super('the run goes on as a new one');
    this.input = input;
  }
}

/** What a function gets where a call of it failed. */
export class TaskFailed extends Error {
  override readonly name = 'TaskFailed';
  /** A stable code: `failed`, `timeout`, `child_failed`, … */
  readonly kind: string;
  readonly task: string;
  /** What came with the failure. */
  readonly result: Json;

  constructor(task: string, outcome: Outcome & { status: 'failed' }) {
    super(outcome.failure.message);
    this.kind = outcome.failure.kind;
    this.task = task;
    this.result = jsonCopy(outcome.output);
  }
}

export type Body = (execution: Execution) => Promise<unknown>;

export class Execution {
  readonly root = new CancelScope(undefined);
  readonly state: RunState;
  readonly #body: Body;
  readonly #onFault: () => void;
  readonly #deliveries: Delivery[] = [];
  readonly #waiting = new Map<number, Waiting>();
  /** Task numbers by call, and back. */
  readonly #taskOf = new Map<number, number>();
  readonly #callOf = new Map<number, number>();
  /** What the history holds that is gone through again. */
  #recording = new Recording();
  readonly #patches = new Map<string, boolean>();
  readonly #conditions: Condition[] = [];
  readonly #steps = new Map<number, StepCode>();
  readonly queries = new Map<string, (...args: never[]) => unknown>();
  readonly updates = new Map<string, UpdateHandler>();
  /** Updates whose handlers have not answered. */
  #answering = 0;
  /** Things said so far. */
  #said = 0;
  /** Times that it set attributes. */
  #attributesSet = 0;
  #told: Directive[] = [];
  /** Calls that are to be left, by number. */
  #dropped: number[] = [];
  #next = 0;
  #now: Instant;
  /** Those it began with, and what it has set since. */
  #attributes: Attributes = noAttributes;
  #random: (() => number) | undefined;
  #isActive = false;
  #isReplaying = false;
  #end: { readonly returned: Json } | { readonly threw: unknown } | undefined;
  #endTold = false;
  /** True once the history says so. */
  #threw = false;
  /** True once its run is over for it, though what it called may still end. */
  #isSilent = false;
  #fault: string | undefined;
  #divergence: Divergence | undefined;

  /** @param onFault Called where the code turns out not to agree with the history. */
  constructor(state: RunState, body: Body, onFault: () => void) {
    this.state = state;
    this.#body = body;
    this.#onFault = onFault;
    this.#now = state.startedAt;
  }

  /** Why the code and the history do not agree; undefined while they do. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** The facts behind `fault`. */
  get divergence(): Divergence | undefined {
    return this.#divergence;
  }

  get hasDeliveries(): boolean {
    return this.#deliveries.length > 0;
  }

  /** True where something is to be told to the kernel. */
  get hasNews(): boolean {
    const hasEnded = this.#end !== undefined && !this.#endTold && !this.#isSilent;
    return this.#told.length > 0 || this.#dropped.length > 0 || (hasEnded && this.#answering === 0);
  }

  /** Before a history is gone through again: what it holds. */
  expect(history: readonly Recorded[]): void {
    this.#isReplaying = true;
    this.#recording = new Recording(history);
    for (const [id, isNew] of this.#recording.patches) this.#patches.set(id, isNew);
    this.#endTold = this.#recording.ended;
  }

  /** The history has been gone through: what it holds must all have been called. */
  caughtUp(): void {
    this.#isReplaying = false;
    const missing = this.#recording.calls[this.#next];
    if (missing !== undefined && this.#fault === undefined)
      this.#diverge(
        `call ${this.#next} of its history is ${shown(missing)}, and the function does not make it any more`,
        { recorded: missing },
      );
  }

  /** Notes what happened, for the function to hear of. */
  observe(event: Recorded): void {
    if (this.#isSilent) return;
    switch (event.type) {
      case 'RunStarted':
      case 'RunRenewed':
        this.#attributes = event.attributes ?? noAttributes;
        this.#deliveries.push({ kind: 'start', at: event.at });
        return;
      case 'ProgramNoted': {
        const note = functionNote(event);
        if (note?.[0] === 'threw') this.#threw = true;
        if (note?.[0] !== 'update') return;
        this.#deliveries.push({
          kind: 'update',
          at: event.at,
          id: note[1],
          name: note[2],
          input: event.values ?? null,
        });
        return;
      }
      case 'TaskScheduled':
        if (event.spec.undoes !== undefined || event.spec.route === undefined) return;
        this.#taskOf.set(event.spec.route, event.task);
        this.#callOf.set(event.task, event.spec.route);
        return;
      case 'TaskEnded': {
        const call = this.#callOf.get(event.task);
        if (call === undefined) return;
        this.#callOf.delete(event.task);
        this.#taskOf.delete(call);
        if (event.dropped !== true)
          this.#deliveries.push({ kind: 'result', at: event.at, call, outcome: event.outcome });
        return;
      }
      case 'CancelRequested':
        this.#deliveries.push({ kind: 'cancel', at: event.at, reason: event.reason });
        return;
      case 'RunFailing':
        // Not by its own doing: a limit of the run was met. It is not asked any more, and hears nothing of what still ends.
        if (!this.#threw) this.#silence();
        return;
      default:
        return;
    }
  }

  /** Delivers the next thing. What follows from it is done once the microtasks have run. */
  deliver(): void {
    const delivery = this.#deliveries.shift();
    if (delivery === undefined || this.#fault !== undefined) return;
    this.#now = delivery.at;
    this.#isActive = true;
    if (delivery.kind === 'start') this.#begin();
    else if (delivery.kind === 'cancel') this.root.cancel(delivery.reason);
    else if (delivery.kind === 'update') this.#answer(delivery);
    else this.#settle(delivery.call, delivery.outcome);
  }

  /** After the microtasks have run. True where a condition was met, so that they are to run again. */
  rest(): boolean {
    for (const [index, condition] of this.#conditions.entries()) {
      const answer = answerOf(condition.holds);
      if (answer === false) continue;
      this.#conditions.splice(index, 1);
      condition.met(answer);
      return true;
    }
    this.#isActive = false;
    const isWaiting = this.#waiting.size > 0 || this.#conditions.length > 0 || this.updates.size > 0;
    const isStuck = this.#end === undefined && !isWaiting;
    if (isStuck && this.#fault === undefined)
      this.#diverge(
        `after call ${this.#next - 1} it waits for something else than calls of \`run\`, which no other process could wait for again`,
        { recorded: this.#recording.calls[this.#next] },
        'Timers, files and networks belong into a step',
      );
    return false;
  }

  /** Tasks that it leaves with what it has to tell. */
  leaves(): Iterable<number> {
    if (this.#endsNow) return this.state.open.keys();
    return this.#dropped.flatMap((call) => this.#taskOf.get(call) ?? []);
  }

  get #endsNow(): boolean {
    if (this.#end === undefined || this.#endTold || this.#fault !== undefined || this.#isSilent) return false;
    // Whoever asked for an update is answered first; a run that is canceled waits for no one.
    return this.#answering === 0 || this.state.status === 'canceling';
  }

  /** What is to be told: what it called and said, and what it has left. A call that it made and left at once takes nothing. */
  take(): readonly Directive[] {
    const told = this.#told;
    this.#told = [];
    // Tasks that are told now are numbered as they are told.
    let next = this.state.nextTask;
    for (const one of told) {
      if (one.type !== 'task') continue;
      if (one.spec.route !== undefined) this.#taskOf.set(one.spec.route, next);
      next += 1;
    }
    const dropped = this.#dropped.flatMap((call): Directive[] => {
      const task = this.#taskOf.get(call);
      return task === undefined ? [] : [{ type: 'drop', task }];
    });
    this.#dropped = [];
    return [...told, ...dropped];
  }

  /** How the function ended, if it has and that was not told. */
  takeEnd(): readonly Directive[] {
    const end = this.#end;
    if (end === undefined || !this.#endsNow) return [];
    const isCanceling = this.state.status === 'canceling';
    this.#endTold = true;
    const leave = [...this.state.open.keys()].map((task): Directive => ({ type: 'drop', task }));
    if ('threw' in end && end.threw instanceof ContinueAsNew && !isCanceling) {
      const seed = Math.floor(this.random() * 2 ** 32);
      return [...leave, { type: 'renew', version: this.state.version, input: end.threw.input, seed }];
    }
    if ('returned' in end) {
      return [
        { type: 'note', note: ['returned'], values: end.returned },
        ...leave,
        ...(isCanceling ? [] : [{ type: 'succeed' } as const]),
      ];
    }
    const isNoFault = end.threw instanceof CanceledError || end.threw instanceof ContinueAsNew;
    const isCancel = isCanceling && isNoFault;
    const error = errorOf(end.threw);
    return [
      { type: 'note', note: ['threw'] },
      ...(isCancel ? [] : [{ type: 'error', error } as const]),
      ...leave,
      ...(isCanceling ? [] : [{ type: 'fail' } as const]),
    ];
  }

  // ---- what the function may do -------------------------------------------------------------------------------

  get now(): Instant {
    return this.#now;
  }

  /**
   * The scope of the code that runs now.
   *
   * @throws TypeError It is code that the function gave away: `what` would be done at a moment no history knows.
   */
  scopeFor(what: string): CancelScope {
    const elsewhere = givenAwayNow();
    if (elsewhere === undefined) {
      const scope = scopeNow() ?? this.root;
      if (scope.top === this.root) return scope;
      throw new TypeError(
        `the run "${this.state.id}" is asked for ${what} by the function of another run; a function asks the run it was called with`,
      );
    }
    throw new TypeError(
      `${elsewhere} asks its run for ${what}; only the function itself may: do that before it or after it, and hand on what it needs`,
    );
  }

  random(): number {
    this.scopeFor('a random number');
    this.#random ??= seededRandom(this.state.seed, -1);
    return this.#random();
  }

  /** Makes a call; its promise settles when the call has. */
  call(spec: Omit<TaskSpec, 'route'>, step?: StepCode, onNumber?: (call: number) => void): Promise<Json> {
    const called = recognised(spec);
    const scope = this.scopeFor(shown(called));
    if (scope.canceled !== undefined) return Promise.reject(scope.canceled);
    if (this.#fault !== undefined) return never();
    const number = this.#next;
    const recorded = this.#recording.calls[number];
    if (!this.#isActive) {
      const place = callPlace();
      this.#diverge(
        `${shown(called)} was called at a moment of its own: something else than calls of \`run\` was awaited${at(place)}`,
        { recorded, called, place },
        'Timers, files and networks belong into a step',
      );
      return never();
    }
    if (recorded !== undefined && (recorded.kind !== called.kind || recorded.name !== called.name)) {
      const place = callPlace();
      this.#diverge(
        `call ${number} of its history is ${shown(recorded)}, and the code now has ${shown(called)} there${at(place)}`,
        { recorded, called, place },
      );
      return never();
    }
    this.#next += 1;
    onNumber?.(number);
    if (step !== undefined) this.#steps.set(number, step);
    if (recorded === undefined) {
      const input = step === undefined ? jsonCopy(spec.input) : { call: number };
      this.#told.push({
        type: 'task',
        spec: { ...spec, input, route: number, ...(scope.isSafe ? { shielded: true } : {}) },
      });
    }
    const result = new Promise<Json>((resolve, reject) => {
      const stopListening = scope.onCancel((error) => {
        if (!this.#waiting.delete(number)) return;
        this.#dropped.push(number);
        this.#steps.delete(number);
        reject(error);
      });
      this.#waiting.set(number, { name: spec.name, resolve, reject, stopListening });
    });
    // It may fail before the function waits for it.
    result.catch(() => {});
    return result;
  }

  /** The closure of a step that is to be attempted. */
  stepOf(call: number): StepCode | undefined {
    return this.#steps.get(call);
  }

  patched(id: string): boolean {
    this.scopeFor(`the patch "${id}"`);
    const known = this.#patches.get(id);
    if (known !== undefined) return known;
    const isNew = !(this.#isReplaying && this.#next < this.#recording.calls.length);
    this.#patches.set(id, isNew);
    // Also where a history is gone through that ends before this place: a rerun, a fork, a crash before the function heard.
    if (isNew) this.#tell(['patched', id, this.#next, true]);
    return isNew;
  }

  waitUntil(holds: () => boolean): Promise<void> {
    const scope = this.scopeFor('a wait');
    if (scope.canceled !== undefined) return Promise.reject(scope.canceled);
    const answer = answerOf(holds);
    if (answer === true) return Promise.resolve();
    if (answer !== false) return Promise.reject(answer.threw);
    return new Promise((resolve, reject) => {
      const condition: Condition = {
        holds,
        met: (met) => {
          stop();
          if (met === true) resolve();
          else reject(met.threw);
        },
      };
      const stop = scope.onCancel((error) => {
        const place = this.#conditions.indexOf(condition);
        if (place !== -1) this.#conditions.splice(place, 1);
        reject(error);
      });
      this.#conditions.push(condition);
    });
  }

  /** What counts is what it began with and what it set itself: the same whenever it is run again. */
  setAttributes(changes: AttributeChanges): void {
    this.scopeFor('attributes');
    const attributes = withAttributes(this.#attributes, changes);
    const fault = attributesFault(attributes);
    if (fault !== undefined) throw new TypeError(fault);
    this.#attributes = attributes;
    this.#attributesSet += 1;
    if (this.#attributesSet > this.#recording.attributesSet) this.#told.push({ type: 'attributes', changes });
  }

  /** Says something, once: what the history holds of it is not said again. */
  say(note: FunctionNote & readonly ['said' | 'emitted', string], values: Json): void {
    this.scopeFor(note[0] === 'emitted' ? `a piece of the stream "${note[1]}"` : `"${note[1]}" to be said`);
    this.#said += 1;
    if (this.#said > this.#recording.said) this.#tell(note, jsonCopy(values));
  }

  /** Why an update is not taken; undefined where it is. */
  updateFault(name: string, input: Json): string | undefined {
    const handler = this.updates.get(name);
    if (handler === undefined) {
      const known = [...this.updates.keys()].join(', ');
      return `run "${this.state.id}" takes no update "${name}"${known === '' ? '' : `; it takes ${known}`}`;
    }
    try {
      const { validate } = handler;
      if (validate !== undefined)
        givenAway(`the validation of the update "${name}"`, () => validate(jsonCopy(input) as never));
      return undefined;
    } catch (error) {
      return thrownText(error);
    }
  }

  #tell(note: FunctionNote, values?: Json): void {
    this.#told.push({ type: 'note', note: note as unknown as Json, ...(values === undefined ? {} : { values }) });
  }

  // ---------------------------------------------------------------------------------------------------------------

  #begin(): void {
    within(this.root, () => this.#body(this)).then(
      (output) => {
        const value = output === undefined ? null : output;
        const fault = jsonFault(value);
        this.#end =
          fault === undefined
            ? { returned: jsonCopy(value as Json) }
            : { threw: new Error(`what the function returned is not JSON: ${fault}`) };
      },
      (error: unknown) => {
        this.#end = { threw: error };
      },
    );
  }

  /** Has an update handled; what it answers is told once, whenever that is. */
  #answer({ id, name, input }: Delivery & { kind: 'update' }): void {
    this.#answering += 1;
    const answered = (note: FunctionNote, values?: Json): void => {
      this.#answering -= 1;
      if (!this.#recording.answered.has(id)) this.#tell(note, values);
    };
    const handler = this.updates.get(name);
    within(this.root, async () => {
      if (handler === undefined) throw new Error(`the function takes no update "${name}" any more`);
      return handler.handle(jsonCopy(input) as never);
    }).then(
      (output) => {
        const value = output === undefined ? null : output;
        const fault = jsonFault(value);
        if (fault === undefined) answered(['answered', id], jsonCopy(value as Json));
        else answered(['update_failed', id, `what it answered is not JSON: ${fault}`]);
      },
      (error: unknown) => answered(['update_failed', id, messageOf(error)]),
    );
  }

  #settle(call: number, outcome: Outcome): void {
    const waiting = this.#waiting.get(call);
    const recorded = this.#recording.calls[call];
    if (call >= this.#next && recorded !== undefined) {
      // Whoever calls it later would wait for ever: its result has gone by.
      this.#diverge(
        `call ${call} of its history, ${shown(recorded)}, had ended by then, and the code has not made it yet`,
        { recorded },
      );
      return;
    }
    if (waiting === undefined) return;
    this.#waiting.delete(call);
    this.#steps.delete(call);
    waiting.stopListening();
    if (outcome.status === 'succeeded') waiting.resolve(jsonCopy(outcome.output));
    else if (outcome.status === 'canceled') waiting.reject(new CanceledError(undefined));
    else waiting.reject(new TaskFailed(waiting.name, outcome));
  }

  #silence(): void {
    this.#isSilent = true;
    this.#deliveries.length = 0;
    this.#told = [];
    this.#dropped = [];
  }

  #diverge(
    what: string,
    { recorded, called, place }: Partial<Omit<Divergence, 'call'>>,
    remedy = 'Put the code back, or let it ask `run.patched` which way to go',
  ): void {
    if (this.#fault !== undefined) return;
    this.#divergence = { call: this.#next, recorded, called, place };
    this.#fault = `the code of "${this.state.workflow}" and the history of this run do not agree: ${what}. ${remedy}`;
    this.#told = [];
    this.#dropped = [];
    this.#onFault();
  }
}

/** Whether a condition holds, or what it threw. */
type ConditionAnswer = boolean | { readonly threw: unknown };

interface Condition {
  readonly holds: () => boolean;
  readonly met: (answer: true | { readonly threw: unknown }) => void;
}

function answerOf(holds: () => boolean): ConditionAnswer {
  try {
    return givenAway('a condition of waitUntil', () => Boolean(holds()));
  } catch (error) {
    return { threw: error };
  }
}

/** What whoever asked for an update is told of what its handler threw. */
function messageOf(thrown: unknown): string {
  if (thrown instanceof ContinueAsNew)
    return 'the handler of an update called continueAsNew, which only the function itself may: let it set what the function waits for';
  return thrownText(thrown);
}

/** A call that is not answered: the run stands still until its code agrees with its history again. */
function never(): Promise<never> {
  return new Promise(() => {});
}

function at(place: string | undefined): string {
  return place === undefined ? '' : ` (${place})`;
}

function errorOf(thrown: unknown): { kind: string; message: string; task?: string; result?: Json } {
  if (thrown instanceof TaskFailed)
    return {
      kind: thrown.kind === 'failed' ? 'task_failed' : thrown.kind,
      message: thrown.message,
      task: thrown.task,
      result: thrown.result,
    };
  const message = thrownText(thrown);
  return { kind: thrown instanceof CanceledError ? 'canceled' : 'function_failed', message };
}

export function asJsonInput(input: unknown, what: string): Json {
  const value = input === undefined ? null : input;
  const fault = jsonFault(value);
  if (fault !== undefined) throw new TypeError(`the input of ${what} is not JSON: ${fault}`);
  return jsonCopy(value as Json);
}
