/**
 * Who waits for the answer to an update.
 *
 * Whoever asks is kept here and not in the run: an answer may take days, in which the run leaves memory and comes back.
 */

import { type Json, PawlError, type RunId } from '../../base/index.ts';
import {
  type FunctionState,
  functionNote,
  type Recorded,
  type RunState,
  type UpdateState,
  unnamedUpdate,
} from '../../kernel/index.ts';

interface Asker {
  readonly resolve: (answer: Json) => void;
  readonly reject: (error: unknown) => void;
}

export class UpdateDesk {
  readonly #askers = new Map<RunId, Map<string, Asker[]>>();

  /** What became of an update that its sender named; undefined where it is new. */
  answerIn(state: RunState, id: string): UpdateState | undefined {
    return state.style === 'function' ? (state.program as FunctionState).updates.get(named(id)) : undefined;
  }

  /** Keeps who asks until the answer is there. Gives the id under which the run knows the update. */
  wait(state: RunState, { id, resolve, reject }: Asker & { readonly id: string | undefined }): string {
    const known = id === undefined ? `${unnamedUpdate}${(state.program as FunctionState).asked}` : named(id);
    let askers = this.#askers.get(state.id);
    if (askers === undefined) {
      askers = new Map();
      this.#askers.set(state.id, askers);
    }
    const waiting = askers.get(known);
    if (waiting === undefined) askers.set(known, [{ resolve, reject }]);
    else waiting.push({ resolve, reject });
    return known;
  }

  /** What is to be called once these events are durable. */
  settledBy(run: RunId, events: readonly Recorded[]): readonly (() => void)[] {
    const askers = this.#askers.get(run);
    if (askers === undefined) return [];
    return events.flatMap((event) => {
      if (event.type !== 'ProgramNoted') return [];
      const note = functionNote(event);
      if (note?.[0] !== 'answered' && note?.[0] !== 'update_failed') return [];
      const waiting = askers.get(note[1]) ?? [];
      const answer: UpdateState =
        note[0] === 'answered'
          ? { status: 'answered', output: event.values ?? null }
          : { status: 'failed', message: note[2] };
      return waiting.map((asker) => () => {
        askers.delete(note[1]);
        if (askers.size === 0) this.#askers.delete(run);
        settleUpdate(asker, answer);
      });
    });
  }

  /** Nobody will answer any more. */
  end(run: RunId, error: unknown): void {
    const askers = this.#askers.get(run);
    this.#askers.delete(run);
    for (const waiting of askers?.values() ?? []) for (const { reject } of waiting) reject(error);
  }

  /** The same, where the error is made only if somebody asked. */
  endAsked(run: RunId, error: () => unknown): void {
    if (this.#askers.has(run)) this.end(run, error());
  }

  endAll(error: unknown): void {
    for (const run of [...this.#askers.keys()]) this.end(run, error);
  }
}

/** Tells who asked what the function came to. */
export function settleUpdate({ resolve, reject }: Asker, answer: UpdateState): void {
  if (answer.status === 'answered') resolve(answer.output);
  else if (answer.status === 'failed') reject(new PawlError('failed', answer.message));
}

/** A name that cannot be mistaken for an unnamed one. */
function named(id: string): string {
  return id.startsWith(unnamedUpdate) ? ` ${id}` : id;
}
