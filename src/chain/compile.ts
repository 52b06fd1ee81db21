/**
 * A chain, graph or combinator as a workflow: each step a task with the step's retries and timeout, so that an engine runs the same
 * steps durably.
 *
 * Steps of composites within composites are tasks of their own, unless the inner one has memory, keys, limits or retries of its own,
 * or is a `map`: then it is one task, run whole. Which arm a `branch` takes is a task as well, since the answer is recorded.
 */

import { PawlError } from '../base/index.ts';
import {
  type CodeWorkflow,
  type Computed,
  computed,
  type DagDefinition,
  type DagTask,
  ownAction,
  type RetrySpec,
  type TaskHandler,
  type Trigger,
} from '../definition/index.ts';
import { compile, type Scope } from '../expression/index.ts';
import type { Composite } from './composite.ts';
import { structureOf } from './composite.ts';
import { narrowedToKeys } from './keys.ts';
import { type Memory, rememberable } from './memory.ts';
import type { AnyStep, StepFunction } from './runnable.ts';
import type { Step } from './step.ts';
import type { Structure } from './structure.ts';

/** What the worker tells a handler: the part of an action's context that steps use. */
export interface StepAttempt {
  readonly run: string;
  readonly task: string;
  readonly item: number | undefined;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  log(text: string): void;
}

/** What is handed to a task of a step: its own input, and what belongs to the call. */
export interface StepInput {
  readonly value: unknown;
  readonly conversation: string;
  readonly history: unknown;
}

/** Runs one attempt of a step. `isLast`: its chunks are the call's. */
export type CarryOut = (step: Step, input: StepInput, attempt: StepAttempt, isLast: boolean) => unknown;

/** Names under which the call's own things stand among the results; no step can have them. */
export const given = '$input';
export const conversationGiven = '$conversation';

const loadTask = '$load';
const saveTask = '$save';

/** Where a value comes from: the tasks it needs, and how it is read from their results. */
interface Source {
  readonly needs: readonly string[];
  readonly trigger: Trigger;
  readonly value: (scope: Scope) => unknown;
  /** Whether there is a value, where some of the tasks may have been skipped. */
  readonly isThere?: (scope: Scope) => boolean;
}

/** The workflow of a composite. `carryOut` runs the steps. */
export function compileComposite(
  composite: Composite<never, unknown, unknown>,
  carryOut: CarryOut,
  version: string | undefined,
): CodeWorkflow<StepAttempt> {
  return new Compiler(composite.structure, carryOut).workflow(version);
}

class Compiler {
  readonly #structure: Structure;
  readonly #carryOut: CarryOut;
  readonly #tasks = new Map<string, DagTask>();
  readonly #handlers = new Map<string, TaskHandler<StepAttempt>>();

  constructor(structure: Structure, carryOut: CarryOut) {
    this.#structure = structure;
    this.#carryOut = carryOut;
  }

  workflow(version: string | undefined): CodeWorkflow<StepAttempt> {
    const { name, description, memory, memoryKey, outputKeys, timeoutMs } = this.#structure;
    const asked = ({ variables }: Scope): unknown => variables[given];
    let source: Source = { needs: [], trigger: 'all_succeeded', value: asked };
    if (memory !== undefined) {
      this.#task(loadTask, source, { run: ({ conversation }) => memory.load(conversation) });
      source = {
        needs: [loadTask],
        trigger: 'all_succeeded',
        value: (scope) => {
          const input = asked(scope);
          return isMap(input) ? { ...input, [memoryKey]: scope.variables[loadTask] } : input;
        },
      };
    }
    const inner = this.#emit(this.#structure, '', source, undefined);
    const end = { ...inner, value: (scope: Scope) => narrowedToKeys(inner.value(scope), outputKeys, name) };
    if (memory !== undefined) this.#remember(memory, memoryKey, end);
    const definition: DagDefinition = {
      style: 'dag',
      name,
      ...(description === '' ? {} : { description }),
      tags: [],
      input: [],
      vars: [],
      output: computed(end.value),
      outputNeeds: [...end.needs],
      limits: timeoutMs === undefined ? {} : { durationMs: timeoutMs },
      failure: 'stop',
      ...(this.#structure.kind === 'graph' && Number.isFinite(this.#structure.maxWorkers)
        ? { concurrency: this.#structure.maxWorkers }
        : {}),
      tasks: this.#tasks,
      hasEntryPoint: true,
    };
    return { name, version, definition, handlers: this.#handlers, takesAs: given };
  }

  #remember(memory: Memory, memoryKey: string, end: Source): void {
    const turn = (scope: Scope): unknown => {
      const input = scope.variables[given];
      const { [memoryKey]: _, ...asked } = isMap(input) ? input : {};
      return { asked: isMap(input) ? asked : input, answered: end.value(scope) };
    };
    this.#task(
      saveTask,
      { ...end, value: turn },
      {
        run: async ({ value, conversation }, { run }) => {
          const { asked, answered } = value as { asked: unknown; answered: unknown };
          const said = rememberable(asked, 'input');
          // The run names the turn: what a crash cut off after it was saved is not saved again.
          await memory.save(conversation, said, rememberable(answered, 'output'), run);
          return null;
        },
      },
    );
  }

  /** The tasks of a composite; `guard` says whether they are to run at all. */
  #emit(structure: Structure, prefix: string, source: Source, guard: Computed | undefined): Source {
    switch (structure.kind) {
      case 'chain': {
        let value = source;
        structure.steps.forEach((step, index) => {
          const isLast = prefix === '' && index === structure.steps.length - 1;
          value = this.#step(step, prefix, value, index === 0 ? guard : undefined, isLast);
        });
        return value;
      }
      case 'step':
        return this.#step(structure.steps[0], prefix, source, guard, false);
      case 'parallel':
        return this.#parallel(structure, prefix, source, guard);
      case 'branch':
        return this.#branch(structure, prefix, source, guard);
      case 'graph':
        return this.#graph(structure, prefix, source, guard);
      case 'map':
        return this.#map(structure, prefix, source, guard);
    }
  }

  #parallel(
    { steps, keepsInput }: Structure & { kind: 'parallel' },
    prefix: string,
    source: Source,
    guard: Computed | undefined,
  ): Source {
    const outputs = steps.map((step) => [step.name, this.#step(step, prefix, source, guard, false)] as const);
    const sources = outputs.map(([, output]) => output);
    return {
      ...together(keepsInput ? [source, ...sources] : sources),
      value: (scope) => {
        const own = keepsInput ? (source.value(scope) as object) : {};
        return { ...own, ...Object.fromEntries(outputs.map(([name, output]) => [name, output.value(scope)])) };
      },
    };
  }

  #branch(
    { steps, conditions }: Structure & { kind: 'branch' },
    prefix: string,
    source: Source,
    guard: Computed | undefined,
  ): Source {
    const decision = `${prefix}$branch`;
    this.#task(decision, source, {
      run: ({ value }) => armOf(conditions, value),
      ...(guard === undefined ? {} : { guard }),
    });
    const decided = { ...together([source]), needs: [...new Set([...source.needs, decision])] };
    const arms = steps.map((step, index) => {
      const isTaken = computed(({ variables }) => variables[decision] === index);
      return this.#step(step, prefix, { ...decided, value: source.value }, isTaken, false);
    });
    return {
      needs: [...new Set([decision, ...arms.flatMap(({ needs }) => needs)])],
      trigger: 'none_failed',
      value: (scope) => arms[scope.variables[decision] as number]!.value(scope),
      isThere: (scope) => {
        const taken = scope.variables[decision];
        return typeof taken === 'number' && arms[taken]?.isThere?.(scope) !== false;
      },
    };
  }

  #graph(
    structure: Structure & { kind: 'graph' },
    prefix: string,
    source: Source,
    guard: Computed | undefined,
  ): Source {
    const outputs = new Map<string, Source>();
    const { steps, edges, entryPoints, finishPoints } = structure;
    for (const step of steps) {
      const before = edges.filter(([, to]) => to === step.name).map(([from]) => from);
      const isEntry = before.length === 0 || entryPoints.includes(step.name);
      const input = isEntry ? source : joined(before, outputs);
      // Those that follow are skipped with those before them.
      outputs.set(step.name, this.#step(step, prefix, input, isEntry ? guard : undefined, false));
    }
    return joined(finishPoints, outputs);
  }

  #map(
    { steps, width }: Structure & { kind: 'map' },
    prefix: string,
    source: Source,
    guard: Computed | undefined,
  ): Source {
    const [step] = steps;
    const name = `${prefix}${step.name}`;
    this.#task(name, source, {
      step,
      width: Number.isFinite(width) ? width : undefined,
      run: (input, attempt) => this.#carryOut(step, input, attempt, false),
      ...(guard === undefined ? {} : { guard }),
    });
    return resultOf(name);
  }

  #step(step: Step, prefix: string, source: Source, guard: Computed | undefined, isLast: boolean): Source {
    const name = `${prefix}${step.name}`;
    const inner = structureOf(step.runnable as AnyStep);
    if (inner !== undefined && step.retry === undefined && step.timeoutMs === undefined && isPlain(inner))
      return this.#emit(inner, `${name}/`, source, guard);
    this.#task(name, source, {
      step,
      run: (input, attempt) => this.#carryOut(step, input, attempt, isLast),
      ...(guard === undefined ? {} : { guard }),
    });
    return resultOf(name);
  }

  #task(
    name: string,
    source: Source,
    {
      run,
      guard,
      step,
      ...rest
    }: {
      readonly run: (input: StepInput, attempt: StepAttempt) => unknown;
      readonly guard?: Computed;
      readonly step?: Step;
      readonly width?: number | undefined;
    },
  ): void {
    if (this.#tasks.has(name))
      throw new PawlError('bad_definition', `two steps come to the task "${name}"; name one otherwise`);
    const history = this.#structure.memory === undefined ? undefined : loadTask;
    const shared = (scope: Scope): Omit<StepInput, 'value'> => ({
      conversation: String(scope.variables[conversationGiven] ?? 'default'),
      history: history === undefined ? null : (scope.variables[history] ?? null),
    });
    const isList = 'width' in rest;
    const needs = new Set(source.needs);
    if (history !== undefined && name !== history) needs.add(history);
    this.#tasks.set(name, {
      name,
      needs: [...needs].map((task) => ({ task, kind: 'blocking' })),
      trigger: source.trigger,
      ...whenBoth(guard, source.isThere),
      action: compile(`${ownAction}${name}`),
      ...(isList
        ? {
            with: {
              items: computed((scope) => listOf(source.value(scope), name)),
              text: name,
              ...(rest.width === undefined ? {} : { concurrency: compile(rest.width) }),
            },
            input: computed((scope) => ({ value: scope.item?.value ?? null, ...shared(scope) })),
          }
        : { input: computed((scope) => ({ value: source.value(scope) ?? null, ...shared(scope) })) }),
      ...(step?.timeoutMs === undefined ? {} : { timeout: compile(step.timeoutMs / 1000) }),
      ...(step?.retry === undefined ? {} : { retry: retryOf(step.retry) }),
    });
    this.#handlers.set(name, run as unknown as TaskHandler<StepAttempt>);
  }
}

function resultOf(task: string): Source {
  return { needs: [task], trigger: 'all_succeeded', value: ({ variables }) => variables[task] ?? null };
}

function together(sources: readonly Source[]): Omit<Source, 'value'> {
  const needs = [...new Set(sources.flatMap((source) => source.needs))];
  const optional = sources.flatMap(({ isThere }) => (isThere === undefined ? [] : [isThere]));
  if (optional.length === 0) return { needs, trigger: 'all_succeeded' };
  // With skips allowed, those that must be there are asked as well.
  const sure = sources.filter(({ isThere }) => isThere === undefined).flatMap((source) => source.needs);
  return {
    needs,
    trigger: 'none_failed',
    isThere: (scope) =>
      optional.every((isThere) => isThere(scope)) && sure.every((task) => scope.taskStatus(task, 0) === 'succeeded'),
  };
}

function whenBoth(
  guard: Computed | undefined,
  isThere: ((scope: Scope) => boolean) | undefined,
): { readonly when?: Computed } {
  if (guard === undefined && isThere === undefined) return {};
  return { when: computed((scope) => isThere?.(scope) !== false && (guard === undefined || guard.compute(scope))) };
}

/** The output of the one step of that name, or of several by their names. */
function joined(names: readonly string[], outputs: ReadonlyMap<string, Source>): Source {
  const sources = names.map((name) => outputs.get(name)!);
  const [only] = sources;
  if (sources.length === 1) return only!;
  return {
    ...together(sources),
    value: (scope) => Object.fromEntries(names.map((name, index) => [name, sources[index]!.value(scope)])),
  };
}

/** True for a composite that adds nothing to its steps. */
function isPlain({ kind, memory, inputKeys, outputKeys, timeoutMs }: Structure): boolean {
  return (
    kind !== 'map' && memory === undefined && inputKeys.length + outputKeys.length === 0 && timeoutMs === undefined
  );
}

/** The arm of the first condition that holds; the last where none does. */
async function armOf(conditions: readonly StepFunction[], value: unknown): Promise<number> {
  for (const [index, condition] of conditions.entries())
    if (await condition(value as never, undefined as never)) return index;
  return conditions.length;
}

function retryOf({ count, delayMs, factor, maxDelayMs, jitter }: NonNullable<Step['retry']>): RetrySpec {
  return { count: compile(count), delayMs, factor, jitter, ...(maxDelayMs === undefined ? {} : { maxDelayMs }) };
}

function listOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value;
  throw new PawlError('bad_input', `the input of "${name}" is no list; it runs its step for each item of one`);
}

function isMap(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
