/**
 * Runs recorded workflow executions against the kernel: each case is a document, the results its actions gave, and what
 * Orquesta made of them step by step.
 *
 * The driver here owns the actions, the kernel decides: no engine, no clock, no store. Every step is compared: what was
 * handed out, with which contexts and inputs; then status, output, errors, sequence and causes.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Instant, type Json, type JsonObject, type RunId, workflowVersion } from '../../src/base/index.ts';
import { type FlowDefinition, inspectFlow } from '../../src/definition/index.ts';
import {
  assertConsistent,
  begin,
  type Command,
  decide,
  evolve,
  flowProgram,
  type KernelOptions,
  newRun,
  nextItem,
  type Outcome,
  type Program,
  type Recorded,
  type RunState,
} from '../../src/kernel/index.ts';
import { type Difference, differencesOf } from './conduct-differences.ts';

export interface CaseResult {
  readonly id: string;
  readonly profile: string;
  readonly quirks: boolean;
  readonly outcome: 'passed' | 'failed' | 'differs';
  readonly rule?: string;
  readonly detail?: string;
}

export interface Mock {
  readonly task_id: string;
  readonly route: number;
  readonly item_id: number | null;
  readonly attempt: number;
  readonly status: string;
  readonly result: Json;
}

interface Action {
  readonly action: string;
  readonly input: Json;
  readonly item_id?: number;
}

interface Scheduled {
  readonly task_id: string;
  readonly route: number;
  readonly ctx: Json;
  readonly actions: readonly Action[];
  readonly auto_completed?: boolean;
}

interface Step {
  readonly op: string;
  readonly task_id?: string;
  readonly route?: number;
  readonly item_id?: number | null;
  readonly attempt?: number;
  readonly status?: string;
  readonly result?: Json;
  readonly tasks?:
    | readonly { readonly task_id: string; readonly route: number; readonly reset_items?: boolean }[]
    | null;
  readonly reason?: string;
  readonly expect_refused?: unknown;
  readonly expect: { readonly workflow_status: string; readonly scheduled: readonly (readonly Scheduled[])[] };
}

interface ExpectedError {
  readonly message: string;
  readonly task_id?: string;
  readonly task_transition_id?: string;
}

export interface ConductCase {
  readonly id: string;
  readonly profile: string;
  readonly quirks: readonly string[];
  readonly order: string;
  readonly definition_yaml: string;
  readonly input: JsonObject;
  readonly context: JsonObject;
  readonly volatile_values: boolean;
  readonly cancel_kills_running_actions?: boolean;
  readonly mocks: readonly Mock[];
  readonly steps: readonly Step[];
  readonly expected: {
    readonly status: string;
    readonly output: Json;
    readonly output_if_rendered_at_end?: Json;
    readonly errors: readonly ExpectedError[];
    readonly task_sequence: readonly string[];
    readonly task_counts: { readonly [name: string]: number };
    readonly partial_order: readonly (readonly [number, number])[];
  };
}

export function runConductCases(folder: string): CaseResult[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort();
  return files.map((file) => runConductCase(readFileSync(join(folder, file), 'utf8')));
}

/** Runs the case that `text` holds as JSON. */
export function runConductCase(text: string): CaseResult {
  const one = JSON.parse(text) as ConductCase;
  const head = { id: one.id, profile: one.profile, quirks: one.quirks.length > 0 };
  try {
    const inspection = inspectFlow(one.definition_yaml, {
      knownVariables: Object.keys(one.context),
      tolerate: ['context', 'expressions'],
    });
    if (inspection.definition?.style !== 'flow') {
      return {
        ...head,
        outcome: 'failed',
        detail: `refused: ${inspection.errors.map((error) => error.message).join('; ')}`,
      };
    }
    const driver = new Driver(one, inspection.definition);
    driver.play();
    if (head.quirks)
      return { ...head, outcome: driver.run.endedAt === undefined ? 'failed' : 'passed', detail: driver.run.status };
    const plain = driver.compare([]);
    if (plain === undefined) return { ...head, outcome: 'passed' };
    const rules = differencesOf({ text, one, history: driver.history, program: driver.program });
    const rest = rules.length === 0 ? plain : driver.compare(rules);
    if (rest === undefined) return { ...head, outcome: 'differs', rule: rules.map((rule) => rule.rule).join(' ') };
    return { ...head, outcome: 'failed', detail: rest };
  } catch (error) {
    return {
      ...head,
      outcome: 'failed',
      detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

/** What is compared of a case. */
export interface Outline {
  readonly status: string;
  readonly output: Json;
  /** Kind and task of each, sorted. */
  readonly errors: readonly string[];
  readonly counts: { readonly [task: string]: number };
  readonly sequence: readonly string[];
  /** Pairs of places in the sequence: cause and effect, sorted. */
  readonly order: readonly string[];
  /** What each step handed out, with contexts and inputs. */
  readonly steps: readonly (readonly unknown[])[];
}

interface RunningAction {
  readonly task: number;
  readonly item: number | undefined;
  readonly attempt: number;
  readonly mock: Mock;
}

const options: KernelOptions = { lossesMax: 5, stepsMax: 100_000 };

class Driver {
  readonly #case: ConductCase;
  readonly program: Program;
  readonly run: RunState;
  readonly history: Recorded[] = [];
  readonly #running: RunningAction[] = [];
  /** How often an action of each task and item has been started, over all routes. */
  readonly #starts = new Map<string, number>();
  /** What was handed out at each step, as the case writes it. */
  readonly #handedOut: { task_id: string; route: number; ctx: Json; actions: Action[] }[][] = [];
  readonly #problems: string[] = [];
  #now = 0;

  constructor(one: ConductCase, definition: FlowDefinition) {
    this.#case = one;
    this.program = flowProgram(definition, { native: new Map() });
    this.run = newRun(one.id as RunId);
  }

  play(): void {
    for (const step of this.#case.steps) {
      this.#handedOut.push([]);
      this.#carryOut(step);
      assertConsistent(this.run, this.program);
    }
    // What goes round for ever is canceled in the end: a run can always be brought to its end.
    for (let left = 1_200; this.#running.length > 0 && left > 0; left -= 1) {
      if (left === 200) this.#send({ type: 'Cancel' });
      this.#handedOut.push([]);
      const action = this.#running[0]!;
      const open = action.mock.status === 'pending' || action.mock.status === 'paused';
      this.#complete(action, open ? 'succeeded' : action.mock.status);
      this.#schedule();
    }
  }

  #carryOut(step: Step): void {
    switch (step.op) {
      case 'start':
        this.#begin();
        break;
      case 'complete': {
        const action = this.#find(step);
        if (action === undefined)
          this.#problems.push(
            `step ${this.#handedOut.length}: no running action ${step.task_id}__r${step.route} item ${step.item_id}`,
          );
        else this.#complete(action, step.status, step.result);
        break;
      }
      case 'answer': {
        const action = this.#find(step);
        if (action !== undefined) this.#complete(action, step.status, step.result);
        break;
      }
      case 'pause':
        this.#send({ type: 'Pause' }, step);
        break;
      case 'resume':
        // The driver resumes before it answers only where the question has paused the run.
        if (step.reason === 'answer' && this.run.status !== 'paused' && this.run.status !== 'pausing') break;
        this.#send({ type: 'Resume' }, step);
        break;
      case 'cancel':
        this.#send({ type: 'Cancel' }, step);
        break;
      case 'rerun': {
        const tasks = step.tasks?.map((task) => ({
          name: task.task_id,
          route: task.route,
          resetItems: task.reset_items === true,
        }));
        this.#send({ type: 'Rerun', tasks }, step);
        break;
      }
      default:
        throw new Error(`unknown step ${step.op}`);
    }
    this.#schedule();
  }

  #begin(): void {
    const { run } = this;
    const accepted = begin(
      run,
      {
        type: 'RunStarted',
        workflow: 'case',
        version: workflowVersion('sha256:case'),
        style: 'flow',
        input: this.#case.input,
        context: this.#case.context,
        seed: 1,
        iterationsMax: 100_000,
      },
      this.#instant(),
      this.program,
      options,
    );
    this.#note(accepted.events);
  }

  #send(command: Command, step?: Step): boolean {
    const decision = decide(this.run, command, this.#instant(), this.program, options);
    if (decision.accepted) {
      this.#note(decision.events);
      return true;
    }
    if (step !== undefined && step.expect_refused === undefined)
      this.#problems.push(`${command.type} refused: ${decision.reason}`);
    return false;
  }

  #instant(): Instant {
    return this.#now as Instant;
  }

  #note(events: readonly Recorded[]): void {
    for (const event of events) {
      this.history.push(event);
      if (event.type !== 'TaskScheduled') continue;
      const { spec } = event;
      const state = this.run.program as {
        entries: Map<number, { context: number }>;
        contexts: { value(id: number): JsonObject };
      };
      const entry = state.entries.get(event.task);
      const ctx = entry === undefined ? null : visible(state.contexts.value(entry.context));
      const none = spec.kind === 'noop';
      const actions = spec.kind === 'items' || none ? [] : [{ action: spec.action ?? '', input: spec.input }];
      this.#handedOut[this.#handedOut.length - 1]!.push({ task_id: spec.name, route: spec.route ?? 0, ctx, actions });
    }
  }

  /** Starts whatever may start, and lets delays pass at once. */
  #schedule(): void {
    for (let due = this.run.timers.peek(); due !== undefined && this.#mayRun(); due = this.run.timers.peek()) {
      this.#now = Math.max(this.#now, due.at);
      this.#send({ type: 'PassTime' });
    }
    for (const number of [...this.run.ready].sort((a, b) => a - b)) {
      const task = this.run.open.get(number)!;
      if (task.items === undefined) {
        if (this.#send({ type: 'StartAttempt', task: number })) this.#started(number, undefined);
        continue;
      }
      while (this.run.ready.has(number)) {
        const item = nextItem(task.items)!;
        if (!this.#send({ type: 'StartAttempt', task: number, item })) break;
        this.#started(number, item);
      }
    }
  }

  #mayRun(): boolean {
    return this.run.status === 'running' || this.run.status === 'failing';
  }

  #started(number: number, item: number | undefined): void {
    const task = this.run.open.get(number)!;
    const { spec } = task;
    const key = `${spec.name} ${item ?? ''}`;
    const attempt = this.#starts.get(key) ?? 0;
    this.#starts.set(key, attempt + 1);
    const step = this.#handedOut[this.#handedOut.length - 1]!;
    const again = step.find((one) => one.task_id === spec.name && one.route === spec.route);
    const state = this.run.program as {
      entries: Map<number, { context: number }>;
      contexts: { value(id: number): JsonObject };
    };
    const entry = state.entries.get(number)!;
    const shown = again ?? {
      task_id: spec.name,
      route: spec.route ?? 0,
      ctx: visible(state.contexts.value(entry.context)),
      actions: [],
    };
    if (again === undefined) step.push(shown);
    if (item !== undefined) {
      const inputs = spec.input as readonly Json[];
      shown.actions.push({
        action: spec.actions?.[item] ?? spec.action ?? '',
        input: inputs[item] ?? null,
        item_id: item,
      });
    } else if (again === undefined) {
      shown.actions.push({ action: spec.action ?? '', input: spec.input });
    }
    const found = this.#case.mocks.find(
      (mock) =>
        mock.task_id === spec.name &&
        mock.route === spec.route &&
        (mock.item_id ?? undefined) === item &&
        mock.attempt === attempt,
    );
    const mock = found ?? {
      task_id: spec.name,
      route: spec.route ?? 0,
      item_id: item ?? null,
      attempt,
      status: 'succeeded',
      result: null,
    };
    const running = item === undefined ? task.attempt : task.items!.attempt[item]!;
    this.#running.push({ task: number, item, attempt: running, mock });
  }

  #find(step: Step): RunningAction | undefined {
    return this.#running.find(({ task, item, mock }) => {
      const spec = this.run.open.get(task)?.spec;
      if (spec === undefined)
        return mock.task_id === step.task_id && mock.route === step.route && (item ?? null) === (step.item_id ?? null);
      return spec.name === step.task_id && spec.route === step.route && (item ?? null) === (step.item_id ?? null);
    });
  }

  #complete(action: RunningAction, status = action.mock.status, result: Json = action.mock.result): void {
    if (status === 'pending' || status === 'paused') return;
    this.#running.splice(this.#running.indexOf(action), 1);
    const command: Command = {
      type: 'CompleteAttempt',
      task: action.task,
      item: action.item,
      attempt: action.attempt,
      outcome: outcomeOf(status, result),
    };
    this.#send(command);
  }

  /** What is not as the case says, or as the rules say instead; undefined where all is. */
  compare(rules: readonly Difference[]): string | undefined {
    const wanted = rules.reduce((expected, rule) => rule.predict?.(expected) ?? expected, this.#expected());
    const changes = new Set(rules.flatMap((rule) => rule.changes ?? []));
    const actual = this.#actual();
    const wrong: string[] = [];
    for (const part of Object.keys(wanted) as (keyof Outline)[]) {
      if (
        changes.has(part) ||
        (this.#case.volatile_values && (part === 'output' || part === 'errors' || part === 'steps'))
      )
        continue;
      if (part === 'steps') wrong.push(...stepFaults(actual.steps, wanted.steps, this.#case.steps));
      else if (!isDeepStrictEqual(actual[part], wanted[part])) {
        wrong.push(`${part}: ${JSON.stringify(actual[part])} but expected ${JSON.stringify(wanted[part])}`);
      }
    }
    if (!changes.has('steps')) wrong.push(...this.#problems);
    for (const rule of rules) wrong.push(...(rule.faults?.(actual, this.#expected()) ?? []));
    return wrong.length === 0 ? undefined : wrong.join('\n    ');
  }

  #actual(): Outline {
    const sequence = this.#sequence();
    return {
      status: this.run.status,
      output: this.run.output,
      errors: this.run.errors.list.map((error) => `${error.kind} ${error.task ?? ''}`).sort(),
      counts: counts(sequence.map((entry) => entry.name)),
      sequence: sequence.map((entry) => (entry.route === 0 ? entry.name : `${entry.name}__r${entry.route}`)),
      order: pairs(sequence),
      steps: this.#case.steps.map((_, index) => (this.#handedOut[index] ?? []).map(simplify).sort(byPlace)),
    };
  }

  #expected(): Outline {
    const { expected, steps } = this.#case;
    const output =
      expected.output_if_rendered_at_end === undefined ? expected.output : expected.output_if_rendered_at_end;
    return {
      status: expected.status,
      output: untag(output),
      errors: expected.errors.map(errorKey).sort(),
      counts: expected.task_counts,
      sequence: expected.task_sequence,
      order: expected.partial_order.map((pair) => pair.join(' ')).sort(),
      steps: steps.map((step) => step.expect.scheduled.flat().map(simplify).sort(byPlace)),
    };
  }

  /** Every instance of a task, commands included, in the order they began, with what caused them. */
  #sequence(): { name: string; route: number; number: number; causes: number[] }[] {
    return sequenceOf(this.history, this.#case, this.program);
  }
}

/** Folds the history once more and watches the instances come. */
function sequenceOf(
  history: readonly Recorded[],
  one: ConductCase,
  program: Program,
): { name: string; route: number; number: number; causes: number[] }[] {
  const run = newRun(one.id as RunId);
  const seen = new Map<number, { name: string; route: number; number: number; causes: number[] }>();
  for (const event of history) {
    evolve(run, event, program);
    const state = run.program as {
      entries: Map<number, { number: number; name: string; route: number; previous: [number, number][] }>;
    };
    for (const entry of state.entries.values()) {
      if (seen.has(entry.number)) continue;
      seen.set(entry.number, {
        name: entry.name,
        route: entry.route,
        number: entry.number,
        causes: entry.previous.map(([, from]) => from),
      });
    }
  }
  return [...seen.values()].sort((a, b) => a.number - b.number);
}

function stepFaults(actual: Outline['steps'], wanted: Outline['steps'], steps: readonly Step[]): string[] {
  return wanted.flatMap((step, index) => {
    if (isDeepStrictEqual(actual[index], step)) return [];
    const { op, task_id } = steps[index]!;
    return [
      `step ${index} (${op} ${task_id ?? ''}): handed out ${JSON.stringify(actual[index])} but expected ${JSON.stringify(step)}`,
    ];
  });
}

function pairs(sequence: readonly { number: number; causes: readonly number[] }[]): string[] {
  const index = new Map(sequence.map((entry, place) => [entry.number, place]));
  const all = sequence.flatMap((entry) =>
    entry.causes.map((cause) => `${index.get(cause)} ${index.get(entry.number)}`),
  );
  return [...new Set(all)].sort();
}

function counts(names: readonly string[]): { [name: string]: number } {
  const all: { [name: string]: number } = {};
  for (const name of names) all[name] = (all[name] ?? 0) + 1;
  return all;
}

function visible(variables: JsonObject): Json {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith('__')));
}

function simplify(scheduled: { task_id: string; route: number; ctx: Json; actions: readonly Action[] }): unknown {
  const { task_id, route, ctx, actions } = scheduled;
  return {
    task_id,
    route,
    ctx: untag(ctx),
    actions: actions
      .map(({ action, input, item_id }) => ({
        action,
        input: untag(input),
        ...(item_id === undefined ? {} : { item_id }),
      }))
      .filter(({ action }) => action !== '' && action !== null),
  };
}

function byPlace(a: unknown, b: unknown): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The value a tagged one stands for, as data: sets are sorted lists, dates ISO text. */
export function untag(value: Json): Json {
  if (Array.isArray(value)) return value.map(untag);
  if (typeof value !== 'object' || value === null) return value;
  const map = value as JsonObject;
  if (Object.hasOwn(map, '$set')) return untag(map.$set!);
  if (Object.hasOwn(map, '$datetime')) return map.$datetime!;
  return Object.fromEntries(Object.entries(map).map(([key, item]) => [key, untag(item)]));
}

function errorKey(error: ExpectedError): string {
  return `${errorKind(error.message)} ${error.task_id ?? ''}`;
}

function errorKind(message: string): string {
  if (message.startsWith('Execution failed')) return 'task_failed';
  if (/^(Yaql|Jinja)EvaluationException/.test(message)) return 'expression';
  if (message.startsWith('UnreachableJoinError')) return 'unreachable_join';
  if (/^(TypeError|ValueError)/.test(message)) return 'type';
  return message;
}

function outcomeOf(status: string, result: Json): Outcome {
  switch (status) {
    case 'succeeded':
      return { status: 'succeeded', output: result };
    case 'canceled':
      return { status: 'canceled', output: result };
    case 'failed':
      return {
        status: 'failed',
        output: result,
        failure: { kind: 'failed', message: 'Execution failed. See result for details.' },
      };
    default:
      return { status: 'failed', output: result, failure: { kind: status, message: status, logged: false } };
  }
}
