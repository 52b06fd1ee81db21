/** A step with options of its own: `step(runnable, { name, timeoutMs, retries, collect })`. */

import { PawlError } from '../base/index.ts';
import type { Call } from './call.ts';
import { Composite } from './composite.ts';
import type { ChunkOf, InputOf, OutputOf } from './fitting.ts';
import { runStep, streamStep } from './run-step.ts';
import type { AnyStep } from './runnable.ts';
import { makeStep, ownNameOf, type Step, type StepDefaults, type StepOptions } from './step.ts';
import type { StructureBody } from './structure.ts';

export class ConfiguredStep<In, Out, Chunk> extends Composite<In, Out, Chunk> {
  readonly runnable: AnyStep;
  readonly options: StepOptions<never>;
  readonly #step: Step;

  constructor(runnable: AnyStep, options: StepOptions<never>) {
    const name = options.name ?? ownNameOf(runnable) ?? 'step';
    super('step', { name });
    this.runnable = runnable;
    this.options = options;
    this.#step = makeStep(runnable, name, options, this.defaults);
  }

  protected override body(): StructureBody {
    return { kind: 'step', steps: [this.#step] };
  }

  protected override run(input: unknown, call: Call): unknown {
    return runStep(this.#step, input, call);
  }

  protected override chunks(input: unknown, call: Call): AsyncGenerator<unknown, void> {
    return streamStep(this.#step, input, call);
  }
}

/**
 * The runnable as a step with a name, a timeout, retries, or its own way to put chunks together. What it says goes before what
 * its chain says.
 *
 * @throws PawlError `bad_definition`: an option is wrong.
 */
export function step<S extends AnyStep, Out = OutputOf<S>>(
  runnable: S,
  options: StepOptions<ChunkOf<S>, Out>,
): ConfiguredStep<InputOf<S>, Out, ChunkOf<S>> {
  return new ConfiguredStep(runnable, options);
}

/**
 * The steps of a chain, named so that no two have the same name: the second `fetch` is `fetch-2`.
 *
 * @throws PawlError `bad_definition`: one can not be called.
 */
export function namedSteps(runnables: readonly AnyStep[], defaults: StepDefaults): Step[] {
  const taken = new Set<string>();
  return runnables.map((runnable, index) => {
    const wanted = nameOf(runnable) ?? `step-${index + 1}`;
    let name = wanted;
    for (let count = 2; taken.has(name); count += 1) name = `${wanted}-${count}`;
    taken.add(name);
    return stepNamed(name, runnable, defaults);
  });
}

/** The runnable as the step of that name, with its own options where it has some. */
export function stepNamed(name: string, runnable: AnyStep, defaults: StepDefaults): Step {
  if (name === '') throw new PawlError('bad_definition', 'the name of a step is empty; give one');
  return runnable instanceof ConfiguredStep
    ? makeStep(runnable.runnable, name, runnable.options, defaults)
    : makeStep(runnable, name, {}, defaults);
}

function nameOf(runnable: AnyStep): string | undefined {
  // What can not be called has no name; it is refused with its place.
  return runnable === null || runnable === undefined ? undefined : ownNameOf(runnable);
}
