/** One step for each item of a list. */

import { assert, PawlError } from '../base/index.ts';
import { type Call, requireCount } from './call.ts';
import { Composite, type CompositeOptions } from './composite.ts';
import { namedSteps } from './configured-step.ts';
import type { InputOf, OutputOf } from './fitting.ts';
import { pooled } from './pool.ts';
import { runStep } from './run-step.ts';
import type { AnyStep } from './runnable.ts';
import type { Step } from './step.ts';
import type { StructureBody } from './structure.ts';

export interface MapOptions extends CompositeOptions {
  /** Items at once; default 8. */
  readonly width?: number | undefined;
}

const defaultWidth = 8;

export class MapOver<Item, Out> extends Composite<readonly Item[], Out[]> {
  readonly #step: Step;
  readonly #width: number;

  constructor(runnable: AnyStep, { width = defaultWidth, ...options }: MapOptions) {
    super('map', options);
    requireCount(width, `the width of ${this.name}`, 'bad_definition');
    this.#width = width;
    const [step] = namedSteps([runnable], this.defaults);
    assert(step !== undefined, 'one runnable makes one step');
    this.#step = step;
  }

  protected override body(): StructureBody {
    return { kind: 'map', steps: [this.#step], width: this.#width };
  }

  protected override async run(input: unknown, call: Call): Promise<unknown> {
    if (!Array.isArray(input)) {
      throw new PawlError('bad_input', `the input of ${this.name} is no list; it runs its step for each item of one`);
    }
    const items: readonly unknown[] = input;
    const scope = call.innerScope();
    try {
      const inner = call.within(scope);
      return await pooled(items.length, this.#width, scope, (index) => runStep(this.#step, items[index], inner, index));
    } finally {
      scope.close();
    }
  }
}

/**
 * Runs the step for each item of a list, so many at once, and comes to the list of what it gives, in the order of the items.
 * The step sees its position as `context.item`. The first item that fails stops the others.
 *
 * @throws PawlError `bad_definition`: the step can not be called, or an option is wrong. A call with something else than a list throws
 *   `bad_input`.
 */
export function map<S extends AnyStep>(runnable: S, options: MapOptions = {}): MapOver<InputOf<S>, OutputOf<S>> {
  return new MapOver(runnable, options);
}
