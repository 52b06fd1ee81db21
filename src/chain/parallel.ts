/** Several steps for one input, at the same time. */

import { PawlError } from '../base/index.ts';
import { type Call, requireCount } from './call.ts';
import { Composite, type CompositeOptions } from './composite.ts';
import { stepNamed } from './configured-step.ts';
import type { CommonInputOf, Narrowed, OutputOf } from './fitting.ts';
import { isMap } from './keys.ts';
import { pooled } from './pool.ts';
import { runStep } from './run-step.ts';
import type { AnyStep } from './runnable.ts';
import type { Step } from './step.ts';
import type { StructureBody } from './structure.ts';

export interface ParallelOptions<Key extends string = string> extends CompositeOptions<Key> {
  /** Steps at once; default all. */
  readonly width?: number | undefined;
}

type StepsByName = Readonly<Record<string, AnyStep>>;
type OutputsOf<Steps extends StepsByName> = { -readonly [Name in keyof Steps]: OutputOf<Steps[Name]> };

export class Parallel<In, Out> extends Composite<In, Out> {
  readonly #steps: readonly Step[];
  readonly #width: number;
  readonly #keepsInput: boolean;

  constructor(steps: StepsByName, { width, ...options }: ParallelOptions, keepsInput: boolean) {
    super(keepsInput ? 'assign' : 'parallel', options);
    this.#steps = Object.entries(steps).map(([name, runnable]) => stepNamed(name, runnable, this.defaults));
    if (this.#steps.length === 0)
      throw new PawlError('bad_definition', `${this.name} has no steps; give it one or more`);
    requireCount(width, `the width of ${this.name}`, 'bad_definition');
    this.#width = width ?? Number.POSITIVE_INFINITY;
    this.#keepsInput = keepsInput;
  }

  protected override body(): StructureBody {
    return { kind: 'parallel', steps: this.#steps, width: this.#width, keepsInput: this.#keepsInput };
  }

  protected override async run(input: unknown, call: Call): Promise<unknown> {
    const before = this.#keepsInput ? this.#mapOf(input) : {};
    const scope = call.innerScope();
    try {
      const inner = call.within(scope);
      const outputs = await pooled(this.#steps.length, this.#width, scope, (index) =>
        runStep(this.#steps[index]!, input, inner),
      );
      const given = Object.fromEntries(this.#steps.map(({ name }, index) => [name, outputs[index]] as const));
      return { ...before, ...given };
    } finally {
      scope.close();
    }
  }

  #mapOf(input: unknown): Readonly<Record<string, unknown>> {
    if (isMap(input)) return input;
    throw new PawlError('bad_input', `the input of ${this.name} is no map, so nothing can be added to it; give a map`);
  }
}

/**
 * Gives every step the same input and comes to a map of what they give, by their names. The first that fails stops the others.
 *
 * @throws PawlError `bad_definition`: there are no steps, one can not be called, or an option is wrong.
 */
export function parallel<const Steps extends StepsByName, const Key extends string = string>(
  steps: Steps,
  options: ParallelOptions<Key> = {},
): Parallel<CommonInputOf<Steps[keyof Steps]>, Narrowed<OutputsOf<Steps>, Key>> {
  return new Parallel(steps, options, false);
}

/**
 * Adds to a map: the input's fields, and what the steps make of it by their names. A step goes before a field of its name.
 *
 * @throws PawlError as `parallel` does. A call with an input that is no map throws `bad_input`.
 */
export function assign<const Steps extends StepsByName, const Key extends string = string>(
  steps: Steps,
  options: ParallelOptions<Key> = {},
): Assign<CommonInputOf<Steps[keyof Steps]>, Steps, Key> {
  return new Parallel(steps, options, true);
}

type Assign<In, Steps extends StepsByName, Key extends string> = Parallel<
  In,
  Narrowed<Omit<In, keyof Steps> & OutputsOf<Steps>, Key>
>;

/** Gives its input back; a place in a `parallel` or `branch` where nothing is to be done. */
export function passthrough<Value>(): (input: Value) => Value {
  return function passthrough(input) {
    return input;
  };
}
