/** What the history of a run holds of its function: what the code has to agree with when it is run again. */

import { functionNote, type Recorded, type RunState, type TaskSpec } from '../../kernel/index.ts';
import type { StoreReader } from '../../store/index.ts';
import { storedHistory } from '../view.ts';
import { stepAction } from './step-action.ts';
import { transactionAction } from './transaction.ts';

/** What a call is told apart by when it is made again. */
export interface Recognised {
  readonly kind: TaskSpec['kind'] | 'step' | 'transaction';
  readonly name: string;
}

export function recognised({ kind, name, action }: Pick<TaskSpec, 'kind' | 'name' | 'action'>): Recognised {
  if (action === stepAction) return { kind: 'step', name };
  return { kind: action === transactionAction ? 'transaction' : kind, name };
}

const words: { readonly [kind in Recognised['kind']]?: string } = {
  action: 'the task',
  receive: 'the signal',
  ask: 'the question',
  workflow: 'the child',
};

/** The call in a sentence. */
export function shown({ kind, name }: Recognised): string {
  return kind === 'sleep' ? 'a sleep' : `${words[kind] ?? `the ${kind}`} "${name}"`;
}

/** All that a function hears of: the rest of a history is the kernel's. */
const heard = [
  'RunStarted',
  'RunRenewed',
  'RunReopened',
  'TaskScheduled',
  'TaskEnded',
  'ProgramNoted',
  'CancelRequested',
  'AttributesSet',
  'RunFailing',
  'RunEnded',
] as const;

/** What a function is run over again: of its history, since it began or began anew, what it heard of; up to how its run stands. */
export function replayedHistory({ id, begunAt, revision }: RunState, store: StoreReader): Promise<readonly Recorded[]> {
  return storedHistory(id, store, { only: heard, after: begunAt, upTo: revision });
}

export class Recording {
  /** Calls in the order they were made. */
  readonly calls: Recognised[] = [];
  readonly patches = new Map<string, boolean>();
  /** Updates that were answered. */
  readonly answered = new Set<string>();
  /** Things said: they have no number of their own, so they are counted. */
  said = 0;
  /** Times that the function set attributes. */
  attributesSet = 0;
  ended = false;

  constructor(history: readonly Recorded[] = []) {
    for (const event of history) this.#take(event);
  }

  #take(event: Recorded): void {
    if (event.type === 'TaskScheduled' && event.spec.undoes === undefined) this.calls.push(recognised(event.spec));
    if (event.type === 'AttributesSet' && event.asked !== true) this.attributesSet += 1;
    const note = functionNote(event);
    switch (note?.[0]) {
      case 'patched':
        this.patches.set(note[1], note[3]);
        return;
      case 'answered':
      case 'update_failed':
        this.answered.add(note[1]);
        return;
      case 'said':
        this.said += 1;
        return;
      case 'emitted':
        // What a step emits is not the function's own word.
        if (note[2] === undefined) this.said += 1;
        return;
      case 'returned':
      case 'threw':
        this.ended = true;
        return;
      default:
        return;
    }
  }
}
