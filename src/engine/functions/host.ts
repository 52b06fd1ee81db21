/**
 * Runs the durable functions of an engine: lets each hear what happened to it, and tells the kernel what it calls.
 *
 * A function stays in memory while its run does, and costs no replay; a run that comes back to memory runs its function again over
 * its history. All functions that have something to hear in a turn of the engine hear it together: what they call becomes durable
 * in the same commit as what they heard.
 */

import { isPawlError, type Json, jsonCopy, jsonFault, PawlError, type RunId, type Turn } from '../../base/index.ts';
import { checkedAtOnce, type FunctionWorkflow, takenByFunction } from '../../definition/index.ts';
import type { Directive, Recorded, RunState } from '../../kernel/index.ts';
import { ContinueAsNew, Execution } from './execution.ts';
import { effectiveHistory } from './rerun.ts';
import { RunContext } from './run-context.ts';
import { givenAway, outside } from './scopes.ts';
import type { StepCode } from './step.ts';
import { bearStrayRejections } from './stray-rejections.ts';
import { thrownText } from './thrown.ts';

export interface Kernel {
  /** Carries out an `Advance`: tells the kernel, which makes it events; those come back through `observe`. */
  advance(run: RunId, directives: readonly Directive[]): void;
  /** True where the run may leave these tasks now; false: `FunctionHost.goOn` is called once it may. */
  mayLeave(run: RunId, tasks: Iterable<number>): boolean;
  /** Sets the run aside: its code cannot go on. */
  block(run: RunId, reason: string): void;
}

/**
 * Things that the functions hear in one turn of the engine, each of them: what follows is heard in the next. One that never waits (it
 * sleeps for no time, or begins anew at once) must not keep the others, and the commits, waiting.
 */
const heardInTurn = 1_000;
/** Times that functions are let run before the rest of the process has a turn: a long history takes its time. */
const restsInTurn = 1_000;

export class FunctionHost {
  readonly #turn: Turn;
  readonly #wake: () => void;
  #rests = 0;
  readonly #executions = new Map<RunId, Execution>();
  /** Those that have something to tell which has to wait. */
  readonly #held = new Set<RunId>();
  /** What happened to runs whose functions are being run again. */
  readonly #awaited = new Map<RunId, Recorded[]>();
  /** Those that have something to hear. */
  readonly #hearing = new Set<RunId>();

  /** @param wake Called where there is something to do that no message to the engine tells of. */
  constructor(turn: Turn, wake: () => void) {
    this.#turn = turn;
    this.#wake = wake;
  }

  get hasWork(): boolean {
    return this.#hearing.size > 0;
  }

  has(run: RunId): boolean {
    return this.#executions.has(run);
  }

  /** True where its function has something to hear: what follows from that is not in its history yet. */
  isHearing(run: RunId): boolean {
    return this.#hearing.has(run) || this.#held.has(run);
  }

  /** It may tell now what it could not. */
  goOn(run: RunId): void {
    if (this.#held.delete(run) && this.#executions.has(run)) this.#hearing.add(run);
  }

  get hearing(): Iterable<RunId> {
    return this.#hearing;
  }

  /** Takes up a function that was run again over the history of its run. */
  take(execution: Execution): void {
    const { id } = execution.state;
    this.#executions.set(id, execution);
    if (execution.hasNews) this.#hearing.add(id);
    const meanwhile = this.#awaited.get(id) ?? [];
    this.#awaited.delete(id);
    this.observe(id, meanwhile);
  }

  /** The run's function is to be run again, over its history so far: what happens until it is taken up it hears of then. */
  await(run: RunId): void {
    this.forget(run);
    this.#awaited.set(run, []);
  }

  /** A run begins here. */
  begin(state: RunState, workflow: FunctionWorkflow): void {
    this.#executions.set(state.id, this.#execution(state, workflow));
  }

  #execution(state: RunState, workflow: FunctionWorkflow): Execution {
    bearStrayRejections();
    return new Execution(state, bodyOf(state, workflow), () => {
      // While it is run again, the one who has that done asks for the fault.
      if (this.#executions.get(state.id)?.state !== state) return;
      this.#hearing.add(state.id);
      outside(this.#wake);
    });
  }

  /** Lets a run's function go: it is made again from the history where it is wanted. */
  forget(run: RunId): void {
    this.#executions.delete(run);
    this.#hearing.delete(run);
    this.#held.delete(run);
    this.#awaited.delete(run);
  }

  /** Why the function of the run cannot go on. */
  faultOf(run: RunId): string | undefined {
    return this.#executions.get(run)?.fault;
  }

  observe(run: RunId, events: readonly Recorded[]): void {
    const execution = this.#executions.get(run);
    if (execution === undefined) {
      this.#awaited.get(run)?.push(...events);
      return;
    }
    for (const event of events) execution.observe(event);
    if (execution.hasDeliveries) this.#hearing.add(run);
  }

  /** Runs the function of a run that comes back to memory over its history, since it began or began anew. */
  async replay(state: RunState, workflow: FunctionWorkflow, history: readonly Recorded[]): Promise<Execution> {
    const execution = this.#execution(state, workflow);
    const begun = effectiveHistory(history);
    execution.expect(begun);
    await this.#goThrough(execution, begun);
    execution.caughtUp();
    return execution;
  }

  /** Lets all functions hear what there is, until nothing follows, or it is enough for a turn. */
  async advance(kernel: Kernel): Promise<void> {
    for (let heard = 0; this.#hearing.size > 0 && heard < heardInTurn; heard += 1) {
      const hearing = [...this.#hearing].flatMap((run) => {
        const execution = this.#executions.get(run);
        return execution === undefined ? [] : [execution];
      });
      this.#hearing.clear();
      await this.#deliver(hearing.filter((execution) => execution.hasDeliveries));
      for (const execution of hearing) this.#tell(execution, kernel);
    }
  }

  /**
   * Answers a query from what the function holds.
   *
   * @throws PawlError `bad_input`: it answers none of that name, or not with these arguments. `failed`: it threw, or gave what is not JSON.
   */
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
    const given = args.map(jsonCopy) as never[];
    let answered: unknown;
    try {
      answered = givenAway(`the query "${name}"`, () => answer(...given)) ?? null;
    } catch (error) {
      if (isPawlError(error)) throw error;
      throw new PawlError('failed', thrownText(error), { cause: error });
    }
    const promise = answered instanceof Promise ? answered : undefined;
    // What it comes to is of no use to anybody.
    promise?.catch(() => {});
    const fault = promise !== undefined ? 'it is a promise, and a query answers at once' : jsonFault(answered);
    if (fault !== undefined)
      throw new PawlError('failed', `what the query "${name}" of run "${run}" answered is not JSON: ${fault}`);
    return jsonCopy(answered as Json);
  }

  /** Why an update is not taken; undefined where it is. */
  updateFault(run: RunId, name: string, input: Json): string | undefined {
    return this.#executions.get(run)?.updateFault(name, input);
  }

  stepOf(run: RunId, call: number): StepCode | undefined {
    return this.#executions.get(run)?.stepOf(call);
  }

  /** One thing after the other, without a promise for each: a history may hold a million. */
  #goThrough(execution: Execution, history: readonly Recorded[]): Promise<void> {
    return new Promise((resolve, reject) => {
      let next = 0;
      const goOn = (): void => {
        for (;;) {
          if (execution.hasDeliveries && execution.fault === undefined) {
            execution.deliver();
            this.#settled(rest);
            return;
          }
          const event = history[next];
          if (event === undefined) return resolve();
          next += 1;
          execution.observe(event);
        }
      };
      const guarded = (work: () => void) => (): void => {
        try {
          work();
        } catch (error) {
          reject(error);
        }
      };
      const rest = guarded(() => (execution.rest() ? this.#settled(rest) : goOn()));
      guarded(goOn)();
    });
  }

  /** One thing to each, and then what they do with it. */
  async #deliver(executions: readonly Execution[]): Promise<void> {
    for (const execution of executions) execution.deliver();
    for (let resting = executions; resting.length > 0; resting = resting.filter((execution) => execution.rest()))
      await new Promise<void>((resolve) => this.#settled(resolve));
  }

  #tell(execution: Execution, kernel: Kernel): void {
    const { id } = execution.state;
    if (execution.fault !== undefined) {
      kernel.block(id, execution.fault);
      return;
    }
    if (!kernel.mayLeave(id, execution.leaves())) {
      this.#held.add(id);
      return;
    }
    this.#held.delete(id);
    const tell = (directives: readonly Directive[]): void => {
      if (directives.length > 0) kernel.advance(id, directives);
    };
    tell(execution.takeCalls());
    tell(execution.takeLeft());
    tell(execution.takeEnd());
    if (execution.hasDeliveries) this.#hearing.add(id);
  }

  /** Calls once every microtask has run, and those they made. Now and then others have a turn. */
  #settled(callback: () => void): void {
    this.#rests += 1;
    if (this.#rests % restsInTurn === 0) this.#turn.end(callback);
    else this.#turn.settled(callback);
  }
}

function bodyOf({ input }: RunState, { name, body, schemas = {} }: FunctionWorkflow) {
  return async (execution: Execution): Promise<unknown> => {
    const run = new RunContext(execution, schemas);
    try {
      const given = jsonCopy(takenByFunction(input));
      const taken = schemas.input === undefined ? given : checkedAtOnce(schemas.input, given, `the input of "${name}"`);
      const output = await body(run as never, taken as never);
      if (schemas.output === undefined) return output;
      return checkedAtOnce(schemas.output, output, `what "${name}" returned`);
    } catch (error) {
      if (error instanceof ContinueAsNew) throw error;
      const faults = await run.undoAll();
      for (const fault of faults) execution.say(['said', 'compensation_failed'], thrownText(fault));
      throw error;
    }
  };
}
