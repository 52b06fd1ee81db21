/**
 * What stands in for an action, a step or a task in a test: a value, an error, a function, several in turn, or nothing that ever comes.
 *
 * M1. A mock is found by the name of the call; where none has that, by the name of the action.
 * M2. A sequence moves on with each attempt. An attempt that is made again because a crash cut off what it had come to gets the same
 *     again: to the workflow it is the same attempt.
 */

import { ActionError } from '../worker/index.ts';

/** Answers in turn; made by `sequence`. */
export class Sequence {
  readonly answers: readonly MockAnswer[];

  constructor(answers: readonly MockAnswer[]) {
    this.answers = answers;
  }
}

class Hangs {
  readonly hangs = true;
}

/** The attempt never comes to an end by itself: its timeout, a cancel or a crash ends it. Time goes on meanwhile. */
export const hangs = new Hangs();

/** A function is called with what it stands in for is called with; an error is thrown; anything else is what the call gives. */
export type MockAnswer = unknown;
export type Mock = MockAnswer | Sequence;

/** One answer for each attempt, in turn. A call beyond the last fails with the kind `mock_exhausted`. */
export function sequence(...answers: readonly MockAnswer[]): Sequence {
  return new Sequence(answers);
}

/** What an attempt is told apart by. */
export interface MockedAttempt {
  readonly task: string;
  readonly action: string;
  readonly idempotencyKey: string;
}

interface Given {
  readonly place: number;
  readonly succeeded: boolean;
}

export class Mocks {
  readonly #byName: ReadonlyMap<string, Mock>;
  /** Answers that each sequence has given. */
  readonly #taken = new Map<string, number>();
  /** What the last attempt of a call was given. */
  readonly #given = new Map<string, Given>();

  constructor(mocks: Readonly<Record<string, Mock>>) {
    this.#byName = new Map(Object.entries(mocks));
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** True where the call is one that a value stands in for: it does nothing outside. */
  isInert(attempt: Pick<MockedAttempt, 'task' | 'action'>): boolean {
    const name = this.#nameOf(attempt);
    if (name === undefined) return false;
    const mock = this.#byName.get(name);
    const answers = mock instanceof Sequence ? mock.answers : [mock];
    return answers.every((answer) => typeof answer !== 'function');
  }

  has(attempt: Pick<MockedAttempt, 'task' | 'action'>): boolean {
    return this.#nameOf(attempt) !== undefined;
  }

  /** What this attempt is given; undefined where nothing stands in for it. */
  answerTo(attempt: MockedAttempt): { readonly answer: MockAnswer } | undefined {
    const name = this.#nameOf(attempt);
    if (name === undefined) return undefined;
    const mock = this.#byName.get(name);
    if (!(mock instanceof Sequence)) return { answer: mock };
    const before = this.#given.get(attempt.idempotencyKey);
    const place = before?.succeeded === true ? before.place : (this.#taken.get(name) ?? 0);
    if (place >= mock.answers.length) {
      const count = mock.answers.length;
      throw new ActionError(`the mock of "${name}" has ${count} answers, and this is attempt ${place + 1}`, {
        kind: 'mock_exhausted',
        retryable: false,
      });
    }
    this.#taken.set(name, Math.max(this.#taken.get(name) ?? 0, place + 1));
    this.#given.set(attempt.idempotencyKey, { place, succeeded: !(mock.answers[place] instanceof Error) });
    return { answer: mock.answers[place] };
  }

  #nameOf({ task, action }: Pick<MockedAttempt, 'task' | 'action'>): string | undefined {
    return [task, action].find((name) => this.#byName.has(name));
  }
}
