/**
 * The places at which something can go wrong with a run, in the terms of its workflow: after each commit, after each effect and before
 * its result is kept, with signals early, with results in another order.
 */

import { stepAction } from '../engine/index.ts';
import type { AttemptOrder, Recorded } from '../kernel/index.ts';
import { decodeEvents } from '../kernel/index.ts';
import type { Bundle } from '../store/index.ts';

export type CrashPlace =
  /** Nothing goes wrong: a second run as quiet as the first. */
  | { readonly kind: 'again' }
  /** The process dies once this commit is durable, and before anybody has heard of it. From 1. */
  | { readonly kind: 'commit'; readonly commit: number }
  /** It dies once a worker has done what it was asked to, and before the result is kept. Counted from 1. */
  | { readonly kind: 'effect'; readonly effect: number }
  /** The signals up to this one are sent right after that commit. */
  | { readonly kind: 'early'; readonly signal: number; readonly commit: number }
  /** Results of attempts that run at the same time come in another order. */
  | { readonly kind: 'order'; readonly order: ResultOrder };

export type ResultOrder = 'reversed' | 'rotated' | 'shuffled';

/** The short text under which a place can be tried alone. */
export function placeText(place: CrashPlace): string {
  switch (place.kind) {
    case 'again':
      return 'again';
    case 'commit':
      return `commit:${place.commit}`;
    case 'effect':
      return `effect:${place.effect}`;
    case 'early':
      return `early:${place.signal}@${place.commit}`;
    case 'order':
      return `order:${place.order}`;
  }
}

/** What happened in a run that nothing went wrong with: the places there are, and what they are called. */
export class Course {
  /** What each commit held, in words; the first is the first. */
  readonly commits: string[] = [];
  /** What each effect was. */
  readonly effects: string[] = [];
  /** After how many commits each signal was sent. */
  readonly signals: { readonly name: string; readonly afterCommits: number; readonly isTimed: boolean }[] = [];
  /** Attempts that ran at the same time, at most. */
  widest = 0;
  /** True where more than one call was open at the same time: which of them ends first is not the workflow's to say. */
  isParallel = false;
  #open = 0;
  readonly #names = new Map<string, string>();
  /** Runs of durable functions: their calls have numbers. */
  readonly #functions = new Set<string>();
  readonly #rootRun: string;

  constructor(rootRun: string) {
    this.#rootRun = rootRun;
  }

  committed(bundles: readonly Bundle[]): void {
    const words: string[] = [];
    for (const { appends } of bundles)
      for (const append of appends)
        for (const event of decodeEvents(append, append.at)) {
          if (event.type === 'TaskScheduled') this.#open += 1;
          if (event.type === 'TaskEnded') this.#open -= 1;
          if (this.#open > 1) this.isParallel = true;
          const said = this.#wordsFor(append.run, event);
          if (said !== undefined) words.push(said);
        }
    this.commits.push(words.join(', '));
  }

  worked(order: AttemptOrder, atOnce: number): void {
    const item = order.item === undefined ? '' : ` (item ${order.item})`;
    this.effects.push(`${this.#name(order.run, order.task) ?? `the task "${order.name}"`}${item}`);
    this.widest = Math.max(this.widest, atOnce);
  }

  /** All places of this course. */
  places(order: 'any' | 'kept'): readonly CrashPlace[] {
    const places: CrashPlace[] = [];
    for (let commit = 1; commit <= this.commits.length; commit += 1) places.push({ kind: 'commit', commit });
    for (let effect = 1; effect <= this.effects.length; effect += 1) places.push({ kind: 'effect', effect });
    for (const [signal, { afterCommits, isTimed }] of this.signals.entries()) {
      // What is sent at a certain time is another thing when it comes earlier, and so is what is sent behind it.
      if (isTimed) break;
      for (let commit = 1; commit < afterCommits; commit += 1) places.push({ kind: 'early', signal, commit });
    }
    if (order === 'any' && this.widest > 1) {
      places.push({ kind: 'order', order: 'reversed' });
      if (this.widest > 2) places.push({ kind: 'order', order: 'rotated' }, { kind: 'order', order: 'shuffled' });
    }
    return places;
  }

  /** What goes wrong at a place, so that it reads on from "when". */
  inWords(place: CrashPlace): string {
    switch (place.kind) {
      case 'again':
        return 'it is run a second time, without any crash';
      case 'commit': {
        const held = this.commits[place.commit - 1];
        return `the process dies right after ${held === undefined || held === '' ? `commit ${place.commit}` : held}`;
      }
      case 'effect':
        return `the process dies after ${this.effects[place.effect - 1] ?? `effect ${place.effect}`} had run, before its result was kept`;
      case 'early': {
        const name = this.signals[place.signal]?.name ?? '';
        return `the signal "${name}" comes early, right after ${this.commits[place.commit - 1] || `commit ${place.commit}`}`;
      }
      case 'order':
        return `results of what runs at the same time come in another order (${place.order})`;
    }
  }

  #wordsFor(run: string, event: Recorded): string | undefined {
    const of = run === this.#rootRun ? '' : ' of a sub-workflow';
    switch (event.type) {
      case 'RunStarted':
        if (event.style === 'function') this.#functions.add(run);
        return run === this.#rootRun
          ? 'its start was kept'
          : `the start of the sub-workflow "${event.workflow}" was kept`;
      case 'TaskScheduled': {
        this.#names.set(`${run}/${event.task}`, nameOf(event, this.#functions.has(run)) + of);
        return `${this.#name(run, event.task)} was made`;
      }
      case 'TaskEnded':
        return event.dropped === true ? undefined : `the result of ${this.#name(run, event.task)} was kept`;
      case 'ItemEnded':
        return `the result of item ${event.item} of ${this.#name(run, event.task)} was kept`;
      case 'RetryScheduled':
        return `a failure of ${this.#name(run, event.task)} was kept`;
      case 'SignalReceived':
        return `the signal "${event.name}" was kept`;
      case 'CancelRequested':
        return `the cancel${of} was kept`;
      case 'RunEnded':
        return run === this.#rootRun ? 'its end was kept' : 'the end of a sub-workflow was kept';
      default:
        return undefined;
    }
  }

  #name(run: string, task: number): string | undefined {
    return this.#names.get(`${run}/${task}`);
  }
}

const kinds: { readonly [kind: string]: string } = { receive: 'signal', ask: 'question', workflow: 'sub-workflow' };

function nameOf({ spec }: Recorded & { readonly type: 'TaskScheduled' }, isOfFunction: boolean): string {
  const { name, kind, action, route, undoes } = spec;
  if (undoes !== undefined) return `the undoing "${name}"`;
  const what = action === stepAction ? 'step' : (kinds[kind] ?? 'task');
  const call = isOfFunction && route !== undefined ? `call ${route}, ` : '';
  return kind === 'sleep' && isOfFunction ? `${call}a sleep` : `${call}the ${what} "${name}"`;
}
