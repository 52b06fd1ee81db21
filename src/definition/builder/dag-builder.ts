/**
 * Dependency graphs in code: `dag('ci').task(…).task(…).build()`.
 *
 * A builder never changes: every call gives another one, a piece longer, and the one before goes on working. What the pieces
 * come to is worked out when somebody asks (`check`, `build`, or an engine that is given the builder itself), and then all
 * that is wrong with them is found at once.
 *
 * The compiler knows what each task gives, so that the closures of those that need it are typed without a type being written
 * (`known.ts`).
 *
 * A call costs a small object; `build` is linear in tasks and needs.
 */

import { type Json, type JsonObject, PawlError } from '../../base/index.ts';
import type { CodeWorkflow, DagDefinition, TaskHandler, Trigger } from '../dag.ts';
import { inputFaultOf, type Schema } from '../schema-check.ts';
import { assembled } from './assemble.ts';
import type { Fault } from './faults.ts';
import type {
  ActionLike,
  AsJson,
  Begun,
  FailurePolicy,
  Fresh,
  Gives,
  InputSeen,
  Jsonable,
  Known,
  Knows,
  NamesIn,
  NeedOf,
  Open,
  OwnResult,
  Prefixed,
  Seen,
  SeenByOutput,
  Then,
  UnsureIf,
  UnsureIn,
} from './known.ts';
import type { GraphWritten, Piece, TaskWritten } from './pieces.ts';
import type { IncludeOptions, MapOptions, TaskOptions } from './task-options.ts';

/** What is said of a graph as a whole. */
export interface DagOptions<S, Vars, Policy extends FailurePolicy> {
  /** Tells this graph from others of its name. Absent: the hash of all that is not code, so that a change of code alone goes unnoticed. */
  readonly version?: string;
  readonly description?: string;
  readonly tags?: DagDefinition['tags'];
  /** Any Standard Schema that answers at once (zod, valibot, arktype). A run whose input fails it fails before its first task. */
  readonly input?: S;
  /** Values that all closures see beside `input`, by name: constants, or closures over `input`, called once when a run starts. */
  readonly vars?: Vars & { readonly [name: string]: Json | ((seen: { readonly input: InputSeen<S> }) => unknown) };
  /** What a failed task means for the run; default `stop`. */
  readonly failure?: Policy;
  /** Tasks open at once; default all that can. */
  readonly concurrency?: number;
  readonly limits?: DagDefinition['limits'];
  readonly metadata?: JsonObject;
  readonly constraints?: NonNullable<DagDefinition['constraints']>;
  /** ISO 8601. */
  readonly createdAt?: string;
  /** ISO 8601; for people and schedulers. */
  readonly scheduledAt?: string;
}

/** Never there: its type says what a start is given and what a run gives. */
export declare const workflowTypes: unique symbol;

/** A graph ready to run. */
export interface BuiltWorkflow<Context, Input, Output> extends CodeWorkflow<Context> {
  readonly [workflowTypes]?: { readonly input: Input; readonly output: Output };
}

/** What a start of the workflow is given; of one without types, any map. */
export type WorkflowInput<W> =
  W extends BuiltWorkflow<never, infer Input, unknown> ? (unknown extends Input ? JsonObject : Input) : JsonObject;
/** What a run of the workflow that succeeded gives; of one without types, any Json. */
export type WorkflowOutput<W> =
  W extends BuiltWorkflow<never, unknown, infer Output> ? (unknown extends Output ? Json : Output) : Json;

/** Begins a graph whose handlers are told a `Context` of their attempt. */
export function dagOf<Context>() {
  return function dag<
    S extends Schema | undefined = undefined,
    Vars extends object = Record<never, never>,
    Policy extends FailurePolicy = 'stop',
  >(name: string, options: DagOptions<S, Vars, Policy> = {}): DagBuilder<Begun<Context, S, Vars, Policy>> {
    return new DagBuilder({ name, ...(options as object) } as GraphWritten);
  };
}

/** A graph under way. It is a workflow as well: an engine takes it as it takes what `build` gives. */
export class DagBuilder<K extends Known> implements BuiltWorkflow<K['context'], K['given'], K['output']> {
  declare readonly [workflowTypes]?: { readonly input: K['given']; readonly output: K['output'] };
  readonly #graph: GraphWritten;
  readonly #before: DagBuilder<Known> | undefined;
  readonly #piece: Piece | undefined;
  #built: BuiltWorkflow<K['context'], K['given'], K['output']> | undefined;

  constructor(graph: GraphWritten, before?: DagBuilder<Known>, piece?: Piece) {
    this.#graph = graph;
    this.#before = before;
    this.#piece = piece;
  }

  /**
   * Adds a task: `run` is its code, or `action` what it calls; without either it only brings others together.
   *
   * `needs` names tasks that stand above. Their results, the workflow's `input` and its variables are what closures and
   * `run` see; null stands for a result that need not be there.
   */
  task<
    const Name extends string,
    const Needs extends readonly NeedOf<NamesIn<K>>[] = readonly [],
    const T extends Trigger = 'all_succeeded',
    Given = Seen<K, Needs, T>,
    Result extends Jsonable<Result> = null,
    const Action extends string | ActionLike = never,
    Condition extends boolean = never,
    Rescue extends Jsonable<Rescue> = never,
    const RescueAction extends string | ActionLike = never,
    Undo = Seen<K, Needs, T> & { readonly result: OwnResult<Result, Action> | OwnResult<Rescue, RescueAction> },
  >(
    name: Name & Fresh<K, Name>,
    options: TaskOptions<K, Needs, T, Given, Result, Action, Condition, Rescue, RescueAction, Undo> = {},
  ): DagBuilder<
    Then<
      K,
      Knows<
        K['context'],
        K['given'],
        K['input'],
        K['vars'],
        K['results'] & Gives<Name, OwnResult<Result, Action> | OwnResult<Rescue, RescueAction>>,
        K['unsure'] | UnsureIf<K, Name, Needs, T, Condition>,
        K['output']
      >
    >
  > {
    return this.#with({ kind: 'task', name, options: options as unknown as TaskWritten });
  }

  /** Adds a task that runs once for each item of a list, so many at a time; its result is the list of what they gave. */
  map<
    const Name extends string,
    Item,
    const Needs extends readonly NeedOf<NamesIn<K>>[] = readonly [],
    const T extends Trigger = 'all_succeeded',
    Given = Item,
    Result extends Jsonable<Result> = null,
    const Action extends string | ActionLike = never,
    Condition extends boolean = never,
    Undo = Seen<K, Needs, T> & { readonly result: readonly OwnResult<Result, Action>[] },
  >(
    name: Name & Fresh<K, Name>,
    options: MapOptions<K, Needs, T, Item, Given, Result, Action, Condition, Undo>,
  ): DagBuilder<
    Then<
      K,
      Knows<
        K['context'],
        K['given'],
        K['input'],
        K['vars'],
        K['results'] & Gives<Name, readonly OwnResult<Result, Action>[]>,
        K['unsure'] | UnsureIf<K, Name, Needs, T, Condition>,
        K['output']
      >
    >
  > {
    return this.#with({ kind: 'map', name, options: options as unknown as TaskWritten });
  }

  /**
   * Adds the tasks of another graph, each as `prefix.task`. Those of them that need nothing wait for `needs`.
   *
   * Closures of the segment go on seeing their own tasks by their short names, and as `input` what is given here, checked by
   * the segment's own schema. Its other options, and its output, count only where it is run by itself.
   *
   * @throws PawlError `bad_input` where the segment is no builder.
   */
  include<
    const Prefix extends string,
    Segment extends Known,
    const Needs extends readonly NeedOf<NamesIn<K>>[] = readonly [],
  >(
    prefix: Prefix,
    segment: DagBuilder<Segment>,
    ...[options]: K['input'] extends Segment['given']
      ? [options?: IncludeOptions<K, Needs, Segment['given']>]
      : [options: IncludeOptions<K, Needs, Segment['given']> & { readonly input: unknown }]
  ): DagBuilder<
    Then<
      K,
      Knows<
        K['context'],
        K['given'],
        K['input'],
        K['vars'],
        K['results'] & Prefixed<Prefix, Segment['results']>,
        K['unsure'] | UnsureIn<K, Prefix, Segment, Needs>,
        K['output']
      >
    >
  > {
    if (!(#graph in segment))
      throw new PawlError('bad_input', `the segment "${prefix}" is not a graph under way: include what dag(…) returns`);
    return this.#with({ kind: 'include', prefix, segment: segment.#whole(), options: (options ?? {}) as never });
  }

  /**
   * Says what a run gives: `give` over the results of the tasks it names. Null stands for one that was skipped, or failed
   * without failing the run. Without it a run gives the results of the tasks that nothing needs, by name.
   */
  output<const Names extends readonly NamesIn<K>[], Output extends Jsonable<Output>>(
    names: Names,
    give: (seen: SeenByOutput<K, Names>) => Output,
  ): DagBuilder<Knows<K['context'], K['given'], K['input'], K['vars'], K['results'], K['unsure'], AsJson<Output>>> {
    return this.#with({ kind: 'output', names, give: give as never });
  }

  /** The same graph for code that names tasks at run time, as loops do: any name may be added and needed, and every result is Json. */
  open(): DagBuilder<Open<K>> {
    return this as unknown as DagBuilder<Open<K>>;
  }

  /** Everything that is wrong with the graph; empty where nothing is. */
  check(): readonly Fault[] {
    return assembled(this.#whole()).faults;
  }

  /**
   * The workflow, ready for `start`.
   *
   * @throws PawlError `bad_definition`: `details.faults` holds everything that is wrong, each with `code`, `message`, `task`.
   */
  build(): BuiltWorkflow<K['context'], K['given'], K['output']> {
    this.#built ??= built(this.#whole()) as BuiltWorkflow<K['context'], K['given'], K['output']>;
    return this.#built;
  }

  get name(): string {
    return this.#graph.name;
  }

  get version(): string | undefined {
    return this.#graph.version;
  }

  /** @throws PawlError as `build` does. */
  get inputFault(): ((input: Json) => string | undefined) | undefined {
    return this.build().inputFault;
  }

  /** @throws PawlError as `build` does. */
  get definition(): DagDefinition {
    return this.build().definition;
  }

  /** @throws PawlError as `build` does. */
  get handlers(): ReadonlyMap<string, TaskHandler<K['context']>> {
    return this.build().handlers;
  }

  #with<Next extends Known>(piece: Piece): DagBuilder<Next> {
    return new DagBuilder<Next>(this.#graph, this as unknown as DagBuilder<Known>, piece);
  }

  /** The graph with its pieces, first to last. */
  #whole(): GraphWritten & { readonly pieces: readonly Piece[] } {
    const pieces: Piece[] = [];
    for (let at: DagBuilder<Known> | undefined = this as unknown as DagBuilder<Known>; at; at = at.#before) {
      if (at.#piece !== undefined) pieces.push(at.#piece);
    }
    return { ...this.#graph, pieces: pieces.reverse() };
  }
}

function built(whole: GraphWritten & { readonly pieces: readonly Piece[] }): CodeWorkflow<unknown> {
  const { definition, handlers, faults } = assembled(whole);
  if (faults.length === 0) {
    const { name, version, input } = whole;
    const inputFault = input === undefined ? {} : { inputFault: inputFaultOf(input, name) };
    return Object.freeze({ name, ...(version === undefined ? {} : { version }), definition, handlers, ...inputFault });
  }
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  throw new PawlError('bad_definition', `the graph "${whole.name}" has ${count}: ${faults[0]!.message}`, {
    details: { faults },
  });
}
