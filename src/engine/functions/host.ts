/**
 * Runs the durable functions of an engine: lets each hear what happened to it, and tells the kernel what it calls.
 *
 * A function stays in memory while its run does, and costs no replay; a run that comes back to memory runs its function again over
 * its history. All functions that have something to hear in a turn of the engine hear it together: what they call becomes durable
 * in the same commit as what they heard.
 */

import { type Json, PawlError, type RunId, type Turn } from '../../base/index.ts';
import { checkedAtOnce, type FunctionWorkflow, takenByFunction } from '../../definition/index.ts';
import type { Directive, Recorded, RunState } from '../../kernel/index.ts';
import { ContinueAsNew, Execution } from './execution.ts';
import { effectiveHistory } from './rerun.ts';
import { RunContext } from './run-context.ts';
import { outside } from './scopes.ts';
import type { StepCode } from './step.ts';
import { bearStrayRejections } from './stray-rejections.ts';

export interface Kernel {
  /** Carries out an `Advance`: tells the kernel, which makes it events; those come back through `observe`. */
  advance(run: RunId, directives: readonly Directive[]): void;
  /** Sets the run aside: its code cannot go on. */
  block(run: RunId, reason: string): void;
}

/** Times that functions are let run before the rest of the process has a turn: a long history takes its time. */
const restsInTurn = 1_000;

export class FunctionHost {
  readonly #turn: Turn;
  readonly #wake: () => void;
  #rests = 0;
  readonly #executions = new Map<RunId, Execution>();
  /** Those that have something to hear. */
  readonly #hearing = new Set<RunId>();

  /** @param wake Called where there is something to do that no message to the engine tells of. */
  constructor(turn: Turn, wake: () => void) {
    this.#turn = turn;
    this.#wake = wake;
  }

  /** True where a run's function is about to hear something. */
  isHearing(run: RunId): boolean {
    return this.#hearing.has(run);
  }

  get hasWork(): boolean {
    return this.#hearing.size > 0;
  }

  has(run: RunId): boolean {
    return this.#executions.has(run);
  }

  /** A run begins here. */
  begin(state: RunState, workflow: FunctionWorkflow): void {
    this.#executions.set(state.id, this.#execution(state, workflow));
  }

  #execution(state: RunState, workflow: FunctionWorkflow): Execution {
    bearStrayRejections();
    return new Execution(state, bodyOf(state, workflow), () => {
      // While it is run again, the one who has that done asks for the fault.
      if (!this.#executions.has(state.id)) return;
      this.#hearing.add(state.id);
      outside(this.#wake);
    });
  }

  /** Lets a run's function go: it is made again from the history where it is wanted. */
  forget(run: RunId): void {
    this.#executions.delete(run);
    this.#hearing.delete(run);
  }

  /** Why the function of the run cannot go on. */
  faultOf(run: RunId): string | undefined {
    return this.#executions.get(run)?.fault;
  }

  observe(run: RunId, events: readonly Recorded[]): void {
    const execution = this.#executions.get(run);
    if (execution === undefined) return;
    for (const event of events) execution.observe(event);
    if (execution.hasDeliveries) this.#hearing.add(run);
  }

  /** Runs the function of a run over its history. It is heard of once the run is in memory: `take`. */
  async replay(state: RunState, workflow: FunctionWorkflow, history: readonly Recorded[]): Promise<Execution> {
    const execution = this.#execution(state, workflow);
    // What came before it was renewed is over.
    const begun = effectiveHistory(history.slice(state.begunAt));
    execution.expect(begun);
    for (const event of begun) {
      execution.observe(event);
      while (execution.hasDeliveries && execution.fault === undefined) await this.#deliver([execution]);
    }
    execution.caughtUp();
    return execution;
  }

  /** The run is in memory, with the function that was run over its history. */
  take(execution: Execution): void {
    const { id } = execution.state;
    this.#executions.set(id, execution);
    if (execution.hasNews) this.#hearing.add(id);
  }

  /** Lets all functions hear what there is, until nothing follows. */
  async advance(kernel: Kernel): Promise<void> {
    while (this.#hearing.size > 0) {
      const hearing = [...this.#hearing].flatMap((run) => {
        const execution = this.#executions.get(run);
        return execution === undefined ? [] : [execution];
      });
      this.#hearing.clear();
      await this.#deliver(hearing.filter((execution) => execution.hasDeliveries));
      for (const execution of hearing) this.#tell(execution, kernel);
    }
  }

  /** Answers a query from what the function holds. @throws PawlError `bad_input`: it answers none of that name. */
  query(run: RunId, name: string, args: readonly Json[]): Json {
    const execution = this.#executions.get(run);
    const answer = execution?.queries.get(name);
    if (answer === undefined) {
      const known = [...(execution?.queries.keys() ?? [])].join(', ');
      throw new PawlError(
        'bad_input',
        `run "${run}" answers no query "${name}"${known === '' ? '' : `; it answers ${known}`}`,
      );
    }
    return answer(...(args as never[])) as Json;
  }

  /** Why an update is not taken; undefined where it is. */
  updateFault(run: RunId, name: string, input: Json): string | undefined {
    const execution = this.#executions.get(run);
    return execution === undefined ? `run "${run}" has no function in memory` : execution.updateFault(name, input);
  }

  stepOf(run: RunId, call: number): StepCode | undefined {
    return this.#executions.get(run)?.stepOf(call);
  }

  /** One thing to each, and then what they do with it. */
  async #deliver(executions: readonly Execution[]): Promise<void> {
    for (const execution of executions) execution.deliver();
    for (let resting = executions; resting.length > 0; resting = resting.filter((execution) => execution.rest()))
      await this.#microtasks();
  }

  #tell(execution: Execution, kernel: Kernel): void {
    const { id } = execution.state;
    if (execution.fault !== undefined) {
      kernel.block(id, execution.fault);
      return;
    }
    const tell = (directives: readonly Directive[]): void => {
      if (directives.length > 0) kernel.advance(id, directives);
    };
    tell(execution.take());
    tell(execution.takeEnd([...execution.state.open.keys()]));
    if (execution.hasDeliveries) this.#hearing.add(id);
  }

  /** Resolves once every microtask has run, and those they made. Now and then others have a turn. */
  #microtasks(): Promise<void> {
    this.#rests += 1;
    const isTurn = this.#rests % restsInTurn === 0;
    return new Promise((resolve) => (isTurn ? this.#turn.end(resolve) : this.#turn.settled(resolve)));
  }
}

function bodyOf({ input }: RunState, { name, body, schemas = {} }: FunctionWorkflow) {
  return async (execution: Execution): Promise<unknown> => {
    const run = new RunContext(execution, schemas);
    try {
      const given = takenByFunction(input);
      const taken = schemas.input === undefined ? given : checkedAtOnce(schemas.input, given, `the input of "${name}"`);
      const output = await body(run as never, taken as never);
      if (schemas.output === undefined) return output;
      return checkedAtOnce(schemas.output, output, `what "${name}" returned`);
    } catch (error) {
      if (error instanceof ContinueAsNew) throw error;
      const faults = await run.undoAll();
      for (const fault of faults)
        execution.say(['said', 'compensation_failed'], fault instanceof Error ? fault.message : String(fault));
      throw error;
    }
  };
}
