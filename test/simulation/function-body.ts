/** Carries out a random function through `run`, as somebody would have written it by hand. */

import { isJsonObject, type Json, type JsonObject } from '../../src/base/index.ts';
import type { FunctionWorkflow } from '../../src/definition/index.ts';
import { CanceledError, type RunContext, TaskFailed, workflow } from '../../src/engine/index.ts';
import {
  type Call,
  type FunctionPlan,
  keyOfCall,
  nameOf,
  outermost,
  ownMs,
  type Piece,
  type Place,
  placeOfItem,
  type Work,
} from './functions.ts';

export function functionOf(plan: FunctionPlan): FunctionWorkflow {
  return workflow(plan.name, (run, input: JsonObject) => new Body(plan, run, input).run());
}

class Body {
  readonly #plan: FunctionPlan;
  readonly #run: RunContext;
  readonly #input: JsonObject;
  /** What came of every call it heard of. */
  readonly #heard: string[] = [];
  #updates = 0;

  constructor(plan: FunctionPlan, run: RunContext, input: JsonObject) {
    this.#plan = plan;
    this.#run = run;
    this.#input = input;
  }

  async run(): Promise<Json> {
    const { main, update, renewals } = this.#plan;
    this.#run.query('heard', () => this.#heard.toSorted());
    if (update !== undefined) {
      this.#run.update('set', {
        validate: (asked) => {
          if (!isJsonObject(asked) || asked.odd === true) throw new Error('it is odd');
        },
        handle: async (asked) => {
          const u = (isJsonObject(asked) && asked.u) || null;
          this.#updates += 1;
          return { handled: u, value: await this.#piece(update, { ...outermost, suffix: ` for ${u}` }) };
        },
      });
    }
    const value = await this.#piece(main, outermost);
    const begun = Number(this.#input.begun ?? 0);
    if (begun < renewals) return this.#run.continueAsNew({ ...this.#input, begun: begun + 1 });
    return { value };
  }

  async #piece(piece: Piece, place: Place): Promise<Json> {
    const run = this.#run;
    switch (piece.kind) {
      case 'say':
        if (piece.how === 'publish') run.publish(nameOf(piece, place), piece.site);
        else run.emit(nameOf(piece, place), piece.site);
        return null;
      case 'throw':
        throw new Error(nameOf(piece, place));
      case 'sequence': {
        const values: Json[] = [];
        for (const one of piece.pieces) values.push(await this.#piece(one, place));
        return values;
      }
      case 'result':
        return this.#piece((await this.#call(piece.call, place)) === 1 ? piece.yes : piece.no, place);
      case 'chance':
        return this.#piece(run.random() < 0.5 ? piece.yes : piece.no, place);
      case 'patched':
        return this.#piece(run.patched(nameOf(piece, place)) ? piece.yes : piece.no, place);
      case 'try':
        try {
          return await this.#piece(piece.body, place);
        } catch (error) {
          if (error instanceof CanceledError && !piece.catchesCancel) throw error;
          return [described(error), await this.#piece(piece.handler, place)];
        }
      case 'finally':
        try {
          return await this.#piece(piece.body, place);
        } finally {
          await run.shield(() => this.#piece(piece.cleanup, place));
        }
      case 'all':
        return run.all(piece.branches.map((branch) => () => this.#piece(branch, place)));
      case 'race':
        return run.race(piece.branches.map((branch) => () => this.#piece(branch, place)));
      case 'any':
        return run.any(piece.branches.map((branch) => () => this.#piece(branch, place)));
      case 'map': {
        const items = Array.from({ length: piece.count }, (_, index) => index);
        return run.map(items, (index) => this.#piece(piece.body, placeOfItem(place, index)), { width: piece.width });
      }
      case 'shield':
        return run.shield(() => this.#piece(piece.body, place));
      case 'cancelable': {
        const { result, cancel } = run.cancelable(() => this.#piece(piece.body, place));
        // It is not waited for where `meanwhile` throws.
        result.catch(() => undefined);
        const value = await this.#piece(piece.meanwhile, place);
        cancel('enough');
        return [value, await result.catch(described)];
      }
      case 'compensate':
        run.compensate(() => this.#piece(piece.undo, place));
        return null;
      case 'until':
        return run.race([
          async () => {
            await run.waitUntil(() => this.#updates >= piece.updates);
            return 'enough';
          },
          () => this.#call(piece.sleep, place),
        ]);
      default:
        return this.#call(piece, place);
    }
  }

  async #call(call: Call, place: Place): Promise<Json> {
    const key = keyOfCall(call, place);
    try {
      const value = await this.#made(call, place);
      this.#heard.push(`${key}: gave`);
      return value;
    } catch (error) {
      this.#heard.push(`${key}: ${described(error)}`);
      throw error;
    }
  }

  async #made(call: Call, place: Place): Promise<Json> {
    const run = this.#run;
    switch (call.kind) {
      case 'task':
        return run.task(call.action, { site: call.site }, { name: nameOf(call, place), ...optionsOf(call) });
      case 'step': {
        const name = nameOf(call, place);
        const verify = call.once === 'probe' ? { verify: () => ({ happened: true, output: name }) as const } : {};
        return run.step<Json>(name, () => name, { ...optionsOf(call), ...verify });
      }
      case 'ask':
        return run.ask(nameOf(call, place), { site: call.site });
      case 'sleep':
        await run.sleep(ownMs(call, place) / 1000);
        return null;
      case 'signal': {
        const { name, tenths } = call;
        if (tenths === undefined) return run.signal(name);
        return (await run.signal(name, { timeout: ownMs({ ...call, tenths }, place) / 1000 })) ?? null;
      }
      default: {
        const { workflow: name, onParentClose, timeout } = call;
        const limit = timeout === undefined ? {} : { timeout };
        return run.child(name, { tag: nameOf(call, place) }, { onParentClose, ...limit });
      }
    }
  }
}

function optionsOf({ retry, timeout, deadline, startTimeout, intervention, once }: Work) {
  return {
    ...(retry === undefined ? {} : { retry }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(startTimeout === undefined ? {} : { startTimeout }),
    ...(intervention === undefined ? {} : { intervention }),
    ...(once === undefined ? {} : { effect: 'once' as const }),
  };
}

function described(error: unknown): string {
  if (error instanceof CanceledError) return 'canceled';
  if (error instanceof TaskFailed) return `${error.kind} of ${error.task}`;
  if (error instanceof AggregateError) return 'none';
  return error instanceof Error ? error.message : String(error);
}
