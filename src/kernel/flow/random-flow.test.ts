/** Random documents, random results, random commands: what must hold of every run, whatever it is. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Instant, type Json, type JsonObject, type RunId, workflowVersion } from '../../base/index.ts';
import { inspectFlow } from '../../definition/index.ts';
import { decodeEvents, encodeEvents } from '../codec.ts';
import type { Command } from '../command.ts';
import { begin, decide } from '../decide.ts';
import type { KernelOptions } from '../deciding.ts';
import { nextDue } from '../due.ts';
import type { Recorded } from '../events.ts';
import { evolve, nextItem } from '../evolve.ts';
import { assertConsistent } from '../liveness.ts';
import type { Program } from '../program.ts';
import { isFinal, newRun, type RunState } from '../run.ts';
import { freezeRun, thawRun } from '../snapshot.ts';
import type { Outcome } from '../task.ts';
import { flowProgram } from './program.ts';

const options: KernelOptions = { lossesMax: 3, stepsMax: 5 };
const names = ['a', 'b', 'c', 'd', 'e', 'f'];

interface RandomTask {
  readonly kind: number;
  readonly join: number;
  readonly retry: number;
  readonly delay: number;
  readonly next: readonly { readonly when: number; readonly publish: number; readonly targets: readonly number[] }[];
}

const randomTask: fc.Arbitrary<RandomTask> = fc.record({
  kind: fc.nat({ max: 7 }),
  join: fc.nat({ max: 5 }),
  retry: fc.nat({ max: 4 }),
  delay: fc.nat({ max: 6 }),
  next: fc.array(
    fc.record({
      when: fc.nat({ max: 5 }),
      publish: fc.nat({ max: 3 }),
      targets: fc.array(fc.nat({ max: 8 }), { minLength: 1, maxLength: 3 }),
    }),
    { maxLength: 3 },
  ),
});

function documentOf(tasks: readonly RandomTask[], first: boolean): string {
  const body: { [name: string]: JsonObject } = {};
  tasks.forEach((task, place) => {
    const shapes: JsonObject[] = [
      { action: 'work.do', input: { x: '<% ctx(n) %>' } },
      { action: 'work.do' },
      {},
      {
        with: { items: '<% range(3) %>', ...(task.delay > 3 ? { concurrency: 2 } : {}) },
        action: 'work.do',
        input: { i: '<% item() %>' },
      },
      { action: 'core.sleep', input: { seconds: 1 } },
      { action: 'core.receive', input: { signal: 'go', timeout: 5 } },
      { action: 'core.ask', input: { question: '?' } },
      { with: { items: '<% range(2) %>' }, action: 'core.sleep', input: { seconds: 2 } },
    ];
    const conditions = [
      undefined,
      '<% succeeded() %>',
      '<% failed() %>',
      '<% ctx(n) < 4 %>',
      '<% result() = 1 %>',
      '<% completed() %>',
    ];
    const publishes: (Json | undefined)[] = [
      undefined,
      [{ n: '<% ctx(n) + 1 %>' }],
      [{ [`v${place}`]: '<% result() %>' }],
      [{ n: '<% ctx(n) + 1 %>' }, { m: { deep: '<% ctx(n) %>' } }],
    ];
    const targets = [...names.slice(0, tasks.length), 'noop', 'fail', 'continue'];
    body[names[place]!] = {
      ...shapes[task.kind]!,
      ...(task.join === 1 ? { join: 'all' } : task.join === 2 ? { join: 1 } : {}),
      ...(task.retry === 1
        ? { retry: { count: 2, delay: 1 } }
        : task.retry === 2
          ? { retry: { count: 1, when: '<% failed() %>' } }
          : {}),
      ...(task.delay === 1 ? { delay: 1 } : {}),
      ...(task.next.length === 0
        ? {}
        : {
            next: task.next.map(({ when, publish, targets: places }) => ({
              ...(conditions[when] === undefined ? {} : { when: conditions[when]! }),
              ...(publishes[publish] === undefined ? {} : { publish: publishes[publish]! }),
              do: [...new Set(places.map((at) => targets[at % targets.length]!))],
            })),
          }),
    } as JsonObject;
  });
  return JSON.stringify({
    version: '1.0',
    ...(first ? { match: 'first' } : {}),
    vars: [{ n: 0 }],
    tasks: body,
    output: [{ n: '<% ctx(n) %>' }],
  });
}

/** A driver that chooses by the numbers it is given. */
class Player {
  readonly program: Program;
  run: RunState = newRun('r' as RunId);
  readonly history: Recorded[] = [];
  now = 1_000;
  readonly #choices: readonly number[];
  #next = 0;

  constructor(program: Program, choices: readonly number[]) {
    this.program = program;
    this.#choices = choices;
  }

  choose(below: number): number {
    const choice = this.#choices[this.#next % this.#choices.length] ?? 0;
    this.#next += 1;
    return (choice + (this.#next >> 3)) % below;
  }

  begin(from: readonly string[] | undefined): void {
    const started = {
      type: 'RunStarted',
      workflow: 'w',
      version: workflowVersion('v'),
      style: 'flow',
      input: {},
      seed: 7,
      iterationsMax: 6,
      from,
    } as const;
    this.#keep(begin(this.run, started, this.now as Instant, this.program, options).events);
  }

  send(command: Command): boolean {
    const decision = decide(this.run, command, this.now as Instant, this.program, options);
    if (decision.accepted) this.#keep(decision.events);
    assertConsistent(this.run, this.program);
    return decision.accepted;
  }

  /** One move; false where nothing can be done any more. */
  move(chaos: boolean): boolean {
    const { run } = this;
    const moves: (() => void)[] = [];
    for (const number of run.ready) moves.push(() => this.#start(number));
    for (const task of run.open.values()) {
      if (task.items === undefined && task.status === 'running')
        moves.push(() => this.#complete(task.task, undefined, task.attempt));
      task.items?.status.forEach((status, item) => {
        if (status === 'running' && !task.waits?.has(item))
          moves.push(() => this.#complete(task.task, item, task.items!.attempt[item]!));
      });
      if (task.spec.kind === 'noop') moves.push(() => this.send({ type: 'Continue' }));
      if (task.spec.kind === 'ask' && task.waits !== undefined)
        moves.push(() => this.send({ type: 'Answer', task: task.task, answer: 1 }));
    }
    const due = nextDue(run);
    if (due !== undefined) {
      moves.push(() => {
        this.now = Math.max(this.now, due);
        this.send({ type: 'PassTime' });
      });
    }
    if (chaos) {
      const commands: Command[] = [
        { type: 'Pause' },
        { type: 'Resume' },
        { type: 'LoseAttempts', alive: [] },
        { type: 'Signal', name: 'go', payload: 1 },
      ];
      moves.push(() => this.send(commands[this.choose(commands.length)]!));
      if (this.choose(12) === 0) moves.push(() => this.send({ type: 'Cancel' }));
    } else if (run.status === 'paused' || run.status === 'pausing') {
      moves.push(() => this.send({ type: 'Resume' }));
    }
    if (moves.length === 0) return false;
    moves[this.choose(moves.length)]!();
    return true;
  }

  #start(number: number): void {
    const task = this.run.open.get(number)!;
    this.send({ type: 'StartAttempt', task: number, item: task.items && nextItem(task.items) });
  }

  #complete(task: number, item: number | undefined, attempt: number): void {
    const outcomes: Outcome[] = [
      { status: 'succeeded', output: 1 },
      { status: 'succeeded', output: { __proto__: null, k: [1, 'x'] } as unknown as Json },
      { status: 'failed', output: 'bad', failure: { kind: 'failed', message: 'bad' } },
      { status: 'succeeded', output: null },
    ];
    this.send({ type: 'CompleteAttempt', task, item, attempt, outcome: outcomes[this.choose(outcomes.length)]! });
  }

  #keep(events: readonly Recorded[]): void {
    this.history.push(...events);
  }
}

describe('given a random flow document and a random driver', () => {
  it('when it is driven, then it always can move until it ends, and its history folds to the same state', () => {
    let ended = 0;
    fc.assert(
      fc.property(
        fc.array(randomTask, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        fc.array(fc.nat({ max: 50 }), { minLength: 5, maxLength: 60 }),
        (tasks, first, choices) => {
          const { definition } = inspectFlow(documentOf(tasks, first), { tolerate: ['context', 'semantics'] });
          if (definition?.style !== 'flow') return;
          const program = flowProgram(definition);
          const player = new Player(program, choices);
          player.begin(definition.hasEntryPoint ? undefined : ['a']);
          assertConsistent(player.run, program);
          for (let moves = 0; moves < 60 && !isFinal(player.run.status); moves += 1) {
            player.move(true);
            if (moves % 7 === 3) player.run = thawRun(player.run.id, freezeRun(player.run, program), program);
          }
          for (let moves = 0; moves < 3_000 && !isFinal(player.run.status); moves += 1) {
            if (!player.move(false)) break;
          }
          expect(player.run.status).toSatisfy(isFinal);
          ended += 1;

          const { run, history } = player;
          const again = newRun(run.id);
          for (let at = 0; at < history.length; at += 3) {
            const slice = history.slice(at, at + 3);
            const base = slice[0]!.at;
            for (const event of decodeEvents(encodeEvents(slice, base), base)) evolve(again, event, program);
          }
          expect(freezeRun(again, program)).toBe(freezeRun(run, program));
        },
      ),
      { numRuns: Number(globalThis.process?.env?.PAWL_RUNS ?? 400) },
    );
    expect(ended).toBeGreaterThan(200);
  });
});
