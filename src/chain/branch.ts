/** One of several steps, as the input says. */

import { Attempt } from './attempt.ts';
import type { Call } from './call.ts';
import { isThenable } from './chunks.ts';
import { Composite, type CompositeOptions } from './composite.ts';
import { namedSteps } from './configured-step.ts';
import type { ChunkOf, CommonInputOf, InputOf, Narrowed, OutputOf } from './fitting.ts';
import { runStep, streamStep } from './run-step.ts';
import type { AnyStep, StepContext, StepFunction } from './runnable.ts';
import type { Step } from './step.ts';
import { stepFailed } from './step-failed.ts';
import type { StructureBody } from './structure.ts';

export interface BranchOptions<Key extends string = string> extends CompositeOptions<Key> {}

/** Whether the input takes the branch. */
export type Condition<In> = (input: In, context: StepContext) => boolean | Promise<boolean>;

type AnyBranch = readonly [condition: StepFunction, step: AnyStep];

export class Branch<In, Out, Chunk = Out> extends Composite<In, Out, Chunk> {
  readonly #conditions: readonly StepFunction[];
  readonly #steps: readonly Step[];

  constructor(branches: readonly AnyBranch[], otherwise: AnyStep, options: BranchOptions) {
    super('branch', options);
    this.#conditions = branches.map(([condition]) => condition);
    this.#steps = namedSteps([...branches.map(([, step]) => step), otherwise], this.defaults);
  }

  protected override body(): StructureBody {
    return { kind: 'branch', steps: this.#steps, conditions: this.#conditions };
  }

  protected override async run(input: unknown, call: Call): Promise<unknown> {
    return runStep(await this.#chosen(input, call), input, call);
  }

  protected override async *chunks(input: unknown, call: Call): AsyncGenerator<unknown, void> {
    yield* streamStep(await this.#chosen(input, call), input, call);
  }

  async #chosen(input: unknown, call: Call): Promise<Step> {
    for (const [index, condition] of this.#conditions.entries()) {
      const step = this.#steps[index]!;
      const name = `condition of ${step.name}`;
      try {
        const given = condition(input as never, new Attempt(name, 1, undefined, call, call.scope));
        if (isThenable(given) ? await call.scope.race(given) : given) return step;
      } catch (error) {
        throw call.scope.isStopped ? call.scope.reason : stepFailed(name, 1, error);
      }
    }
    return this.#steps.at(-1)!;
  }
}

/**
 * Asks the conditions in their order and runs the step of the first that holds; `otherwise` where none does.
 *
 * @throws PawlError `bad_definition`: a step can not be called, or an option is wrong.
 */
export function branch<
  const Branches extends readonly AnyBranch[],
  Otherwise extends AnyStep,
  const Key extends string = string,
>(
  branches: Branches,
  otherwise: Otherwise,
  options: BranchOptions<Key> = {},
): Branch<
  CommonInputOf<Branches[number][1] | Otherwise> & ConditionInputOf<Branches[number][0]>,
  Narrowed<OutputOf<Branches[number][1]> | OutputOf<Otherwise>, Key>,
  Narrowed<ChunkOf<Branches[number][1]> | ChunkOf<Otherwise>, Key>
> {
  return new Branch(branches, otherwise, options);
}

type ConditionInputOf<Conditions> = (
  Conditions extends StepFunction
    ? (input: InputOf<Conditions>) => void
    : never
) extends (input: infer In) => void
  ? In
  : unknown;
