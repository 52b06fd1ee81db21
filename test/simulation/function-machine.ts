/**
 * Foretells what a random function does, without running it: strands of its pieces, as generators that wait for cells, moved by what
 * the history says happened. There is no promise in it, no microtask, and nothing of what the engine runs functions with.
 *
 * It is as `docs/functions.md` has it: a cancel takes along all that is inside but for shielded parts; a call in a canceled part
 * is no call and rejects at once; who loses a race, or goes on beside something that failed, is canceled.
 */

import type { Json, JsonObject } from '../../src/base/index.ts';
import type { Outcome } from '../../src/kernel/index.ts';
import { seededRandom } from '../../src/kernel/index.ts';
import {
  type Call,
  type FunctionPlan,
  keyOfCall,
  nameOf,
  outermost,
  type Piece,
  type Place,
  placeOfItem,
} from './functions.ts';

export type Result =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly canceled: boolean; readonly text: string };

const canceled: Result = { ok: false, canceled: true, text: 'canceled' };

/** A call as the machine has it. */
export interface MadeCall {
  readonly key: string;
  readonly isShielded: boolean;
  readonly isChild: boolean;
  /** The name under which it fails. */
  readonly name: string;
  readonly settle: (result: Result) => void;
  /** True once the function does not wait for it any more, though it is not over. */
  left: boolean;
  over: boolean;
}

/** How the function came to its end. */
export type End =
  | { readonly how: 'returned'; readonly value: Json }
  | { readonly how: 'threw'; readonly text: string }
  | { readonly how: 'renews'; readonly input: JsonObject };

class Cell {
  result: Result | undefined;
  readonly #heard: ((result: Result) => void)[] = [];
  readonly #later: (job: () => void) => void;

  constructor(later: (job: () => void) => void) {
    this.#later = later;
  }

  settle(result: Result): void {
    if (this.result !== undefined) return;
    this.result = result;
    for (const hear of this.#heard) this.#later(() => hear(result));
  }

  hear(hear: (result: Result) => void): void {
    const { result } = this;
    if (result === undefined) this.#heard.push(hear);
    else this.#later(() => hear(result));
  }
}

class Scope {
  readonly isShielded: boolean;
  readonly isWithinShield: boolean;
  readonly inner: Scope[] = [];
  readonly waiting = new Set<() => void>();
  canceled: boolean;

  constructor(parent: Scope | undefined, isShielded = false) {
    this.isShielded = isShielded;
    this.isWithinShield = isShielded || parent?.isWithinShield === true;
    this.canceled = !isShielded && parent?.canceled === true;
    parent?.inner.push(this);
  }
}

/** First all of them are canceled, then each hears of it. */
function cancelAll(scopes: readonly Scope[]): void {
  const reached = [...scopes];
  for (const scope of reached) {
    if (!scope.canceled) reached.push(...scope.inner.filter(({ isShielded }) => !isShielded));
    scope.canceled = true;
  }
  for (const { waiting } of reached) for (const hear of [...waiting]) hear();
}

type Strand = Generator<Cell, Result, Result>;

export class FunctionMachine {
  readonly #plan: FunctionPlan;
  readonly #input: JsonObject;
  readonly #root = new Scope(undefined);
  readonly #jobs: (() => void)[] = [];
  readonly #conditions: { readonly updates: number; readonly met: () => void }[] = [];
  readonly #undo: (() => Strand)[] = [];
  readonly #random: () => number;
  #updates = 0;
  /** Calls by their keys, in the order they were made. */
  readonly calls = new Map<string, MadeCall>();
  /** What it has said, asked for as a patch, and answered, and nobody has seen yet. */
  readonly said: { readonly name: string; readonly value: Json | undefined }[] = [];
  readonly patches = new Set<string>();
  readonly answers = new Map<string, Result>();
  /** Updates that were answered before it was run again: that stays, whatever their handlers come to now. */
  readonly answered = new Set<string>();
  /** Updates that are being handled. */
  answering = 0;
  readonly heard: string[] = [];
  end: End | undefined;
  /** What cannot be: two calls of one key. */
  fault: string | undefined;

  constructor(plan: FunctionPlan, input: JsonObject, seed: number) {
    this.#plan = plan;
    this.#input = input;
    this.#random = seededRandom(seed, -1);
  }

  // ---- what happens to it ---------------------------------------------------------------------------------------

  begin(): void {
    this.#begin(this.#main());
    this.#rest();
  }

  cancel(): void {
    cancelAll([this.#root]);
    this.#rest();
  }

  ended(call: MadeCall, outcome: Outcome): void {
    call.over = true;
    if (outcome.status === 'succeeded') call.settle({ ok: true, value: outcome.output });
    else if (outcome.status === 'canceled') call.settle(canceled);
    else call.settle({ ok: false, canceled: false, text: `${outcome.failure.kind} of ${call.name}` });
    this.#rest();
  }

  update(id: string, input: JsonObject): void {
    const { update } = this.#plan;
    if (update === undefined) {
      this.fault = `it took the update ${id}, and takes none`;
      return;
    }
    this.answering += 1;
    this.#updates += 1;
    const place: Place = { ...outermost, suffix: ` for ${String(input.u)}` };
    const done = this.#begin(this.#piece(update, place, this.#root));
    done.hear((result) => {
      this.answering -= 1;
      if (this.answered.has(id)) return;
      this.answers.set(id, result.ok ? { ok: true, value: { handled: input.u ?? null, value: result.value } } : result);
    });
    this.#rest();
  }

  // ---------------------------------------------------------------------------------------------------------------

  #rest(): void {
    for (;;) {
      for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) job();
      const met = this.#conditions.findIndex(({ updates }) => this.#updates >= updates);
      if (met === -1) return;
      this.#conditions.splice(met, 1)[0]?.met();
    }
  }

  #cell(): Cell {
    return new Cell((job) => this.#jobs.push(job));
  }

  #begin(strand: Strand): Cell {
    const done = this.#cell();
    const go = (result: Result | undefined): void => {
      const next = result === undefined ? strand.next() : strand.next(result);
      if (next.done === true) done.settle(next.value);
      else next.value.hear(go);
    };
    go(undefined);
    return done;
  }

  *#main(): Strand {
    const { main, renewals } = this.#plan;
    const result = yield* this.#piece(main, outermost, this.#root);
    if (result.ok) {
      const begun = Number(this.#input.begun ?? 0);
      this.end =
        begun < renewals
          ? { how: 'renews', input: { ...this.#input, begun: begun + 1 } }
          : { how: 'returned', value: { value: result.value } };
      return result;
    }
    let failed = 0;
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) {
      const undone = yield* undo();
      if (!undone.ok) failed += 1;
    }
    for (; failed > 0; failed -= 1) this.said.push({ name: 'compensation_failed', value: undefined });
    this.end = { how: 'threw', text: result.text };
    return result;
  }

  *#piece(piece: Piece, place: Place, scope: Scope): Strand {
    switch (piece.kind) {
      case 'say':
        this.said.push({ name: nameOf(piece, place), value: piece.site });
        return { ok: true, value: null };
      case 'throw':
        return { ok: false, canceled: false, text: nameOf(piece, place) };
      case 'sequence': {
        const values: Json[] = [];
        for (const one of piece.pieces) {
          const result = yield* this.#piece(one, place, scope);
          if (!result.ok) return result;
          values.push(result.value);
        }
        return { ok: true, value: values };
      }
      case 'result': {
        const result = yield* this.#call(piece.call, place, scope);
        if (!result.ok) return result;
        return yield* this.#piece(result.value === 1 ? piece.yes : piece.no, place, scope);
      }
      case 'chance':
        return yield* this.#piece(this.#random() < 0.5 ? piece.yes : piece.no, place, scope);
      case 'patched':
        this.patches.add(nameOf(piece, place));
        return yield* this.#piece(piece.yes, place, scope);
      case 'try': {
        const result = yield* this.#piece(piece.body, place, scope);
        if (result.ok || (result.canceled && !piece.catchesCancel)) return result;
        const handled = yield* this.#piece(piece.handler, place, scope);
        return handled.ok ? { ok: true, value: [result.text, handled.value] } : handled;
      }
      case 'finally': {
        const result = yield* this.#piece(piece.body, place, scope);
        const cleaned = yield* this.#piece(piece.cleanup, place, new Scope(scope, true));
        return cleaned.ok ? result : cleaned;
      }
      case 'all':
      case 'race':
      case 'any': {
        const works = piece.branches.map((branch) => (own: Scope) => this.#piece(branch, place, own));
        return yield this.#together(piece.kind, works, scope);
      }
      case 'map': {
        const values = new Array<Json>(piece.count).fill(null);
        const left = Array.from({ length: piece.count }, (_, index) => index);
        const lane = (own: Scope): Strand => this.#lane(left, values, piece, place, own);
        const lanes = new Array<typeof lane>(Math.min(piece.width, piece.count)).fill(lane);
        const result: Result = yield this.#together('all', lanes, scope);
        return result.ok ? { ok: true, value: values } : result;
      }
      case 'shield':
        return yield* this.#piece(piece.body, place, new Scope(scope, true));
      case 'cancelable': {
        const own = new Scope(scope);
        const body = this.#begin(this.#piece(piece.body, place, own));
        const meanwhile = yield* this.#piece(piece.meanwhile, place, scope);
        if (!meanwhile.ok) return meanwhile;
        cancelAll([own]);
        const result: Result = yield body;
        return { ok: true, value: [meanwhile.value, result.ok ? result.value : result.text] };
      }
      case 'compensate':
        this.#undo.push(() => this.#piece(piece.undo, place, new Scope(this.#root, true)));
        return { ok: true, value: null };
      case 'until': {
        const works = [
          (own: Scope) => this.#until(piece.updates, own),
          (own: Scope) => this.#call(piece.sleep, place, own),
        ];
        return yield this.#together('race', works, scope);
      }
      default:
        return yield* this.#call(piece, place, scope);
    }
  }

  *#lane(left: number[], values: Json[], map: Piece & { kind: 'map' }, place: Place, scope: Scope): Strand {
    for (let index = left.shift(); index !== undefined; index = left.shift()) {
      const result = yield* this.#piece(map.body, placeOfItem(place, index), scope);
      if (!result.ok) return result;
      values[index] = result.value;
    }
    return { ok: true, value: null };
  }

  #together(kind: 'all' | 'race' | 'any', works: readonly ((scope: Scope) => Strand)[], around: Scope): Cell {
    const outcome = this.#cell();
    const scopes = works.map(() => new Scope(around));
    const values = new Array<Json>(works.length).fill(null);
    let left = works.length;
    const decide = (result: Result): void => {
      cancelAll(scopes);
      outcome.settle(result);
    };
    for (const [place, work] of works.entries()) {
      this.#begin(work(scopes[place]!)).hear((result) => {
        left -= 1;
        if (result.ok) values[place] = result.value;
        if (kind === 'race') decide(result);
        else if (kind === 'all' && !result.ok) decide(result);
        else if (kind === 'any' && result.ok) decide(result);
        else if (left === 0 && kind === 'all') outcome.settle({ ok: true, value: values });
        else if (left === 0) decide(around.canceled ? canceled : { ok: false, canceled: false, text: 'none' });
      });
    }
    return outcome;
  }

  *#until(updates: number, scope: Scope): Strand {
    if (scope.canceled) return canceled;
    if (this.#updates >= updates) return { ok: true, value: 'enough' };
    const met = this.#cell();
    const condition = { updates, met: () => met.settle({ ok: true, value: 'enough' }) };
    this.#conditions.push(condition);
    const leave = (): void => {
      const index = this.#conditions.indexOf(condition);
      if (index !== -1) this.#conditions.splice(index, 1);
      met.settle(canceled);
    };
    scope.waiting.add(leave);
    const result: Result = yield met;
    scope.waiting.delete(leave);
    return result;
  }

  *#call(call: Call, place: Place, scope: Scope): Strand {
    const key = keyOfCall(call, place);
    const result = scope.canceled ? canceled : yield* this.#made(call, key, place, scope);
    this.heard.push(`${key}: ${result.ok ? 'gave' : result.text}`);
    return result;
  }

  *#made(call: Call, key: string, place: Place, scope: Scope): Strand {
    const cell = this.#cell();
    const made: MadeCall = {
      key,
      isShielded: scope.isWithinShield,
      isChild: call.kind === 'child',
      name: failsAs(call, place),
      settle: (result) => cell.settle(result),
      left: false,
      over: false,
    };
    if (this.calls.get(key)?.over === false) this.fault = `two calls are ${key}`;
    this.calls.set(key, made);
    const leave = (): void => {
      if (made.over || made.left) return;
      made.left = true;
      cell.settle(canceled);
    };
    scope.waiting.add(leave);
    const result: Result = yield cell;
    scope.waiting.delete(leave);
    const isLate = !result.ok && call.kind === 'signal' && result.text === `timeout of ${made.name}`;
    return isLate || (result.ok && call.kind === 'sleep') ? { ok: true, value: null } : result;
  }
}

function failsAs(call: Call, place: Place): string {
  if (call.kind === 'child') return call.workflow;
  if (call.kind === 'signal') return call.name;
  return call.kind === 'sleep' ? 'sleep' : nameOf(call, place);
}
