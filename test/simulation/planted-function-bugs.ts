/** Bugs planted in what runs durable functions: their replay, scopes, updates, signals, once-only attempts. */

import { Execution } from '../../src/engine/functions/execution.ts';
import { FunctionHost } from '../../src/engine/functions/host.ts';
import { RunContext } from '../../src/engine/functions/run-context.ts';
import { CancelScope } from '../../src/engine/functions/scopes.ts';
import { UpdateDesk } from '../../src/engine/functions/update-desk.ts';
import { Deciding } from '../../src/kernel/deciding.ts';
import { functionProgram, type Outcome, type Recorded } from '../../src/kernel/index.ts';
import { changedEvolve, type PlantedBug, replace } from './planted-bug.ts';

/** Changes the history that a function is run over when its run comes back to memory. */
function changedReplay(change: (history: readonly Recorded[]) => readonly Recorded[]): () => void {
  return replace(
    FunctionHost.prototype,
    'replay',
    (original) =>
      function (state, workflow, history) {
        return original.call(this, state, workflow, change(history));
      },
  );
}

function noteOf(event: Recorded): string | undefined {
  return event.type === 'ProgramNoted' && Array.isArray(event.note) ? String(event.note[0]) : undefined;
}

function isResult(event: Recorded | undefined): boolean {
  return event?.type === 'TaskEnded' && event.dropped !== true;
}

/** Each two results that stand next to each other, the other way round. */
function swapped(history: readonly Recorded[]): Recorded[] {
  const results = [...history.keys()].filter((place) => isResult(history[place]));
  const events = [...history];
  for (let index = 1; index < results.length; index += 2) {
    const [one, other] = [results[index - 1]!, results[index]!];
    const isScheduled = events.slice(0, one).some((event) => {
      const later = events[other];
      return event.type === 'TaskScheduled' && later?.type === 'TaskEnded' && event.task === later.task;
    });
    if (isScheduled) [events[one], events[other]] = [events[other]!, events[one]!];
  }
  return events;
}

export const plantedFunctionBugs: readonly PlantedBug[] = [
  { name: 'results-replayed-in-another-order', seeds: 100, patch: () => changedReplay(swapped) },
  {
    name: 'cancel-forgotten-in-a-replay',
    seeds: 100,
    patch: () => changedReplay((history) => history.filter(({ type }) => type !== 'CancelRequested')),
  },
  {
    name: 'said-again-after-a-replay',
    seeds: 100,
    patch: () => changedReplay((history) => history.filter((event) => noteOf(event) !== 'said')),
  },
  {
    name: 'update-handled-twice-under-one-id',
    seeds: 100,
    patch: () => replace(UpdateDesk.prototype, 'answerIn', () => () => undefined),
  },
  {
    name: 'update-answered-before-its-commit',
    seeds: 100,
    patch: () =>
      replace(
        UpdateDesk.prototype,
        'settledBy',
        (original) =>
          function (run, events) {
            for (const settle of original.call(this, run, events)) settle();
            return [];
          },
      ),
  },
  {
    name: 'loser-of-a-race-goes-on',
    seeds: 40,
    patch: () =>
      replace(
        Deciding.prototype,
        'tell',
        (original) =>
          function (directive) {
            const isLeft =
              directive.type === 'drop' && this.run.style === 'function' && this.program.isOpen?.(this.run);
            return isLeft === true ? -1 : original.call(this, directive);
          },
      ),
  },
  {
    name: 'cancel-does-not-reach-nested-scopes',
    seeds: 100,
    patch: () =>
      replace(
        CancelScope.prototype,
        'cancel',
        (original) =>
          function (reason) {
            // One that is canceled from around it, two levels down.
            const isNested = this.parent?.canceled !== undefined && this.parent.parent !== undefined;
            if (!isNested) original.call(this, reason);
          },
      ),
  },
  {
    name: 'shielded-call-is-canceled',
    seeds: 100,
    patch: () => {
      const descriptor = Object.getOwnPropertyDescriptor(CancelScope.prototype, 'isSafe')!;
      Object.defineProperty(CancelScope.prototype, 'isSafe', { configurable: true, get: () => false });
      return () => Object.defineProperty(CancelScope.prototype, 'isSafe', descriptor);
    },
  },
  {
    name: 'compensation-run-twice',
    seeds: 150,
    patch: () =>
      replace(
        RunContext.prototype,
        'compensate',
        (original) =>
          function (undo) {
            original.call(this, undo);
            original.call(this, undo);
          },
      ),
  },
  {
    name: 'once-only-attempt-repeated',
    seeds: 100,
    patch: () =>
      replace(
        Deciding.prototype,
        'loseAttempt',
        (original) =>
          function (task, item) {
            if (task.spec.once === undefined) original.call(this, task, item);
            else this.emit({ type: 'AttemptLost', task: task.task, item });
          },
      ),
  },
  {
    name: 'lost-outcome-taken-for-a-failure',
    seeds: 200,
    patch: () =>
      replace(
        Deciding.prototype,
        'endAttempt',
        (original) =>
          function (task, item, outcome) {
            const isLost = outcome.status === 'failed' && outcome.failure.kind === 'timeout';
            if (!isLost || task.spec.once === undefined) return original.call(this, task, item, outcome);
            const failure = { ...outcome.failure, kind: 'failed' };
            return original.call(this, task, item, { ...outcome, failure });
          },
      ),
  },
  {
    name: 'signals-lost-where-a-run-begins-anew',
    seeds: 300,
    patch: () =>
      changedEvolve(functionProgram(), (run, event, fold) => {
        if (event.type === 'RunRenewed') run.signals.clear();
        fold();
      }),
  },
  {
    name: 'result-of-a-child-taken-for-that-of-another',
    seeds: 200,
    patch: () => {
      const children = new WeakMap<Execution, Set<number>>();
      const last = new WeakMap<Execution, Outcome>();
      return replace(
        Execution.prototype,
        'observe',
        (original) =>
          function (event) {
            const own = children.get(this) ?? new Set();
            children.set(this, own);
            if (event.type === 'TaskScheduled' && event.spec.kind === 'workflow') own.add(event.task);
            if (event.type !== 'TaskEnded' || event.dropped === true || !own.has(event.task)) {
              original.call(this, event);
              return;
            }
            original.call(this, { ...event, outcome: last.get(this) ?? event.outcome });
            last.set(this, event.outcome);
          },
      );
    },
  },
  {
    name: 'closure-of-the-step-before',
    seeds: 20,
    patch: () =>
      replace(
        Execution.prototype,
        'stepOf',
        (original) =>
          function (call) {
            return original.call(this, call - 1) ?? original.call(this, call);
          },
      ),
  },
  {
    name: 'random-numbers-differ-in-a-replay',
    seeds: 300,
    patch: () =>
      replace(
        Execution.prototype,
        'random',
        () =>
          function () {
            return (this.state.revision * 0.618) % 1;
          },
      ),
  },
  {
    name: 'function-not-run-again-where-its-run-comes-back',
    seeds: 100,
    patch: () => replace(FunctionHost.prototype, 'take', () => () => undefined),
  },
];
