/** What workers were asked to do in a test, and what came of it, in the order they were asked. */

import type { Json, RunId } from '../base/index.ts';
import type { AttemptOrder, Outcome } from '../kernel/index.ts';

/** One attempt. */
export interface Call {
  readonly run: RunId;
  /** The name of the step or the task. */
  readonly name: string;
  /** The action; undefined for a step or a task with code of its own. */
  readonly action: string | undefined;
  /** What it was given; null for a step. */
  readonly input: Json;
  /** From 1. */
  readonly attempt: number;
  /** The same for every attempt of a call. */
  readonly idempotencyKey: string;
  /** What came of it; undefined while it is under way, where a crash cut it off, and where it was handed over to somebody outside. */
  readonly outcome: Outcome | undefined;
  /** True where it was only to find out what an earlier attempt had come to. */
  readonly probe: boolean;
}

/** A call under way. */
export interface OpenCall extends Call {
  outcome: Outcome | undefined;
  /** Undefined until its handler asked for it. */
  readsKey: boolean;
  /** True where a mock says that it never ends. */
  hangs: boolean;
}

export class CallLog {
  readonly #calls: OpenCall[] = [];
  readonly #open = new Map<string, OpenCall>();
  #onChange: (() => void)[] = [];

  get all(): readonly OpenCall[] {
    return this.#calls;
  }

  of(name: string): readonly Call[] {
    return this.#calls.filter((call) => call.name === name || call.action === name);
  }

  begin(order: AttemptOrder, isOwn: boolean): OpenCall {
    const { run, name, attempt } = order;
    const call: OpenCall = {
      run,
      name,
      action: isOwn ? undefined : order.action,
      input: isOwn && isStepInput(order.input) ? null : order.input,
      attempt,
      idempotencyKey: keyOf(order),
      outcome: undefined,
      probe: order.probe === true,
      readsKey: false,
      hangs: false,
    };
    this.#calls.push(call);
    this.#open.set(call.idempotencyKey, call);
    this.#changed();
    return call;
  }

  end(call: OpenCall, outcome: Outcome): void {
    call.outcome = outcome;
    if (this.#open.get(call.idempotencyKey) === call) this.#open.delete(call.idempotencyKey);
    this.#changed();
  }

  /** Somebody outside says what it comes to. */
  handOver(call: OpenCall): void {
    if (this.#open.get(call.idempotencyKey) === call) this.#open.delete(call.idempotencyKey);
    this.#changed();
  }

  /** Whether what has this key was done, and what it gave: what a probe would find. */
  whatHappened(
    idempotencyKey: string,
  ): { readonly happened: false } | { readonly happened: true; readonly output: Json } {
    const done = this.#calls.findLast(
      ({ idempotencyKey: key, probe, outcome }) => key === idempotencyKey && !probe && outcome?.status === 'succeeded',
    );
    return done?.outcome === undefined ? { happened: false } : { happened: true, output: done.outcome.output };
  }

  /** The call under way that has this key. */
  open(idempotencyKey: string): OpenCall | undefined {
    return this.#open.get(idempotencyKey);
  }

  hang(idempotencyKey: string): void {
    const call = this.#open.get(idempotencyKey);
    if (call !== undefined) call.hangs = true;
    this.#changed();
  }

  /** Calls under way that may still end by themselves. */
  get busy(): number {
    let count = 0;
    for (const { hangs } of this.#open.values()) if (!hangs) count += 1;
    return count;
  }

  /** The process died: what was under way is cut off. */
  cutOff(): void {
    this.#open.clear();
    this.#changed();
  }

  /** Resolves with the next change. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#onChange.push(resolve));
  }

  #changed(): void {
    const waiting = this.#onChange;
    this.#onChange = [];
    for (const resolve of waiting) resolve();
  }
}

/** The key that the attempt's handler is given. */
export function keyOf({ run, task, item }: Pick<AttemptOrder, 'run' | 'task' | 'item'>): string {
  return `${run}/${task}${item === undefined ? '' : `.${item}`}`;
}

function isStepInput(input: Json): boolean {
  return typeof input === 'object' && input !== null && 'call' in input;
}
