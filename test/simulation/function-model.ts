/**
 * Holds what becomes durable of a run of a random function against what its machine foretells: after every commit the calls that are
 * open, what was said, what updates were answered with, and at the end how it ended and with what.
 */

import { canonicalJson, type Json, type JsonObject, jsonEqual } from '../../src/base/index.ts';
import type { Recorded } from '../../src/kernel/index.ts';
import { type End, FunctionMachine, type MadeCall, type Result } from './function-machine.ts';
import { type FunctionPlan, keyOf } from './functions.ts';

type EventOf<T extends Recorded['type']> = Extract<Recorded, { type: T }>;

interface RecordedCall {
  readonly made: MadeCall | undefined;
  readonly key: string;
  readonly number: number;
}

export class FunctionModel {
  readonly #plan: FunctionPlan;
  readonly #tell: (what: string) => void;
  #machine: FunctionMachine;
  /** How much of what it heard is told by its last commit, and by the one before. */
  #heardNow: readonly [FunctionMachine, number];
  #heardBefore: readonly [FunctionMachine, number];
  /** What has happened since it began, or began anew. */
  #history: Recorded[] = [];
  /** Calls that are open by what is recorded, by task. */
  readonly #open = new Map<number, RecordedCall>();
  /** Keys of calls that were recorded, and are not over, in this machine. */
  readonly #recorded = new Map<MadeCall, number>();
  #calls = 0;
  #bundle = 0;
  #leftIn = new Map<MadeCall, number>();
  /** Calls that were dropped in this bundle though the function waits for them. */
  #cutOff: string[] = [];
  #canceling = false;
  #limited = false;
  #told: End['how'] | undefined;
  #final = false;
  /** True after a rerun, until the function has been run again: that is another commit. */
  #comesBack = false;
  readonly #updates = new Map<string, { answer: string | undefined }>();

  constructor(plan: FunctionPlan, started: EventOf<'RunStarted'>, tell: (what: string) => void) {
    this.#plan = plan;
    this.#tell = tell;
    this.#machine = new FunctionMachine(plan, started.input, started.seed);
    this.#heardNow = [this.#machine, 0];
    this.#heardBefore = this.#heardNow;
    this.#history.push(started);
    this.#machine.begin();
  }

  /**
   * What its query may answer: by what is durable, or, where it was asked before what shares its commit, by what was so before.
   * None where it may answer anything.
   */
  get heard(): readonly (readonly string[])[] {
    if (this.#final || this.#comesBack || this.#limited) return [];
    const [before, count] = this.#heardBefore;
    return [this.#machine.heard.toSorted(), before.heard.slice(0, count).toSorted()];
  }

  /** True while it is to be run again over its history: it may have nothing open. */
  get comesBack(): boolean {
    return this.#comesBack;
  }

  /** What an update was answered with, durably. */
  answerTo(id: string): string | undefined {
    return this.#updates.get(id)?.answer;
  }

  event(event: Recorded): void {
    this.#history.push(event);
    switch (event.type) {
      case 'RunRenewed':
        return this.#renewed(event);
      case 'TaskScheduled':
        if (event.spec.undoes === undefined) this.#scheduled(event);
        return;
      case 'TaskEnded':
        return this.#ended(event);
      case 'CancelRequested':
        this.#canceling = true;
        this.#machine.cancel();
        return;
      case 'RunFailing':
        // A limit of the run was met: the function is not asked any more.
        if (this.#told === undefined) this.#limited = true;
        return;
      case 'ProgramNoted':
        return this.#noted(event.note as readonly Json[], event.values ?? null);
      case 'RunEnded':
        return this.#runEnded(event);
      case 'RunReopened':
        this.#final = false;
        return;
      default:
        return;
    }
  }

  /** Once a bundle that holds some of its events is folded. */
  afterBundle(): void {
    this.#bundle += 1;
    this.#heardBefore = this.#heardNow;
    this.#heardNow = [this.#machine, this.#machine.heard.length];
    const machine = this.#machine;
    if (machine.fault !== undefined) this.#tell(machine.fault);
    const cutOff = this.#cutOff.splice(0);
    if (this.#final || this.#limited || this.#isHeld) return;
    if (cutOff.length > 0) this.#tell(`${cutOff.join(', ')} was dropped while the function waits for it`);
    const missing: string[] = [];
    const open = new Set<MadeCall>();
    for (const { made, key } of this.#open.values()) {
      if (made === undefined) continue;
      open.add(made);
      if (made.left) this.#tell(`${key} is open and the function has left it`);
    }
    for (const made of machine.calls.values()) {
      if (made.left && !this.#leftIn.has(made)) this.#leftIn.set(made, this.#bundle);
      if (!made.over && !made.left && !open.has(made)) missing.push(made.key);
      else if (made.left && !this.#recorded.has(made) && !made.over) missing.push(made.key);
    }
    const silent = [
      ...missing.map((key) => `the call ${key}`),
      ...machine.said.map(({ name }) => `the word ${name}`),
      ...[...machine.patches].map((name) => `the patch ${name}`),
      ...[...machine.answers.keys()].map((id) => `the answer to ${id}`),
    ];
    const mayEnd = machine.answering === 0 || this.#canceling;
    if (machine.end !== undefined && this.#told === undefined && mayEnd) silent.push(`that it ${machine.end.how}`);
    if (silent.length === 0) this.#comesBack = false;
    else if (!this.#comesBack) this.#tell(`not recorded: ${silent.join(', ')}`);
  }

  /** True while it is about to leave a child that may have to be brought into memory first: nothing is told meanwhile. */
  get #isHeld(): boolean {
    const { end } = this.#machine;
    const endsNow = end !== undefined && this.#told === undefined;
    for (const { made } of this.#open.values()) if (made?.isChild === true && (made.left || endsNow)) return true;
    return false;
  }

  #renewed(event: EventOf<'RunRenewed'>): void {
    const { end } = this.#machine;
    if (end?.how !== 'renews') this.#tell(`it began anew and ${end?.how ?? 'goes on'}`);
    else if (!jsonEqual(end.input, event.input)) this.#tell(`it began anew with ${plain(event.input)}`);
    if (this.#machine.answering > 0) this.#tell('it began anew while an update was handled');
    this.#beginAgain([event], event.input, event.seed);
  }

  #beginAgain(history: Recorded[], input: JsonObject, seed: number): void {
    this.#machine = new FunctionMachine(this.#plan, input, seed);
    this.#history = history;
    this.#open.clear();
    this.#recorded.clear();
    this.#leftIn.clear();
    this.#calls = 0;
    this.#canceling = false;
    this.#limited = false;
    this.#told = undefined;
    this.#cutOff = [];
    this.#machine.begin();
  }

  #scheduled({ task, spec }: EventOf<'TaskScheduled'>): void {
    const key = keyOf(spec);
    if (spec.route !== this.#calls)
      this.#tell(`call ${key} has number ${spec.route}; there were ${this.#calls} before`);
    this.#calls = (spec.route ?? 0) + 1;
    const made = this.#machine.calls.get(key);
    this.#open.set(task, { made, key, number: spec.route ?? 0 });
    if (this.#limited) this.#tell(`call ${key} was recorded, and the run had met its limit`);
    else if (made === undefined) this.#tell(`call ${key} was recorded, and the function makes none such`);
    else if (this.#recorded.has(made)) this.#tell(`call ${key} was recorded twice`);
    else if ((spec.shielded === true) !== made.isShielded)
      this.#tell(`call ${key} was recorded as ${spec.shielded === true ? '' : 'not '}shielded`);
    if (made !== undefined) this.#recorded.set(made, task);
  }

  #ended({ task, dropped, outcome }: EventOf<'TaskEnded'>): void {
    const call = this.#open.get(task);
    if (call?.made === undefined) return;
    this.#open.delete(task);
    if (this.#limited) return;
    const { made, key } = call;
    if (dropped === true) {
      if (!made.left && this.#told === undefined) {
        this.#cutOff.push(key);
        made.left = true;
      }
      return;
    }
    if (made.left) {
      // Both may have come in one commit, of which the function heard together.
      if (this.#leftIn.has(made)) this.#tell(`a result of ${key} was recorded, which the function had left`);
      return;
    }
    this.#machine.ended(made, outcome);
  }

  #noted(note: readonly Json[], values: Json): void {
    const machine = this.#machine;
    const [kind] = note;
    const name = String(note[1]);
    switch (kind) {
      case 'said':
      case 'emitted': {
        const index = machine.said.findIndex((one) => one.name === name && (one.value ?? values) === values);
        if (index !== -1) machine.said.splice(index, 1);
        else this.#tell(`it said ${name}: ${plain(values)}, which it does not say here`);
        return;
      }
      case 'patched':
        if (!machine.patches.delete(name)) this.#tell(`a patch ${name} was noted that it does not ask for`);
        if (note[3] !== true) this.#tell(`the patch ${name} went the old way`);
        return;
      case 'update': {
        if (this.#updates.has(name)) this.#tell(`the update ${name} was taken twice`);
        this.#updates.set(name, { answer: undefined });
        machine.update(name, values as JsonObject);
        return;
      }
      case 'answered':
        return this.#answered(name, { ok: true, value: values });
      case 'update_failed':
        return this.#answered(name, { ok: false, canceled: false, text: '' });
      case 'returned':
        this.#endTold('returned', values);
        return;
      case 'threw':
        this.#endTold('threw', null);
        return;
      case 'rerun':
        this.#rerun(Number(note[1]));
        return;
      default:
        return;
    }
  }

  #answered(id: string, answer: Result): void {
    const foretold = this.#machine.answers.get(id);
    const update = this.#updates.get(id);
    if (this.#machine.answered.has(id) && update?.answer === undefined) return;
    if (update === undefined || update.answer !== undefined)
      this.#tell(`the update ${id} was answered twice, or not asked`);
    else update.answer = answer.ok ? plain(answer.value) : 'failed';
    this.#machine.answers.delete(id);
    if (foretold === undefined) this.#tell(`the update ${id} was answered before its handler was done`);
    else if (foretold.ok !== answer.ok || (foretold.ok && answer.ok && !jsonEqual(foretold.value, answer.value)))
      this.#tell(
        `the update ${id} was answered ${plain(answer as unknown as Json)}; it is ${plain(foretold as unknown as Json)}`,
      );
  }

  #endTold(how: 'returned' | 'threw', value: Json): void {
    this.#told = how;
    const { end, answering } = this.#machine;
    // Begun anew is not what a run does that is canceled.
    const isMeant = end?.how === how || (how === 'threw' && end?.how === 'renews' && this.#canceling);
    if (!isMeant) this.#tell(`it ${how}, and the model says that it ${end?.how ?? 'goes on'}`);
    else if (end.how === 'returned' && !jsonEqual(end.value, value))
      this.#tell(`it returned ${plain(value)}; it is ${plain(end.value)}`);
    if (answering > 0 && !this.#canceling) this.#tell('it ended while an update was handled');
  }

  #runEnded({ status, output }: EventOf<'RunEnded'>): void {
    this.#final = true;
    this.#open.clear();
    if (status === 'terminated') return;
    if (this.#limited) {
      if (status !== 'failed') this.#tell(`the run met its limit and ended ${status}`);
      return;
    }
    const end = this.#told;
    const lasting = end === 'returned' ? 'succeeded' : 'failed';
    const expected = this.#canceling ? 'canceled' : lasting;
    if (end === undefined) this.#tell(`the run ended ${status}, and the function has not`);
    else if (status !== expected) this.#tell(`the run ended ${status}, and the function ${end}`);
    const given = this.#machine.end;
    if (end === 'returned' && given?.how === 'returned' && !jsonEqual(given.value, output))
      this.#tell(`the run gave ${plain(output)}; the function returned ${plain(given.value)}`);
  }

  /** From that call on nothing counts of what it came to, nor how the function ended. */
  #rerun(asked: number): void {
    const history = this.#history.slice(0, -1);
    const [first] = history;
    if (first?.type !== 'RunStarted' && first?.type !== 'RunRenewed') return;
    const from = firstMadeAgain(history, asked);
    const calls = new Map<number, number>();
    let reached = false;
    const kept = history.filter((event) => {
      if (event.type === 'TaskScheduled') {
        calls.set(event.task, event.spec.route ?? 0);
        reached ||= (event.spec.route ?? 0) >= from;
      }
      if ('task' in event) return (calls.get(event.task) ?? 0) < from;
      if (event.type === 'CancelRequested' || event.type === 'RunFailing') return false;
      if (event.type !== 'ProgramNoted') return event.type !== 'RunEnded' && event.type !== 'RunReopened';
      const kind = (event.note as readonly Json[])[0];
      if (kind === 'returned' || kind === 'threw' || kind === 'rerun') return false;
      return !reached || kind === 'update' || kind === 'answered' || kind === 'update_failed';
    });
    const updates = new Map(this.#updates);
    this.#updates.clear();
    this.#beginAgain([first], first.input, first.seed);
    for (const [id, { answer }] of updates) if (answer !== undefined) this.#machine.answered.add(id);
    // Where it ended before does not count a second time.
    for (const event of kept.slice(1)) this.event(event);
    for (const [id, update] of updates) this.#updates.set(id, update);
    this.#cutOff = [];
    this.#comesBack = true;
  }
}

/**
 * The call itself, or an earlier one that is not over though it is not open: it was left or dropped for the sake of what does not
 * count any more.
 */
function firstMadeAgain(history: readonly Recorded[], asked: number): number {
  const tasks = new Map<number, number>();
  for (const event of history) if (event.type === 'TaskScheduled') tasks.set(event.task, event.spec.route ?? 0);
  let from = asked;
  for (;;) {
    // From here on nothing has its own reason.
    let place = history.findIndex((event) => {
      if (event.type === 'TaskScheduled') return tasks.get(event.task)! >= from;
      if (event.type === 'ProgramNoted')
        return ['returned', 'threw'].includes(String((event.note as readonly Json[])[0]));
      return event.type === 'CancelRequested' || event.type === 'RunFailing' || event.type === 'RunEnded';
    });
    if (place === -1) return from;
    const ending = history[place]!;
    const isDrop = (event: Recorded | undefined): boolean =>
      event?.type === 'TaskEnded' && event.dropped === true && event.at === ending.at;
    if (ending.type === 'RunEnded' && ending.status === 'terminated')
      while (place > 0 && isDrop(history[place - 1])) place -= 1;
    const cut = history.slice(place).flatMap((event) => {
      const isCut = event.type === 'TaskScheduled' || (event.type === 'TaskEnded' && event.dropped === true);
      return isCut ? [tasks.get(event.task)!] : [];
    });
    const lower = Math.min(from, ...cut);
    if (lower === from) return from;
    from = lower;
  }
}

function plain(value: Json): string {
  return canonicalJson(value).slice(0, 300);
}
