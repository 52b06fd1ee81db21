/**
 * Random graphs whose tasks have random policies, under random commands: the run can always move until it ends, its state is
 * the fold of its stored history, and what succeeded and can be undone is undone once, or the run succeeded.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Instant, type Json, type RunId, workflowVersion } from '../../src/base/index.ts';
import { inspectFlow } from '../../src/definition/index.ts';
import {
  assertConsistent,
  begin,
  type Command,
  dagProgram,
  decide,
  decodeEvents,
  encodeEvents,
  evolve,
  flowProgram,
  freezeRun,
  isFinal,
  type KernelOptions,
  newRun,
  nextDue,
  nextItem,
  type Program,
  type Recorded,
  type RunState,
  thawRun,
} from '../../src/kernel/index.ts';
import { failed, succeeded } from './world.ts';

const options: KernelOptions = { lossesMax: 3, stepsMax: 4 };

interface RandomTask {
  readonly needs: readonly number[];
  readonly kind: number;
  readonly policies: number;
  readonly group: number;
}

const randomTask: fc.Arbitrary<RandomTask> = fc.record({
  needs: fc.uniqueArray(fc.nat({ max: 4 }), { maxLength: 2 }),
  kind: fc.nat({ max: 7 }),
  policies: fc.nat({ max: 63 }),
  group: fc.nat({ max: 5 }),
});

function documentOf(tasks: readonly RandomTask[], failure: string, style: 'dag' | 'flow'): string {
  const body: { [name: string]: Json } = {};
  tasks.forEach(({ needs, kind, policies, group }, at) => {
    const has = (bit: number): boolean => (policies & (1 << bit)) !== 0;
    const shapes: Json[] = [
      { action: 'do.it' },
      { action: 'do.it' },
      { priority: 50 },
      { action: 'do.it', with: { items: '<% range(2) %>', concurrency: 1 } },
      { action: 'core.sleep', input: { seconds: 4 } },
      { action: 'core.receive', input: { signal: 'go', timeout: 9 } },
      { action: 'core.ask', input: { question: '?' } },
      { action: 'core.workflow', input: { workflow: 'w' } },
    ];
    const isList = kind === 3;
    const before = needs
      .map((back) => at - 1 - back)
      .filter((need) => need >= 0)
      .map((need) => `t${need}`);
    const after = needs
      .map((on) => at + 1 + on)
      .filter((next) => next < tasks.length)
      .map((next) => `t${next}`);
    body[`t${at}`] = {
      ...(shapes[kind] as object),
      ...(style === 'dag' ? { needs: before } : {}),
      ...(style === 'flow' && after.length > 0 ? { next: [{ when: '<% succeeded() %>', do: after }] } : {}),
      ...(has(0) ? { compensate: { action: 'undo.it', retry: { count: 1, delay: 2 } } } : {}),
      ...(has(1) ? { deadline: 5 } : {}),
      // A list that misses its deadline and asks a person is a fault of its own: see faults.test.ts.
      ...(has(2) && !(isList && has(1)) ? { intervention: true } : {}),
      ...(has(3) ? { fallback: 'do.other' } : {}),
      ...(has(4) ? { retry: { count: 1, delay: 3 } } : {}),
      ...(has(5) ? { cache: { key: `t${at}` } } : {}),
      ...(group < 2 ? { group: `g${group}` } : {}),
    } as Json;
  });
  return JSON.stringify({ version: '1.0', ...(style === 'dag' ? { failure } : {}), tasks: body });
}

class Player {
  readonly program: Program;
  run: RunState = newRun('r' as RunId);
  readonly history: Recorded[] = [];
  readonly #choices: readonly number[];
  #next = 0;
  now = 1_000;

  constructor(program: Program, choices: readonly number[]) {
    this.program = program;
    this.#choices = choices;
    const started = {
      type: 'RunStarted',
      workflow: 'w',
      version: workflowVersion('v'),
      style: program.style,
      input: {},
      seed: 7,
      iterationsMax: 6,
    } as const;
    this.history.push(...begin(this.run, started, this.now as Instant, program, options).events);
  }

  choose(below: number): number {
    const choice = this.#choices[this.#next % this.#choices.length]!;
    this.#next += 1;
    return (choice + (this.#next >> 3)) % below;
  }

  send(command: Command): boolean {
    const decision = decide(this.run, command, this.now as Instant, this.program, options);
    if (decision.accepted) this.history.push(...decision.events);
    assertConsistent(this.run, this.program);
    return decision.accepted;
  }

  move(chaos: boolean): boolean {
    const { run } = this;
    const moves: (() => void)[] = [];
    const push = (command: Command): unknown => moves.push(() => this.send(command));
    for (const number of run.ready) {
      const task = run.open.get(number)!;
      push({ type: 'StartAttempt', task: number, item: task.items && nextItem(task.items) });
      if (task.spec.cache !== undefined && task.attempt === 0)
        push({ type: 'ReuseResult', task: number, output: 1, from: { run: 'q' as RunId, task: 0 } });
    }
    for (const task of run.open.values()) {
      const end = (item: number | undefined, attempt: number): void => {
        moves.push(() => {
          const outcome = this.choose(3) === 0 ? failed() : succeeded(1);
          this.send({ type: 'CompleteAttempt', task: task.task, item, attempt, outcome });
        });
      };
      if (task.items === undefined && task.status === 'running') end(undefined, task.attempt);
      task.items?.status.forEach((status, item) => {
        if (status === 'running' && !task.waits?.has(item)) end(item, task.items!.attempt[item]!);
      });
      if (task.asked !== undefined) {
        const choice = (['retry', 'skip', 'fail'] as const)[this.choose(3)]!;
        push({ type: 'Decide', task: task.task, choice, output: 2, reason: undefined });
      } else if (task.spec.kind === 'ask' && task.waits !== undefined)
        push({ type: 'Answer', task: task.task, item: undefined, answer: 1 });
      if (task.spec.kind === 'workflow' && task.waits !== undefined) {
        const outcome = this.choose(3) === 0 ? failed() : succeeded(1);
        push({ type: 'CompleteChild', task: task.task, item: undefined, round: task.retries, outcome });
      }
      if (task.spec.kind === 'noop') push({ type: 'Continue' });
    }
    const due = nextDue(run);
    if (due !== undefined) {
      moves.push(() => {
        this.now = Math.max(this.now, due);
        this.send({ type: 'PassTime' });
      });
    }
    if (run.status === 'paused' || run.status === 'pausing') push({ type: 'Resume' });
    if (chaos) {
      if (this.choose(4) === 0) push({ type: 'Pause' });
      push({ type: 'Signal', name: 'go', payload: 1, id: undefined });
      if (this.choose(4) === 0) push({ type: 'LoseAttempts', alive: [] });
      if (this.choose(14) === 0) push({ type: 'Cancel', reason: undefined });
    }
    if (moves.length === 0) return false;
    moves[this.choose(moves.length)]!();
    return true;
  }
}

describe.each(['dag', 'flow'] as const)('given a random %s with random policies and a random driver', (style) => {
  it('when it is driven, then it ends, folds to the same state, and leaves nothing half undone', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(
        fc.array(randomTask, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('stop', 'skip', 'partial'),
        fc.array(fc.nat({ max: 90 }), { minLength: 6, maxLength: 60 }),
        (tasks, failure, choices) => {
          const { definition, errors } = inspectFlow(documentOf(tasks, failure, style), {
            tolerate: ['semantics', 'context'],
          });
          if (definition === undefined) throw new Error(JSON.stringify(errors));
          const program = definition.style === 'dag' ? dagProgram(definition) : flowProgram(definition);
          const player = new Player(program, choices);
          for (let moves = 0; moves < 500 && !isFinal(player.run.status); moves += 1) {
            if (!player.move(moves < 60)) break;
            if (moves % 3 === 0) player.run = thawRun(player.run.id, freezeRun(player.run, program), program);
          }
          const { run, history } = player;
          expect(run.status).toSatisfy(isFinal);
          seen.set(run.status, (seen.get(run.status) ?? 0) + 1);

          const again = newRun(run.id);
          for (let at = 0; at < history.length; at += 3) {
            const slice = history.slice(at, at + 3);
            const base = slice[0]!.at;
            for (const event of decodeEvents(encodeEvents(slice, base), base)) evolve(again, event, program);
          }
          expect(freezeRun(again, program)).toBe(freezeRun(run, program));

          const armed = history.flatMap((event) => (event.type === 'CompensationArmed' ? [event.task] : []));
          const undone = history.flatMap((event) =>
            event.type === 'TaskScheduled' && event.spec.undoes !== undefined ? [event.spec.undoes] : [],
          );
          expect(new Set(undone).size).toBe(undone.length);
          if (run.status !== 'succeeded') expect([...undone].sort()).toEqual([...armed].sort());
          const names = history.flatMap((event) => (event.type === 'TaskScheduled' ? [event.spec.name] : []));
          const own = names.filter((name) => !name.startsWith('undo '));
          if (style === 'dag') expect(new Set(own).size).toBe(own.length);
        },
      ),
      { numRuns: Number(globalThis.process?.env?.PAWL_RUNS ?? 600) },
    );
    expect([...seen.keys()].sort()).toEqual(['canceled', 'failed', 'succeeded']);
  });
});
