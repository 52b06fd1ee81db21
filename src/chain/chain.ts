/** A chain: each step gets what the one before gave. */

import { PawlError } from '../base/index.ts';
import type { Call } from './call.ts';
import { isThenable } from './chunks.ts';
import { Composite, type CompositeOptions } from './composite.ts';
import { namedSteps } from './configured-step.ts';
import type { ChunkOf, FirstOf, Fitting, InputOf, LastOf, Narrowed, OutputOf } from './fitting.ts';
import { runStep, streamStep } from './run-step.ts';
import type { AnyStep } from './runnable.ts';
import type { Step } from './step.ts';
import type { StructureBody } from './structure.ts';

export interface ChainOptions<Key extends string = string> extends CompositeOptions<Key> {}

export class Chain<In, Out, Chunk = Out> extends Composite<In, Out, Chunk> {
  readonly #steps: readonly Step[];
  readonly #last: Step;

  constructor(steps: readonly AnyStep[], options: ChainOptions) {
    super('chain', options);
    this.#steps = namedSteps(steps, this.defaults);
    const last = this.#steps.at(-1);
    if (last === undefined) throw new PawlError('bad_definition', `${this.name} has no steps; give it one or more`);
    this.#last = last;
  }

  protected override body(): StructureBody {
    return { kind: 'chain', steps: this.#steps };
  }

  protected override run(input: unknown, call: Call): unknown {
    return this.#through(this.#steps.length, input, call);
  }

  protected override async *chunks(input: unknown, call: Call): AsyncGenerator<unknown, void> {
    yield* streamStep(this.#last, await this.#through(this.#steps.length - 1, input, call), call);
  }

  /** The output of the first `count` steps. */
  async #through(count: number, input: unknown, call: Call): Promise<unknown> {
    let value = input;
    for (let index = 0; index < count; index += 1) {
      const given = runStep(this.#steps[index]!, value, call);
      value = isThenable(given) ? await given : given;
    }
    return value;
  }
}

/**
 * A chain of steps: functions, async generators, actions, and whatever has `invoke`, other chains and graphs among them.
 *
 * Each step gets what the one before gave, as it is; a step that does not fit the one before it does not compile. A chain
 * without memory, limits and signal adds under a microsecond to three functions. It may be called any number of times at once.
 *
 * @throws PawlError `bad_definition`: there are no steps, one can not be called, or an option is wrong.
 */
export function chain<const Steps extends readonly AnyStep[], const Key extends string = string>(
  steps: readonly [...Steps] & Fitting<Steps>,
  options: ChainOptions<Key> = {},
): Chain<InputOf<FirstOf<Steps>>, Narrowed<OutputOf<LastOf<Steps>>, Key>, Narrowed<ChunkOf<LastOf<Steps>>, Key>> {
  return new Chain(steps, options);
}
