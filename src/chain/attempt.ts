/** One attempt of a step: what the step sees of it, made only as far as the step looks. */

import type { Json, RunId } from '../base/index.ts';
import type { Call } from './call.ts';
import type { InvokeOptions, PlainActionContext, StepContext } from './runnable.ts';
import type { Scope } from './scope.ts';

const nothing: Readonly<Record<string, unknown>> = Object.freeze({});

export class Attempt implements StepContext {
  readonly step: string;
  readonly attempt: number;
  readonly item: number | undefined;
  readonly #call: Call;
  readonly #scope: Scope;

  constructor(step: string, attempt: number, item: number | undefined, call: Call, scope: Scope) {
    this.step = step;
    this.attempt = attempt;
    this.item = item;
    this.#call = call;
    this.#scope = scope;
  }

  get signal(): AbortSignal {
    return this.#scope.signal;
  }

  get conversation(): string {
    return this.#call.conversation;
  }

  get metadata(): Readonly<Record<string, unknown>> {
    return this.#call.options.metadata ?? nothing;
  }

  get history(): Json | undefined {
    return this.#call.history;
  }

  /** What a runnable inside gets: this call's options, with the attempt's signal in the place of the caller's. */
  options(): InvokeOptions {
    const { conversation, metadata, extra, log, ports } = this.#call.options;
    const signal = this.#scope.effectiveSignal;
    const { history } = this.#call;
    return {
      ...extra,
      ...(signal && { signal }),
      ...(conversation !== undefined && { conversation }),
      ...(metadata && { metadata }),
      ...(history !== undefined && { history }),
      ...(extra && { extra }),
      ...(log && { log }),
      ...(ports && { ports }),
    };
  }

  forAction(): PlainActionContext {
    return new ActionAttempt(this, this.#call);
  }
}

class ActionAttempt implements PlainActionContext {
  readonly #attempt: Attempt;
  readonly #call: Call;

  constructor(attempt: Attempt, call: Call) {
    this.#attempt = attempt;
    this.#call = call;
  }

  get run(): RunId {
    return this.#call.id;
  }

  get task(): string {
    return this.#attempt.step;
  }

  get item(): number | undefined {
    return this.#attempt.item;
  }

  get attempt(): number {
    return this.#attempt.attempt;
  }

  get idempotencyKey(): string {
    const { step, item } = this.#attempt;
    return item === undefined ? `${this.run}/${step}` : `${this.run}/${step}[${item}]`;
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  /** Nobody watches over a call that is not on an engine. */
  readonly progress = undefined;
  readonly probe = false;

  heartbeat(): void {}

  get token(): string {
    throw new Error(`the step "${this.task}" is not a task of an engine, so nobody outside could complete it`);
  }

  async handOver(): Promise<never> {
    throw new Error(`the step "${this.task}" is not a task of an engine, so it cannot be handed over`);
  }

  log(text: string): void {
    this.#call.options.log?.(text, this.task);
  }
}
