/**
 * `crashEverywhere(workflow, …)`: runs a workflow once to learn its places, and then once for each, with something going wrong there:
 *
 * - the process dies after a commit, before anybody has heard of it;
 * - it dies after a worker has done what it was asked to, before the result is kept;
 * - a signal comes early, after each commit before the one where it was waited for;
 * - results of what runs at the same time come in another order.
 *
 * In all of them every signal is sent twice, and again after a crash. Each must come to what the first run came to:
 *
 * E1. The same status and the same output, and, where the test says how to look at it, the same world outside.
 * E2. One effect for each idempotency key: what has succeeded may be done again after a crash, so it must have asked for its key.
 * E3. No run is left standing.
 *
 * Steps that give something else each time (an id, the time) would make every comparison fail: what a step gave first, it is taken to
 * give in all runs. They are found by a second run without a crash.
 */

import { inspect, isDeepStrictEqual } from 'node:util';
import { type Json, PawlError } from '../base/index.ts';
import type { AnyWorkflowInCode, InputOf } from '../create-pawl.ts';
import type { RunResult, Workflow } from '../engine/index.ts';
import type { AttemptOrder, Outcome } from '../kernel/index.ts';
import { type Call, keyOf } from './call-log.ts';
import { Course, type CrashPlace, placeText } from './crash-place.ts';
import {
  type Decision,
  type Scenario,
  type SentSignal,
  type SentUpdate,
  Trial,
  type TrialEnd,
  TrialStuck,
  trialRun,
  type Witness,
} from './crash-trial.ts';
import { Mocks } from './mock.ts';
import type { TestPawlOptions } from './test-pawl.ts';

export interface CrashOptions<Input = unknown> extends Omit<TestPawlOptions, 'skipTime'> {
  readonly input?: Input;
  /** In the order they are sent. */
  readonly signals?: readonly SentSignal[];
  /** What clients ask to be changed, in that order. */
  readonly updates?: readonly SentUpdate[];
  /** What people answer, and what comes of callbacks and of what was handed over, by the name of the call. An error is how it fails. */
  readonly answers?: Readonly<Record<string, Json | Error>>;
  /**
   * What people decide of tasks that failed for good, by name. Of a once-only task whose outcome a crash took, a person finds out
   * whether it was done, unless something is said here.
   */
  readonly decisions?: Readonly<Record<string, Decision>>;
  /** Called before each run: puts back what is outside of it. */
  readonly before?: () => unknown;
  /** What the world outside has come to, such as the charges of a payment service: plain data, compared like the output. */
  readonly world?: () => unknown;
  /**
   * `idempotent`, the default: an action, step or task that is done again after a crash must have asked for its `idempotencyKey`.
   * `any`: those that did not are only listed in the report.
   */
  readonly effects?: 'idempotent' | 'any';
  /** Names of steps, tasks and actions that may be done twice as they are: they change nothing outside. */
  readonly repeatable?: readonly string[];
  /** `any`, the default: what runs at the same time may end in any order. `kept`: a race decides, and other orders are not tried. */
  readonly order?: 'any' | 'kept';
  /** Tries at most so many places, spread evenly. Default 1,000. */
  readonly placesMax?: number;
  /** Tries this place alone, by the name that a failure gives it. */
  readonly only?: string;
}

export interface CrashReport {
  /** How the run ends, everywhere. */
  readonly result: RunResult;
  /** Commits and effects of a run without a crash. */
  readonly commits: number;
  readonly effects: number;
  /** Places that were tried, by their names. */
  readonly places: readonly string[];
  /** Those of them that did not come: the run took another course, and came to the same. */
  readonly notReached: readonly string[];
  /** Places that were left out, since there are more than `placesMax`. */
  readonly leftOut: number;
  /** What was done more than once under one key and did not ask for it; without those of `repeatable`. */
  readonly repeated: readonly string[];
  /** What gives something else each time. */
  readonly varying: readonly string[];
  /** Real time. */
  readonly tookMs: number;
}

/**
 * @throws PawlError `failed`: a place at which the run came to something else; the message names it, and `details` hold `place`,
 *   `expected` and `found`. `bad_input`: `only` is no place. `timeout`: the run comes to no end even without a crash.
 */
export async function crashEverywhere<W extends AnyWorkflowInCode | Workflow>(
  workflow: W,
  options: CrashOptions<W extends AnyWorkflowInCode ? InputOf<W> : Json> = {},
): Promise<CrashReport> {
  return new CrashTest(workflow, options).run();
}

const placesMost = 1_000;

class CrashTest {
  readonly #workflow: AnyWorkflowInCode | Workflow;
  readonly #options: CrashOptions;
  readonly #scenario: Scenario;
  readonly #course = new Course(trialRun);
  /** What each call came to in the first run, by its key. */
  readonly #first = new Map<string, Call[]>();
  /** Keys of calls that give something else each time. */
  readonly #varying = new Map<string, string>();
  readonly #repeated = new Set<string>();
  readonly #notReached: string[] = [];

  constructor(workflow: AnyWorkflowInCode | Workflow, options: CrashOptions) {
    this.#workflow = workflow;
    this.#options = options;
    const { signals = [], updates = [], answers = {}, decisions = {}, patienceMs = 1_000, input } = options;
    this.#scenario = {
      workflow,
      input,
      signals,
      updates,
      answers,
      decisions,
      options: { ...options, patienceMs },
    };
  }

  async run(): Promise<CrashReport> {
    const began = performance.now();
    const { only, placesMax = placesMost, order = 'any' } = this.#options;
    const first = await this.#firstRun();
    const world = this.#world();
    await this.#try({ kind: 'again' }, first, world);
    const all = this.#course.places(order);
    const chosen = only === undefined ? spread(all, placesMax) : only === 'again' ? [] : [this.#named(only, all)];
    for (const place of chosen) await this.#try(place, first, world);
    return {
      result: first.result,
      commits: this.#course.commits.length,
      effects: this.#course.effects.length,
      places: chosen.map(placeText),
      notReached: [...this.#notReached],
      leftOut: only === undefined ? all.length - chosen.length : 0,
      repeated: [...this.#repeated],
      varying: [...new Set(this.#varying.values())],
      tookMs: performance.now() - began,
    };
  }

  /** A copy: what is outside goes on. */
  #world(): unknown {
    return structuredClone(this.#options.world?.());
  }

  #named(only: string, all: readonly CrashPlace[]): CrashPlace {
    const place = all.find((one) => placeText(one) === only);
    if (place !== undefined) return place;
    throw new PawlError('bad_input', `"${only}" is no place of this run; there are ${all.map(placeText).join(', ')}`);
  }

  async #firstRun(): Promise<TrialEnd> {
    const course = this.#course;
    const { signals } = this.#scenario;
    const witness: Witness = {
      committed: (bundles) => course.committed(bundles),
      worked: (order, outcome, atOnce) => {
        if (atOnce > 0) course.worked(order, atOnce);
        return outcome;
      },
      sent: (signal, afterCommits) => {
        const { name, after } = signals[signal]!;
        course.signals.push({ name, afterCommits, isTimed: after !== undefined });
      },
    };
    await this.#options.before?.();
    let end: TrialEnd;
    try {
      end = await new Trial(this.#scenario, undefined, witness).run();
    } catch (error) {
      if (!(error instanceof TrialStuck)) throw error;
      throw new PawlError('timeout', `${this.#shown()} comes to no end, even without a crash: ${error.why}`, {
        cause: error,
      });
    }
    for (const [key, calls] of callsByKey(end.calls)) this.#first.set(key, calls);
    if (end.standing.length > 0)
      throw new PawlError(
        'failed',
        `${this.#shown()} leaves runs standing, even without a crash: ${end.standing.join('; ')}`,
      );
    return end;
  }

  async #try(place: CrashPlace, first: TrialEnd, world: unknown): Promise<void> {
    await this.#options.before?.();
    const counts = new Map<string, number>();
    const witness: Witness = {
      worked: (order, outcome) => {
        const key = keyOf(order);
        const count = counts.get(key) ?? 0;
        counts.set(key, count + 1);
        const before = this.#first.get(key);
        if (place.kind === 'again') this.#noteVarying(key, before?.[count], outcome, order);
        const last = before?.at(-1)?.outcome;
        const isSame = this.#varying.get(key) === order.name && last?.status === outcome.status;
        return isSame ? last : outcome;
      },
    };
    let end: TrialEnd;
    try {
      end = await new Trial(this.#scenario, place, witness).run();
    } catch (error) {
      if (!(error instanceof TrialStuck)) throw error;
      throw this.#failure(place, 'it comes to no end', resultOf(first), error.why);
    }
    if (!end.wasReached && place.kind !== 'again') this.#notReached.push(placeText(place));
    this.#compare(place, first, end);
    this.#compareEffects(place, end);
    const found = this.#world();
    if (!isDeepStrictEqual(found, world)) throw this.#failure(place, 'the world outside is another', world, found);
  }

  #noteVarying(key: string, before: Call | undefined, outcome: Outcome, { name, input }: AttemptOrder): void {
    if (before?.outcome === undefined || before.name !== name || isDeepStrictEqual(before.outcome, outcome)) return;
    if (before.input !== null && !isDeepStrictEqual(before.input, input)) return;
    this.#varying.set(key, before.name);
  }

  #compare(place: CrashPlace, first: TrialEnd, end: TrialEnd): void {
    if (!isDeepStrictEqual(resultOf(end), resultOf(first)))
      throw this.#failure(place, 'it comes to another result', resultOf(first), resultOf(end));
    if (!isDeepStrictEqual(end.updates, first.updates))
      throw this.#failure(place, 'an update is answered in another way', first.updates, end.updates);
    if (end.standing.length > 0) throw this.#failure(place, 'a run is left standing', [], end.standing);
    // Which calls there are, and under which numbers, depends on who ends first where some run at the same time.
    if (this.#course.isParallel && place.kind !== 'again') return;
    const [asked, wasAsked] = [inputsOf(end.calls), inputsOf(first.calls)];
    for (const [key, { name, input }] of asked) {
      const before = wasAsked.get(key);
      if (this.#course.isParallel && before?.name !== name) continue;
      if (before === undefined)
        throw this.#failure(place, `it calls "${name}", which it did not call before`, undefined, input);
      if (!isDeepStrictEqual(before.input, input))
        throw this.#failure(place, `"${name}" is given something else`, before.input, input);
    }
  }

  /** E2. */
  #compareEffects(place: CrashPlace, { calls }: TrialEnd): void {
    const { effects = 'idempotent', repeatable = [], mocks = {} } = this.#options;
    const inert = new Mocks(mocks);
    for (const attempts of callsByKey(calls).values()) {
      const done = attempts.filter(({ outcome, probe }) => outcome?.status === 'succeeded' && !probe);
      const [one] = done;
      if (one === undefined || done.length < 2 || attempts.some(({ readsKey }) => readsKey)) continue;
      const { name, action } = one;
      if (inert.isInert({ task: name, action: action ?? '' }) || harmless.has(action ?? '')) continue;
      if (repeatable.includes(name) || (action !== undefined && repeatable.includes(action))) continue;
      this.#repeated.add(name);
      if (effects === 'any') continue;
      throw this.#failure(
        place,
        `"${name}" was done ${done.length} times under one key, and did not ask for it. Give its \`idempotencyKey\` to what it calls; if being done twice changes nothing, say so: repeatable: ['${name}']`,
        1,
        done.length,
      );
    }
  }

  #failure(place: CrashPlace, what: string, expected: unknown, found: unknown): PawlError {
    const only = placeText(place);
    const lines = [
      `${this.#shown()} does not bear it when ${this.#course.inWords(place)}: ${what}.`,
      `  without: ${shown(expected)}`,
      `  with:    ${shown(found)}`,
      advice[place.kind],
      `This place alone: crashEverywhere(…, { …, only: '${only}' })`,
    ];
    return new PawlError('failed', lines.filter((line) => line !== '').join('\n'), {
      details: { place: only, where: this.#course.inWords(place), what, expected, found },
    });
  }

  #shown(): string {
    return `"${this.#workflow.name}"`;
  }
}

const advice: { readonly [Kind in CrashPlace['kind']]: string } = {
  again:
    'Nothing went wrong in either run, so something that is not recorded differs: a clock, randomness or a variable outside of steps; or the world outside, which `before` puts back.',
  commit:
    'What a function knows must come from its input and from calls of `run`: nothing else is there after a crash.',
  effect: '',
  early: 'A signal may come before anybody waits for it: it is kept until somebody does.',
  order: "If the first one to end is meant to decide, as in a race, say so: order: 'kept'.",
};

/** Built-in actions that change nothing. */
const harmless: ReadonlySet<string> = new Set(['core.echo', 'core.noop']);

function resultOf({ result: { status, output } }: TrialEnd): { readonly status: string; readonly output: Json } {
  return { status, output };
}

function inputsOf(calls: readonly Call[]): Map<string, Call> {
  return new Map(calls.map((call) => [call.idempotencyKey, call]));
}

function callsByKey(calls: readonly Call[]): Map<string, (Call & { readonly readsKey?: boolean })[]> {
  const byKey = new Map<string, Call[]>();
  for (const call of calls) {
    const known = byKey.get(call.idempotencyKey);
    if (known === undefined) byKey.set(call.idempotencyKey, [call]);
    else known.push(call);
  }
  return byKey;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : inspect(value, { depth: 6, breakLength: 120 });
  return text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text;
}

/** At most so many of them, as far apart as they can be. */
function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)]!);
}
