/**
 * A graph of runnables: nodes, the edges that say who waits for whom, and where it begins and ends. Itself a runnable.
 *
 * It is built first and called then; it may be added to between calls, and a call under way goes on with the graph it began with.
 */

import { PawlError } from '../base/index.ts';
import { type Call, requireCount } from './call.ts';
import { Composite, type CompositeOptions } from './composite.ts';
import { stepNamed } from './configured-step.ts';
import { type GraphPlan, planGraph } from './graph-plan.ts';
import { byName, type GraphLimits, inputOf, runNodes } from './graph-run.ts';
import { streamStep } from './run-step.ts';
import type { AnyStep } from './runnable.ts';
import type { Step } from './step.ts';
import type { StructureBody } from './structure.ts';

export interface GraphOptions<Key extends string = string> extends CompositeOptions<Key> {
  /** Nodes at once; default 8. */
  readonly maxWorkers?: number | undefined;
  /** False: one node at a time, whatever `maxWorkers` says. Default true. */
  readonly parallel?: boolean | undefined;
  /** Nodes that may be ready while all workers are busy; more fail the call with `limit_exceeded`. Default no limit. */
  readonly queueSize?: number | undefined;
}

const defaultWorkers = 8;

export class Graph<In = unknown, Out = unknown> extends Composite<In, Out, unknown> {
  readonly #steps = new Map<string, Step>();
  readonly #edges: (readonly [string, string])[] = [];
  readonly #successors = new Map<string, Set<string>>();
  #entryPoints: readonly string[] = [];
  #finishPoints: readonly string[] = [];
  readonly #limits: GraphLimits;
  /** Made when it is first needed after a change. */
  #plan: GraphPlan | undefined;

  constructor({ maxWorkers = defaultWorkers, parallel = true, queueSize, ...options }: GraphOptions) {
    super('graph', options);
    requireCount(maxWorkers, `maxWorkers of ${this.name}`, 'bad_definition');
    if (queueSize !== 0) requireCount(queueSize, `queueSize of ${this.name}`, 'bad_definition');
    this.#limits = { maxWorkers: parallel ? maxWorkers : 1, queueSize: queueSize ?? Number.POSITIVE_INFINITY };
  }

  /**
   * Adds a node. What it takes and gives is not checked by the compiler.
   *
   * @throws PawlError `bad_definition`: the name is taken or empty, or the runnable can not be called.
   */
  addNode(name: string, runnable: AnyStep): this {
    if (this.#steps.has(name)) {
      const message = `${this.name} has a node "${name}" already; give this one another name`;
      throw new PawlError('bad_definition', message, { details: { nodes: [name] } });
    }
    this.#steps.set(name, stepNamed(name, runnable, this.defaults));
    return this.#changed();
  }

  /**
   * Says that `to` waits for `from`, and gets what it gives.
   *
   * @throws PawlError `bad_definition`: there is no such node yet, the edge is there already, or it leads from a node to itself.
   */
  addEdge(from: string, to: string): this {
    this.#requireNodes([from, to], 'an edge');
    const successors = this.#successors.get(from) ?? new Set<string>();
    if (from === to || successors.has(to)) {
      const fault = from === to ? 'leads from a node to itself' : 'is there already';
      const message = `the edge "${from}" → "${to}" of ${this.name} ${fault}; leave it out`;
      throw new PawlError('bad_definition', message, { details: { nodes: [from, to] } });
    }
    this.#successors.set(from, successors.add(to));
    this.#edges.push([from, to]);
    return this.#changed();
  }

  /**
   * Names the nodes that get the graph's input, in the place of those named before.
   *
   * @throws PawlError `bad_definition`: there is no such node yet.
   */
  setEntryPoint(names: string | readonly string[]): this {
    this.#entryPoints = this.#named(names, 'an entry point');
    return this.#changed();
  }

  /**
   * Names the nodes whose output is the graph's: that of one as it is, those of several as a map by their names.
   *
   * @throws PawlError `bad_definition`: there is no such node yet.
   */
  setFinishPoint(names: string | readonly string[]): this {
    this.#finishPoints = this.#named(names, 'a finish point');
    return this.#changed();
  }

  /**
   * Checks the graph as a call would.
   *
   * @throws PawlError `bad_definition`: it has no nodes, no entry or no finish point, a cycle, or a node that is not reached;
   *   `details.nodes` are those at fault.
   */
  validate(): this {
    this.#planned();
    return this;
  }

  protected override body(): StructureBody {
    const plan = this.#planned();
    return {
      kind: 'graph',
      steps: plan.nodes.map(({ step }) => step),
      edges: plan.edges,
      entryPoints: this.#entryPoints,
      finishPoints: this.#finishPoints,
      ...this.#limits,
    };
  }

  protected override async run(input: unknown, call: Call): Promise<unknown> {
    const plan = this.#planned();
    const outputs = await runNodes(plan, input, call, this.#limits);
    return plan.finishes.length === 1 ? outputs[plan.finishes[0]!] : byName(plan, plan.finishes, outputs);
  }

  /** Streams a finish point that is the only one and the last of all; the rest has run whole then. */
  protected override async *chunks(input: unknown, call: Call): AsyncGenerator<unknown, void> {
    const plan = this.#planned();
    const [finish] = plan.finishes;
    if (finish === undefined || plan.finishes.length > 1 || plan.nodes[finish]!.successors.length > 0) {
      yield await this.run(input, call);
      return;
    }
    const outputs = await runNodes(plan, input, call, this.#limits, finish);
    yield* streamStep(plan.nodes[finish]!.step, inputOf(plan, finish, input, outputs), call);
  }

  #planned(): GraphPlan {
    this.#plan ??= planGraph({
      owner: this.name,
      steps: this.#steps,
      edges: [...this.#edges],
      entryPoints: this.#entryPoints,
      finishPoints: this.#finishPoints,
    });
    return this.#plan;
  }

  #named(names: string | readonly string[], what: string): readonly string[] {
    const list = typeof names === 'string' ? [names] : [...new Set(names)];
    this.#requireNodes(list, what);
    return list;
  }

  #requireNodes(names: readonly string[], what: string): void {
    const unknown = names.find((name) => !this.#steps.has(name));
    if (unknown === undefined) return;
    const message = `${what} of ${this.name} names "${unknown}", which is no node of it; add it with addNode first`;
    throw new PawlError('bad_definition', message, { details: { nodes: [unknown] } });
  }

  #changed(): this {
    this.#plan = undefined;
    return this;
  }
}

/**
 * An empty graph, to be built with `addNode`, `addEdge`, `setEntryPoint` and `setFinishPoint`.
 *
 * @throws PawlError `bad_definition`: an option is wrong.
 */
export function graph<In = unknown, Out = unknown>(options: GraphOptions = {}): Graph<In, Out> {
  return new Graph(options);
}
