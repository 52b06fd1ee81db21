/**
 * One call of a chain, graph or combinator: what the caller said, and the scope its steps run in.
 */

import { type Instant, instantOf, type Json, PawlError, parseRunId, plus, type RunId } from '../base/index.ts';
import { type ChainPorts, systemPorts } from './chain-ports.ts';
import type { InvokeOptions } from './runnable.ts';
import { Scope } from './scope.ts';
import { timedOut } from './step-failed.ts';

export class Call {
  /** The name of what is called, for messages. */
  readonly owner: string;
  readonly options: InvokeOptions;
  readonly scope: Scope;
  /** What memory gave: the called one's own, or that of what is around it. */
  history: Json | undefined;
  #id: RunId | undefined;

  constructor(owner: string, options: InvokeOptions, scope: Scope) {
    this.owner = owner;
    this.options = options;
    this.scope = scope;
    this.history = options.history;
  }

  get ports(): ChainPorts {
    return this.options.ports ?? systemPorts();
  }

  get conversation(): string {
    return this.options.conversation ?? 'default';
  }

  /** Names this call, for actions: no other call has it. */
  get id(): RunId {
    if (this.#id === undefined) {
      const { random } = this.ports;
      const hex = Array.from({ length: 4 }, () => random.uint32().toString(16).padStart(8, '0')).join('');
      this.#id = parseRunId(`plain-${hex}`);
      if (this.#id === undefined) throw new PawlError('internal', `"plain-${hex}" is no run id`);
    }
    return this.#id;
  }

  /** The same call in a scope inside its own. */
  within(scope: Scope): Call {
    const inner = new Call(this.owner, this.options, scope);
    inner.history = this.history;
    return inner;
  }

  /** A scope inside this call's, which can be stopped alone. */
  innerScope(): Scope {
    return new Scope({ around: this.scope.effectiveSignal, stoppable: true });
  }
}

/**
 * Begins a call; `call.scope.close()` ends it.
 *
 * @throws PawlError `bad_input`: a timeout or deadline is not one. `timeout`: the deadline has passed.
 */
export function openCall(owner: string, options: InvokeOptions, ownTimeoutMs: number | undefined): Call {
  const scope = new Scope({ around: options.signal });
  scope.check();
  const call = new Call(owner, options, scope);
  if (ownTimeoutMs !== undefined || options.timeoutMs !== undefined || options.deadline !== undefined)
    limitTime(call, ownTimeoutMs);
  return call;
}

function limitTime({ owner, options, scope, ports }: Call, ownTimeoutMs: number | undefined): void {
  if (options.timeoutMs !== undefined) requireTimeout(options.timeoutMs, 'bad_input', `the call of ${owner}`);
  const now = ports.clock.now();
  const timeoutMs = Math.min(ownTimeoutMs ?? Number.POSITIVE_INFINITY, options.timeoutMs ?? Number.POSITIVE_INFINITY);
  const deadline = options.deadline === undefined ? undefined : deadlineOf(options.deadline, owner);
  if (deadline === undefined || now + timeoutMs <= deadline) {
    scope.limitUntil(plus(now, timeoutMs), ports.timers, () => timedOut(owner, timeoutMs));
    return;
  }
  if (deadline <= now) throw deadlinePassed(owner, deadline);
  scope.limitUntil(deadline, ports.timers, () => deadlinePassed(owner, deadline));
}

function deadlineOf(deadline: Date | number, owner: string): Instant {
  const ms = Number(deadline);
  if (Number.isFinite(ms)) return instantOf(ms);
  const message = `the deadline of a call of ${owner} is not one; give a Date, or milliseconds since the epoch`;
  throw new PawlError('bad_input', message, { details: { deadline } });
}

function deadlinePassed(owner: string, deadline: Instant): PawlError {
  const message = `${owner} was not over at its deadline, ${new Date(deadline).toISOString()}`;
  return new PawlError('timeout', message, { details: { deadline } });
}

/** @throws PawlError with `code`, unless it is undefined or a number of milliseconds above 0. */
export function requireTimeout(timeoutMs: unknown, code: 'bad_input' | 'bad_definition', owner: string): void {
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && Number.isFinite(timeoutMs) && timeoutMs > 0)) return;
  const message = `${owner} has a timeout of ${String(timeoutMs)}; give milliseconds above 0, or leave it out for none`;
  throw new PawlError(code, message, { details: { timeoutMs } });
}

/** @throws PawlError with `code`, unless it is undefined or a whole number above 0. */
export function requireCount(count: unknown, what: string, code: 'bad_input' | 'bad_definition'): void {
  if (count === undefined || count === Number.POSITIVE_INFINITY) return;
  if (Number.isInteger(count) && Number(count) > 0) return;
  throw new PawlError(code, `${what} is ${String(count)}; give a whole number above 0`, { details: { count } });
}
