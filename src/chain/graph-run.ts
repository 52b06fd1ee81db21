/**
 * One call of a graph: nodes start when all they wait for is done and a worker is free.
 *
 * N1. A node runs once. An entry point gets the graph's input, a node with one predecessor what that gave, a node with several
 *     a map of what they gave, by their names.
 * N2. Of the nodes that are ready, the one that became so first starts first.
 * N3. The first failure stops the others and starts nothing more; nothing of the run goes on changing afterwards.
 */

import { PawlError } from '../base/index.ts';
import type { Call } from './call.ts';
import { isThenable } from './chunks.ts';
import type { GraphPlan } from './graph-plan.ts';
import { runStep } from './run-step.ts';

export interface GraphLimits {
  /** Nodes at once. */
  readonly maxWorkers: number;
  /** Nodes that may be ready while all workers are busy. */
  readonly queueSize: number;
}

/** The outputs of all nodes by their places, but that of `except`, which is not run. */
export async function runNodes(
  plan: GraphPlan,
  input: unknown,
  call: Call,
  limits: GraphLimits,
  except?: number,
): Promise<unknown[]> {
  const scope = call.innerScope();
  try {
    const run = new GraphRun(plan, input, call.within(scope), limits, except);
    return await scope.race(run.outputs);
  } finally {
    scope.close();
  }
}

/** What the node at `place` gets. */
export function inputOf(plan: GraphPlan, place: number, input: unknown, outputs: readonly unknown[]): unknown {
  const { predecessors } = plan.nodes[place]!;
  if (predecessors.length === 0) return input;
  if (predecessors.length === 1) return outputs[predecessors[0]!];
  return byName(plan, predecessors, outputs);
}

/** The outputs of these places, by their names. */
export function byName(
  plan: GraphPlan,
  places: readonly number[],
  outputs: readonly unknown[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(places.map((place) => [plan.nodes[place]!.step.name, outputs[place]] as const));
}

class GraphRun {
  readonly outputs: Promise<unknown[]>;
  readonly #plan: GraphPlan;
  readonly #input: unknown;
  readonly #call: Call;
  readonly #limits: GraphLimits;
  readonly #except: number | undefined;
  readonly #outputs: unknown[];
  /** For each node, how many it still waits for. */
  readonly #waitsFor: number[];
  readonly #ready: number[];
  #nextReady = 0;
  #running = 0;
  #left: number;
  #resolve: (outputs: unknown[]) => void = () => {};

  constructor(plan: GraphPlan, input: unknown, call: Call, limits: GraphLimits, except: number | undefined) {
    this.#plan = plan;
    this.#input = input;
    this.#call = call;
    this.#limits = limits;
    this.#except = except;
    this.#outputs = new Array<unknown>(plan.nodes.length);
    this.#waitsFor = plan.nodes.map(({ predecessors }) => predecessors.length);
    this.#left = plan.nodes.length - (except === undefined ? 0 : 1);
    this.#ready = plan.entries.filter((place) => place !== except);
    this.outputs = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#goOn();
  }

  /** Starts what can start. What gives no promise is done at once, and may make more ready. */
  #goOn(): void {
    const { scope } = this.#call;
    try {
      while (!scope.isStopped && this.#nextReady < this.#ready.length && this.#running < this.#limits.maxWorkers) {
        const place = this.#ready[this.#nextReady]!;
        this.#nextReady += 1;
        this.#start(place);
      }
      this.#requireRoom();
    } catch (error) {
      this.#fail(error);
    }
    if (this.#left === 0) this.#resolve(this.#outputs);
  }

  #start(place: number): void {
    const { step } = this.#plan.nodes[place]!;
    const given = runStep(step, inputOf(this.#plan, place, this.#input, this.#outputs), this.#call);
    if (!isThenable(given)) {
      this.#finish(place, given);
      return;
    }
    this.#running += 1;
    given.then(
      (output) => {
        this.#running -= 1;
        if (this.#call.scope.isStopped) return;
        this.#finish(place, output);
        this.#goOn();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #finish(place: number, output: unknown): void {
    this.#outputs[place] = output;
    this.#left -= 1;
    for (const next of this.#plan.nodes[place]!.successors) {
      const left = (this.#waitsFor[next] ?? 0) - 1;
      this.#waitsFor[next] = left;
      if (left === 0 && next !== this.#except) this.#ready.push(next);
    }
  }

  #requireRoom(): void {
    const waiting = this.#ready.length - this.#nextReady;
    const { queueSize, maxWorkers } = this.#limits;
    if (waiting <= queueSize || this.#call.scope.isStopped) return;
    const message = `${waiting} nodes of ${this.#call.owner} wait for its ${maxWorkers} workers, and its queue holds ${queueSize}; raise queueSize or maxWorkers`;
    throw new PawlError('limit_exceeded', message, { details: { waiting, queueSize, maxWorkers } });
  }

  /** Stopping the scope settles the run. */
  #fail(error: unknown): void {
    if (!this.#call.scope.isStopped) this.#call.scope.abort(error);
  }
}
