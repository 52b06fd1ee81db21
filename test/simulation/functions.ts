/**
 * Random durable functions, as data: what `function-body.ts` carries out through `run`, and `function-model.ts` foretells.
 *
 * Every call can be told from all others of its run by what is recorded of it (`keyOf`): the model need not know in which order
 * calls of one moment are made. What runs at the same time as something else begins with a call, catches no cancel, and neither draws
 * numbers nor arms compensations: then what comes of it does not depend on which promise is told first.
 */

import type { JsonObject } from '../../src/base/index.ts';
import type { TaskSpec } from '../../src/kernel/index.ts';
import type { SeededRandom } from '../../src/testing/simulation.ts';

/** An attempt that a worker makes: of an action, or of a closure in place. */
export interface Work {
  readonly kind: 'task' | 'step';
  readonly site: number;
  readonly action: string;
  readonly retry?: { readonly count: number; readonly delay: number } | undefined;
  readonly timeout?: number | undefined;
  readonly deadline?: number | undefined;
  readonly startTimeout?: number | undefined;
  readonly intervention?: boolean | undefined;
  readonly once?: 'probe' | 'ask' | undefined;
}

export interface ChildCall {
  readonly kind: 'child';
  readonly site: number;
  readonly workflow: string;
  readonly onParentClose: 'cancel' | 'terminate' | 'abandon';
  readonly timeout: number | undefined;
}

export interface SignalCall {
  readonly kind: 'signal';
  readonly site: number;
  readonly name: string;
  /** Tenths of a second before what tells it from others is added; undefined: without end. */
  readonly tenths: number | undefined;
}

export type Call =
  | Work
  | ChildCall
  | SignalCall
  | { readonly kind: 'ask'; readonly site: number }
  | { readonly kind: 'sleep'; readonly site: number; readonly tenths: number };

export type Piece =
  | Call
  | { readonly kind: 'say'; readonly site: number; readonly how: 'publish' | 'emit' }
  | { readonly kind: 'throw'; readonly site: number }
  | { readonly kind: 'sequence'; readonly pieces: readonly Piece[] }
  /** Goes one of two ways: by what a call gave, by a random number, or by a patch. */
  | { readonly kind: 'result'; readonly call: Call; readonly yes: Piece; readonly no: Piece }
  | { readonly kind: 'chance'; readonly yes: Piece; readonly no: Piece }
  | { readonly kind: 'patched'; readonly site: number; readonly yes: Piece; readonly no: Piece }
  | { readonly kind: 'try'; readonly body: Piece; readonly handler: Piece; readonly catchesCancel: boolean }
  /** The cleanup is shielded. */
  | { readonly kind: 'finally'; readonly body: Piece; readonly cleanup: Piece }
  | { readonly kind: 'all' | 'race' | 'any'; readonly branches: readonly Piece[] }
  | { readonly kind: 'map'; readonly count: number; readonly width: number; readonly body: Piece }
  | { readonly kind: 'shield'; readonly body: Piece }
  /** Begins `body`, does `meanwhile`, cancels `body`, and waits for it. */
  | { readonly kind: 'cancelable'; readonly body: Piece; readonly meanwhile: Piece }
  | { readonly kind: 'compensate'; readonly undo: Piece }
  /** Waits until so many updates were taken up, or until a sleep is over. */
  | { readonly kind: 'until'; readonly updates: number; readonly sleep: Call };

export interface FunctionPlan {
  readonly name: string;
  readonly main: Piece;
  /** Handles updates of the name `set`. */
  readonly update: Piece | undefined;
  /** How often it begins anew. */
  readonly renewals: number;
  /** Signals that it waits for somewhere. */
  readonly signals: readonly string[];
}

/** Where in its run a piece is carried out: it tells apart what is carried out several times. */
export interface Place {
  /** Added to names. */
  readonly suffix: string;
  /** Added to times, in milliseconds; below 100. */
  readonly offsetMs: number;
}

export const outermost: Place = { suffix: '', offsetMs: 0 };

export function placeOfItem({ suffix, offsetMs }: Place, index: number): Place {
  return { suffix: `${suffix}.${index}`, offsetMs: offsetMs * 10 + index };
}

/** Milliseconds by which a sleep, or the patience of a signal, is told from all others of its run. */
export function ownMs({ site, tenths }: { site: number; tenths: number }, { offsetMs }: Place): number {
  return tenths * 10_000 + site * 100 + offsetMs;
}

export function nameOf(call: { readonly kind: string; readonly site: number }, { suffix }: Place): string {
  return `${call.kind}${call.site}${suffix}`;
}

/** What tells the call from all others of its run. */
export function keyOfCall(call: Call, place: Place): string {
  switch (call.kind) {
    case 'sleep':
      return `sleep ${ownMs(call, place)}`;
    case 'signal':
      return call.tenths === undefined
        ? `signal ${call.name}`
        : `signal ${call.name} ${ownMs({ ...call, tenths: call.tenths }, place)}`;
    default:
      return nameOf(call, place);
  }
}

/** The same of a call that was recorded. */
export function keyOf({ kind, name, input }: TaskSpec): string {
  const fields = input as JsonObject;
  const ms = (seconds: unknown): number => Math.round(Number(seconds) * 1000);
  if (kind === 'sleep') return `sleep ${ms(fields.seconds)}`;
  if (kind === 'receive') return `signal ${name}${fields.timeout === undefined ? '' : ` ${ms(fields.timeout)}`}`;
  if (kind === 'workflow') return String((fields.input as JsonObject).tag);
  return name;
}

interface Room {
  readonly depth: number;
  /** True where nothing else of the function goes on at the same time. */
  readonly alone: boolean;
  /** True where the first thing must be a call. */
  readonly first: boolean;
  /** True in what may be carried out several times at once under names that only differ in text. */
  readonly named: boolean;
}

/** A function whose sub-workflows are at most `depth` levels deep: the names `child1.yaml`, `child2.yaml`. */
export function randomFunction(random: SeededRandom, name: string, depth: number): FunctionPlan {
  let sites = 0;
  const signals = new Set<string>();
  const site = (): number => {
    sites += 1;
    return sites;
  };

  const work = (): Work => {
    const roll = random.below(100);
    const kind = random.chance(0.5) ? 'task' : 'step';
    const plain: Work = { kind, site: site(), action: random.chance(0.8) ? 'work.do' : 'work.other' };
    if (roll < 45) return plain;
    if (roll < 65) return { ...plain, retry: { count: random.between(1, 3), delay: random.between(0, 3) } };
    if (roll < 75) return { ...plain, timeout: random.between(1, 4), retry: { count: random.below(2), delay: 1 } };
    if (roll < 90) {
      const timeout = random.chance(0.3) ? { timeout: random.between(1, 4) } : {};
      const retry = random.chance(0.3) ? { retry: { count: 1, delay: 1 } } : {};
      return { ...plain, ...timeout, ...retry, once: kind === 'step' && random.chance(0.7) ? 'probe' : 'ask' };
    }
    if (roll < 94) return { ...plain, deadline: random.between(2, 20) };
    if (roll < 97) return { ...plain, startTimeout: random.between(1, 5) };
    return { ...plain, intervention: true };
  };

  const sleep = (): Call => ({ kind: 'sleep', site: site(), tenths: random.pick([0, 0, 1]) });

  const call = ({ alone, named }: Room): Call => {
    const roll = random.below(100);
    if (roll < 50) return work();
    if (roll < 58) return { kind: 'ask', site: site() };
    if (roll < 68 && depth > 0) {
      const onParentClose = random.pick(['cancel', 'cancel', 'terminate', 'abandon'] as const);
      const timeout = random.chance(0.2) ? random.between(2, 15) : undefined;
      return { kind: 'child', site: site(), workflow: `child${depth}.yaml`, onParentClose, timeout };
    }
    if (named) return work();
    if (roll < 84) return sleep();
    const own = site();
    const shared = random.pick(['go', 'stop']);
    // Two that wait for one name without a limit could not be told apart.
    const tenths = random.chance(0.6) ? random.pick([0, 1]) : undefined;
    const called = tenths !== undefined || alone ? shared : `own${own}`;
    signals.add(called);
    return { kind: 'signal', site: own, name: called, tenths };
  };

  const branches = (room: Room): Piece[] =>
    Array.from({ length: random.between(2, 3) }, () =>
      piece({ ...room, depth: room.depth - 1, alone: false, first: true }),
    );

  const piece = (room: Room): Piece => {
    const { depth: left, alone, first } = room;
    const inner = { ...room, depth: left - 1 };
    const later = { ...inner, first: false };
    const kinds: Piece['kind'][] = ['task', 'task'];
    if (!first) kinds.push('say');
    if (left > 0) {
      kinds.push('sequence', 'sequence', 'result', 'try', 'finally', 'all', 'race', 'any', 'shield', 'cancelable');
      // Items are told apart by one digit.
      if (!room.named) kinds.push('map');
      if (!first) kinds.push('patched');
      if (alone && !first) kinds.push('chance', 'compensate', 'compensate');
    }
    const kind = random.pick(kinds);
    switch (kind) {
      case 'say':
        return { kind, site: site(), how: random.chance(0.5) ? 'publish' : 'emit' };
      case 'sequence':
        return { kind, pieces: [piece(inner), ...several(later)] };
      case 'result':
        return { kind, call: call(room), yes: piece(later), no: piece(later) };
      case 'chance':
        return { kind, yes: piece(later), no: piece(later) };
      case 'patched':
        return { kind, site: site(), yes: piece(later), no: piece(later) };
      case 'try': {
        const body = random.chance(0.3)
          ? ({ kind: 'sequence', pieces: [piece(inner), { kind: 'throw', site: site() }] } as const)
          : piece(inner);
        return { kind, body, handler: piece(later), catchesCancel: alone && random.chance(0.4) };
      }
      case 'finally':
        return { kind, body: piece(inner), cleanup: call({ ...later, alone: false }) };
      case 'all':
      case 'race':
      case 'any':
        return { kind, branches: branches(room) };
      case 'map': {
        const body = piece({ ...inner, alone: false, first: true, named: true });
        return { kind, count: random.between(1, 4), width: random.between(1, 3), body };
      }
      case 'shield':
        return { kind, body: piece(inner) };
      case 'cancelable':
        return {
          kind,
          body: piece({ ...inner, alone: false, first: true }),
          meanwhile: piece({ ...later, alone: false, first: true }),
        };
      case 'compensate':
        return { kind, undo: call({ ...later, alone: false }) };
      default:
        return call(room);
    }
  };

  const several = (room: Room): Piece[] => Array.from({ length: random.between(1, 3) }, () => piece(room));

  const whole: Room = { depth: 3, alone: true, first: false, named: false };
  const pieces = [...several(whole), ...several(whole)];
  const takesUpdates = random.chance(0.5);
  if (takesUpdates && random.chance(0.5))
    pieces.splice(random.below(pieces.length), 0, { kind: 'until', updates: random.between(1, 2), sleep: sleep() });
  if (random.chance(0.1)) pieces.push({ kind: 'throw', site: site() });
  return {
    name,
    main: { kind: 'sequence', pieces },
    update: takesUpdates
      ? piece({ depth: random.pick([0, 0, 1, 2]), alone: false, first: random.chance(0.7), named: true })
      : undefined,
    renewals: random.chance(0.2) ? random.between(1, 2) : 0,
    signals: [...signals],
  };
}
