/**
 * Says whether what was seen can be right. It sees requests and replies, what became durable, and which attempts were
 * executed; it keeps sets, maps and counters of its own, and shares no code with the kernel but the codec. (`shadow.ts`
 * beside it compares the kernel with itself.)
 *
 * Each fault names the invariant of the reliability plan it breaks: I1 what is acknowledged stays, I2 a start is one run,
 * I3 results never change, I4 one end each, I7 timers, I9 an open run can move, I11 dense revisions, I12 rows say what
 * histories say, I14 signals, I15 cancel, I16 joins, I17 retries, I18 a bounded inbox; D1 nothing is executed or answered
 * before it is durable; F1 a durable function does what its code says.
 */

import { canonicalJson, type Instant, type Json, jsonEqual, type RunId } from '../../src/base/index.ts';
import {
  type AttemptOrder,
  decodeEvents,
  type Outcome,
  type Recorded,
  type Refusal,
  type TaskSpec,
} from '../../src/kernel/index.ts';
import type { Bundle, RunAppend, RunRowChange } from '../../src/store/index.ts';
import { textHash } from '../../src/testing/simulation.ts';
import type { DocumentFacts } from './documents.ts';
import { FunctionModel } from './function-model.ts';
import { GraphModel } from './graph-model.ts';
import { UndoModel } from './undo-model.ts';

const finalStatuses = new Set(['succeeded', 'failed', 'canceled', 'terminated']);
const lossesMax = 5;
/** Between the answer of a store and the event that uses it time may pass. */
const staleMs = 60_000;

interface WaitModel {
  readonly dueAt: number | undefined;
  readonly signal: string | undefined;
}

interface UnitModel {
  state: 'ready' | 'running' | 'waiting' | 'ended';
  attempt: number;
  lostInRow: number;
  output: Json;
  status: string | undefined;
  wait: WaitModel | undefined;
}

interface TaskModel {
  readonly number: number;
  spec: TaskSpec;
  readonly epoch: number;
  open: boolean;
  /** One per item, or one alone. */
  units: UnitModel[];
  retries: number;
  notBefore: number | undefined;
  outcome: Outcome | undefined;
  dropped: boolean;
  endedAt: number | undefined;
  /** How it failed for good, while a person is to decide; and how often one said retry. */
  asked: Outcome | undefined;
  decisions: number;
  tookFallback: boolean;
  /** True where a person said what it gives. */
  wasGiven: boolean;
  /** Of a once-only task: nobody knows what its attempt came to; and whether one was made that was not ruled out. */
  isUnknown: boolean;
  isAttempted: boolean;
  /** The run and task whose result it takes. */
  reused: { readonly run: RunId; readonly task: number } | undefined;
}

interface SignalModel {
  readonly payload: Json;
}

export interface RunModel {
  readonly id: RunId;
  readonly workflow: string;
  readonly version: string;
  readonly input: Json;
  readonly parent:
    | { readonly run: RunId; readonly task: number; readonly item: number | undefined; readonly round: number }
    | undefined;
  readonly facts: DocumentFacts | undefined;
  readonly tasks: Map<number, TaskModel>;
  /** Open tasks only. */
  readonly open: Map<number, TaskModel>;
  readonly signalIds: Set<string>;
  readonly queues: Map<string, SignalModel[]>;
  /** Signals that were consumed, and did not come again since. */
  readonly taken: { readonly name: string; readonly payload: Json }[];
  /** The last of each sender's signals. */
  readonly lastOfSender: Map<string, number>;
  readonly undo: UndoModel;
  readonly graph: GraphModel | undefined;
  readonly code: FunctionModel | undefined;
  /** How often a join fired, by name, route and epoch. */
  readonly fired: Map<string, number>;
  readonly children: RunId[];
  deadlineAt: number | undefined;
  revision: number;
  status: string;
  blocked: boolean;
  epoch: number;
  canceled: boolean;
  /** True once it was canceled or terminated, or ended before it could be; a rerun does not undo that. */
  wasCanceled: boolean;
  /** The bundle in which it was canceled or terminated; what lies in the same bundle has no order. */
  canceledIn: number;
  failingIn: number;
  terminatedIn: number;
  output: Json;
  endedAt: number | undefined;
  lastAt: number;
  row: RunRowChange;
  /** Hash of every append, in order. */
  chain: number;
  readonly appends: RunAppend[];
  /** A signal that was consumed, until the task it went to has shown it. */
  consumed: { readonly task: number; readonly payload: Json } | undefined;
}

/** What the oracle asks of the world it watches. */
export interface Watched {
  /** What the engine's clock may show now, at most. */
  latestInstant(): number;
  /** Numbers the processes. */
  process(): number;
  /** Something rare happened. */
  mark(name: string): void;
  factsOf(version: string): DocumentFacts | undefined;
}

type EventOf<T extends Recorded['type']> = Extract<Recorded, { type: T }>;

export class Oracle {
  readonly faults: string[] = [];
  readonly runs = new Map<RunId, RunModel>();
  readonly #watched: Watched;
  /** Answers that workers gave, by attempt. */
  readonly #answers = new Map<string, string[]>();
  /** Attempts dispatched, by attempt: the process that did. */
  readonly #executed = new Map<string, number>();
  /** Starts, by run: what the clients meant by them. */
  readonly #starts = new Map<RunId, { readonly version: string; readonly input: Json }[]>();
  readonly #ackedStarts = new Map<RunId, { readonly version: string; readonly input: Json }>();
  readonly #sentSignals = new Map<string, { readonly run: RunId; readonly payload: Json }>();
  readonly #ackedSignals = new Map<string, RunId>();
  readonly #refusedSignals = new Map<string, RunId>();
  readonly #sentAnswers = new Set<string>();
  readonly #recordedAnswers = new Set<string>();
  /** Checks to make once the bundle is folded. */
  #afterBundle: (() => void)[] = [];
  #hash = 0;
  events = 0;
  bundles = 0;
  /** Timers due from then on must fire in time: nothing is broken on purpose. */
  timelySince: number | undefined;
  latenessMaxMs = 0;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** 32 bits of everything that became durable. */
  get hash(): number {
    return this.#hash;
  }

  fault(invariant: string, what: string): void {
    if (this.faults.length < 20) this.faults.push(`${invariant}: ${what}`);
  }

  // ---- what clients ask and hear -------------------------------------------------------------------------------

  startAsked(run: RunId, version: string, input: Json): void {
    const known = this.#starts.get(run);
    if (known === undefined) this.#starts.set(run, [{ version, input }]);
    else known.push({ version, input });
  }

  startAnswered(run: RunId, version: string, input: Json): void {
    const model = this.runs.get(run);
    if (model === undefined) {
      this.fault('D1', `start of ${run} was acknowledged before it was durable`);
      return;
    }
    const before = this.#ackedStarts.get(run);
    if (before !== undefined && (before.version !== version || !jsonEqual(before.input, input)))
      this.fault('I2', `two different starts of ${run} were acknowledged`);
    this.#ackedStarts.set(run, { version, input });
    if (model.version !== version || !jsonEqual(model.input, input))
      this.fault('I2', `${run} is not what its acknowledged start asked for`);
  }

  startRefused(run: RunId, version: string, input: Json): void {
    const model = this.runs.get(run);
    if (model !== undefined && model.version === version && jsonEqual(model.input, input))
      this.fault('I2', `the same start of ${run} was called a conflict`);
  }

  signalSent(id: string, run: RunId, payload: Json): void {
    this.#sentSignals.set(id, { run, payload });
  }

  signalAnswered(id: string, run: RunId, refusal: Refusal | undefined): void {
    const model = this.runs.get(run);
    if (refusal === undefined || refusal.reason === 'signal_known') {
      if (model?.signalIds.has(id) !== true)
        this.fault('D1', `signal ${id} to ${run} was acknowledged before it was durable`);
      this.#ackedSignals.set(id, run);
      return;
    }
    this.#refusedSignals.set(id, run);
    if (model?.signalIds.has(id) === true)
      this.fault('I14', `signal ${id} to ${run} is recorded and was refused: ${refusal.reason}`);
  }

  answerSent(answer: Json): void {
    this.#sentAnswers.add(JSON.stringify(answer));
  }

  answerTaken(run: RunId, answer: Json): void {
    if (!this.#recordedAnswers.has(JSON.stringify(answer)))
      this.fault('D1', `answer ${JSON.stringify(answer)} to ${run} was acknowledged before it was durable`);
  }

  cancelAnswered(run: RunId, word: 'Cancel' | 'Terminate', refusal: Refusal | undefined): void {
    if (refusal !== undefined) return;
    const model = this.runs.get(run);
    if (model === undefined || !model.wasCanceled)
      this.fault('D1', `${word} of ${run} was acknowledged before it was durable (it is ${model?.status})`);
  }

  /** A reader was shown the run at this revision. */
  shown(run: RunId, revision: number, status: string): void {
    const model = this.runs.get(run);
    if (model === undefined || revision > model.revision)
      this.fault('D1', `${run} was shown at revision ${revision}; ${model?.revision ?? 0} is durable`);
    else if (revision === model.revision && status !== model.status)
      this.fault('I13', `${run} was shown as ${status}; its history says ${model.status}`);
  }

  resultShown(run: RunId, status: string, output: Json): void {
    const model = this.runs.get(run);
    if (model === undefined || !finalStatuses.has(model.status))
      this.fault('D1', `the end of ${run} was told before it was durable`);
    else if (model.status !== status || !jsonEqual(model.output, output))
      this.fault('I3', `the result of ${run} was told as ${status}; its history says ${model.status}`);
  }

  /** A step's closure ran for this attempt: `said` is what it calls itself. */
  stepRan(order: AttemptOrder, said: Json): void {
    const name = order.probe === true ? { happened: true, output: order.name } : order.name;
    if (!jsonEqual(said, name))
      this.fault('F1', `attempt ${attemptKey(order)} of ${order.name} ran the closure of ${JSON.stringify(said)}`);
  }

  /** An update was answered; undefined: it failed. */
  updateAnswered(run: RunId, id: string | undefined, answer: Json | undefined): void {
    if (id === undefined) return;
    const durable = this.runs.get(run)?.code?.answerTo(id);
    const told = answer === undefined ? 'failed' : canonicalJson(answer).slice(0, 300);
    if (durable === undefined) this.fault('D1', `the update ${id} of ${run} was answered before that was durable`);
    else if (durable !== told)
      this.fault('I3', `the update ${id} of ${run} was answered ${told}; recorded is ${durable}`);
  }

  updateRefused(run: RunId, id: string | undefined, code: string): void {
    // Any other says nothing of the update: whoever asks again hears the answer.
    const isFinal = code === 'refused' || code === 'bad_input' || code === 'not_found';
    const durable = id === undefined || !isFinal ? undefined : this.runs.get(run)?.code?.answerTo(id);
    if (durable !== undefined) this.fault('I3', `the update ${id} of ${run} was ${code}, and was answered ${durable}`);
  }

  queryAnswered(run: RunId, heard: Json): void {
    const foretold = this.runs.get(run)?.code?.heard ?? [];
    if (foretold.length > 0 && !foretold.some((one) => jsonEqual([...one], heard)))
      this.fault('F1', `a query of ${run} was answered ${JSON.stringify(heard)}; it is ${JSON.stringify(foretold)}`);
  }

  burst(admitted: number, inboxMax: number): void {
    if (admitted > inboxMax)
      this.fault('I18', `${admitted} requests were taken in at once; the inbox holds ${inboxMax}`);
  }

  // ---- what workers are asked and answer -----------------------------------------------------------------------

  executed(order: AttemptOrder): void {
    const key = attemptKey(order);
    const task = this.runs.get(order.run)?.open.get(order.task);
    const unit = task?.units[order.item ?? 0];
    if (unit === undefined || unit.state !== 'running' || unit.attempt !== order.attempt)
      this.fault('D1', `attempt ${key} was executed before its start was durable, or after it was over`);
    if (this.#executed.has(key)) this.fault('I4', `attempt ${key} was executed twice`);
    this.#executed.set(key, this.#watched.process());
  }

  answered(order: AttemptOrder, outcome: Outcome): void {
    const key = attemptKey(order);
    const given = this.#answers.get(key);
    if (given === undefined) this.#answers.set(key, [plain(outcome)]);
    else given.push(plain(outcome));
  }

  // ---- what becomes durable ------------------------------------------------------------------------------------

  durable(bundle: Bundle): void {
    this.bundles += 1;
    for (const append of bundle.appends) this.#append(append);
    for (const check of this.#afterBundle.splice(0)) check();
    for (const append of bundle.appends) {
      this.runs.get(append.run)?.code?.afterBundle();
      this.#assertMoves(append.run);
    }
  }

  #append(append: RunAppend): void {
    const { run, expected, count, at, events, payloads } = append;
    const model = this.runs.get(run);
    const revision = model?.revision ?? 0;
    if (expected !== revision) this.fault('I11', `${run} went from revision ${revision} to ${expected}`);
    const decoded = decodeEvents(append, at);
    if (decoded.length !== count)
      this.fault('I11', `an append to ${run} says ${count} events and holds ${decoded.length}`);
    this.#hash =
      Math.imul(this.#hash ^ textHash(`${run} ${expected} ${at} ${events} ${payloads ?? ''}`), 0x01000193) >>> 0;
    for (const event of decoded) this.#event(run, event, append);
    const now = this.runs.get(run);
    if (now === undefined) return;
    now.revision = expected + count;
    now.appends.push(append);
    now.row = { ...now.row, ...append.row };
    this.#assertRow(now);
  }

  #event(run: RunId, event: Recorded, append: RunAppend): void {
    this.events += 1;
    this.#watched.mark(event.type);
    if (event.type === 'RunStarted') {
      this.#runStarted(run, event, append);
      return;
    }
    const model = this.runs.get(run);
    if (model === undefined) {
      this.fault('I11', `${run} has a ${event.type} and never started`);
      return;
    }
    if (event.at < model.lastAt)
      this.fault('I7', `${run}: ${event.type} at ${event.at} comes after an event at ${model.lastAt}`);
    if (event.at > this.#watched.latestInstant())
      this.fault('I7', `${run}: ${event.type} is dated ${event.at - this.#watched.latestInstant()} ms ahead of time`);
    model.lastAt = event.at;
    if (finalStatuses.has(model.status) && event.type !== 'RunReopened')
      this.fault('I4', `${run} has a ${event.type} after its end`);
    model.code?.event(event);
    switch (event.type) {
      case 'TaskScheduled':
        return this.#taskScheduled(model, event);
      case 'AttemptStarted':
        return this.#attemptStarted(model, event);
      case 'AttemptLost':
        return this.#attemptLost(model, event);
      case 'DelayPassed':
        return this.#delayPassed(model, event);
      case 'WaitStarted':
        return this.#waitStarted(model, event);
      case 'ItemEnded':
        return this.#itemEnded(model, event);
      case 'TaskEnded':
        return this.#taskEnded(model, event);
      case 'RetryScheduled':
        return this.#retryScheduled(model, event);
      case 'SignalReceived':
        return this.#signalReceived(model, event);
      case 'SignalConsumed': {
        const queue = model.queues.get(event.name);
        const first = queue?.shift();
        if (first === undefined) this.fault('I14', `${run} consumed a signal "${event.name}" that it does not have`);
        model.consumed = { task: event.task, payload: first?.payload ?? null };
        model.taken.push({ name: event.name, payload: first?.payload ?? null });
        return;
      }
      case 'PauseRequested':
        model.status = 'pausing';
        return;
      case 'RunPaused':
        if (this.#running(model) > 0) this.fault('I9', `${run} paused while an attempt is under way`);
        model.status = 'paused';
        return;
      case 'RunResumed':
        model.status = 'running';
        return;
      case 'CancelRequested':
        model.status = 'canceling';
        model.canceled = true;
        model.wasCanceled = true;
        if (event.byTask !== true) model.canceledIn = this.bundles;
        return;
      case 'RunFailing':
        model.status = 'failing';
        model.failingIn = this.bundles;
        return;
      case 'RunBlocked':
        if (event.reason.includes('do not agree')) this.fault('F1', `${run} is set aside: ${event.reason}`);
        model.blocked = true;
        return;
      case 'RunUnblocked':
        model.blocked = false;
        return;
      case 'RunEnded':
        return this.#runEnded(model, event);
      case 'RunReopened':
        if (!finalStatuses.has(model.status)) this.fault('I4', `${run} was reopened while it was ${model.status}`);
        if (event.epoch !== model.epoch + 1)
          this.fault('I4', `${run} went from epoch ${model.epoch} to ${event.epoch}`);
        model.epoch = event.epoch;
        model.status = 'running';
        model.canceled = false;
        model.canceledIn = Number.POSITIVE_INFINITY;
        model.failingIn = Number.POSITIVE_INFINITY;
        model.endedAt = undefined;
        return;
      case 'RunRenewed':
        model.deadlineAt = event.deadlineAt;
        return;
      case 'OutcomeLost':
        return this.#outcomeLost(model, event);
      case 'OutcomeRuledOut': {
        const task = model.open.get(event.task);
        if (task?.isUnknown !== true) this.fault('I17', `${run}: task ${event.task} was ruled out and not unknown`);
        else {
          Object.assign(task, { isUnknown: false, isAttempted: false });
          task.units[0]!.state = 'ready';
        }
        return;
      }
      case 'FallbackTaken':
        return this.#fallbackTaken(model, event);
      case 'DecisionAsked':
        return this.#decisionAsked(model, event);
      case 'DecisionTaken': {
        const task = model.open.get(event.task);
        if (task?.asked === undefined) this.fault('I17', `${run}: task ${event.task} was decided and not asked`);
        else if (event.choice === 'retry') task.decisions += 1;
        else if (event.choice === 'skip')
          Object.assign(task, { asked: { status: 'succeeded', output: null }, wasGiven: true });
        if (task !== undefined) task.spec = { ...task.spec, deadlineAt: undefined };
        return;
      }
      case 'CompensationArmed':
        return this.#undoFault(model, model.undo.armed(event.task, event.spec));
      case 'GroupFailed':
        return this.#undoFault(model, model.undo.groupFailed(event.group));
      case 'ResultReused':
        return this.#resultReused(model, event);
      case 'ProgramNoted':
        model.graph?.noted(event.note);
        if (Array.isArray(event.note) && event.note[0] === 'late') this.#watched.mark('late at a join');
        return;
      default:
        return;
    }
  }

  #runStarted(run: RunId, event: EventOf<'RunStarted'>, append: RunAppend): void {
    if (this.runs.has(run)) {
      this.fault('I2', `${run} started twice`);
      return;
    }
    const { parent } = event;
    const facts = this.#watched.factsOf(event.version);
    const asked = this.#starts.get(run);
    if (
      parent === undefined &&
      asked?.some((one) => one.version === event.version && jsonEqual(one.input, event.input)) !== true
    )
      this.fault('I2', `${run} started as nobody asked`);
    this.runs.set(run, {
      id: run,
      workflow: event.workflow,
      version: event.version,
      input: event.input,
      parent: parent && { run: parent.run, task: parent.task, item: parent.item, round: parent.round ?? 0 },
      facts,
      undo: new UndoModel(),
      graph: facts?.graph && new GraphModel(facts.graph),
      code: facts?.plan && new FunctionModel(facts.plan, event, (what) => this.fault('F1', `${run}: ${what}`)),
      tasks: new Map(),
      open: new Map(),
      signalIds: new Set(),
      queues: new Map(),
      taken: [],
      lastOfSender: new Map(),
      fired: new Map(),
      children: [],
      deadlineAt: event.deadlineAt,
      revision: 0,
      status: 'running',
      blocked: false,
      epoch: 0,
      canceled: false,
      wasCanceled: false,
      canceledIn: Number.POSITIVE_INFINITY,
      failingIn: Number.POSITIVE_INFINITY,
      terminatedIn: -1,
      output: null,
      endedAt: undefined,
      lastAt: event.at,
      row: append.row ?? {},
      chain: 0,
      appends: [],
      consumed: undefined,
    });
    if (parent === undefined) return;
    this.#watched.mark(parent.depth > 1 ? 'child of a child' : 'child run');
    if ((parent.round ?? 0) > 0) this.#watched.mark('child of a retry');
    this.#assertNotCanceled(run, 'started');
    this.#afterBundle.push(() => {
      const above = this.runs.get(parent.run);
      const task = above?.tasks.get(parent.task);
      // A fallback that was taken in the same commit has put one unit in the place of the list's.
      const isKnown = task !== undefined && (task.units[parent.item ?? 0] !== undefined || task.tookFallback);
      if (above === undefined || !isKnown) this.fault('I12', `${run} started without its parent's task`);
      else above.children.push(run);
    });
  }

  #taskScheduled(model: RunModel, event: EventOf<'TaskScheduled'>): void {
    const { task: number, spec } = event;
    if (model.tasks.has(number)) this.fault('I4', `${model.id}: task ${number} was scheduled twice`);
    const undoes = spec.undoes !== undefined;
    const outlives = undoes || spec.shielded === true;
    // A function hears of what happened in its order: calls of the same commit may be of before, and are left in it.
    const isHeard = model.code === undefined || (model.canceledIn < this.bundles && !model.code.comesBack);
    if (model.canceled && !outlives && isHeard)
      this.fault('I15', `${model.id}: task ${number} was scheduled after the run was canceled`);
    if (undoes) {
      this.#watched.mark('undone');
      const others = [...model.open.values()].map((one) => one.spec);
      this.#undoFault(model, model.undo.scheduled(spec.undoes!, model.status, others));
    } else if (model.graph !== undefined) {
      const others = [...model.open.values()].filter((one) => one.spec.undoes === undefined).length;
      const fault = model.graph.scheduled(spec.name, others);
      if (fault !== undefined) this.fault('I16', `${model.id}: ${spec.name} (task ${number}) was scheduled: ${fault}`);
    }
    const isRunAgain = model.code?.comesBack === true || model.failingIn === this.bundles;
    const isFailing = model.status === 'failing' && (model.code === undefined || !isRunAgain);
    if (isFailing && spec.whileFailing !== true && !outlives)
      this.fault('I15', `${model.id}: task ${number} was scheduled although the run is failing`);
    const count = spec.kind === 'items' ? (spec.input as readonly Json[]).length : 1;
    const units = Array.from({ length: count }, (_, item): UnitModel => {
      const kept = spec.kept?.[item];
      return {
        state: kept == null ? 'ready' : 'ended',
        attempt: 0,
        lostInRow: 0,
        output: kept?.output ?? null,
        status: kept == null ? undefined : 'succeeded',
        wait: undefined,
      };
    });
    const delayed = spec.notBefore !== undefined && spec.notBefore > event.at;
    const task: TaskModel = {
      number,
      spec,
      epoch: model.epoch,
      open: true,
      units,
      retries: 0,
      notBefore: delayed ? spec.notBefore : undefined,
      outcome: undefined,
      dropped: false,
      endedAt: undefined,
      asked: undefined,
      tookFallback: false,
      decisions: 0,
      reused: undefined,
      wasGiven: false,
      isUnknown: false,
      isAttempted: false,
    };
    this.#joinFired(model, task);
    model.tasks.set(number, task);
    model.open.set(number, task);
  }

  #joinFired(model: RunModel, { spec, number }: TaskModel): void {
    const rule = model.facts?.joins.get(spec.name);
    if (rule === undefined || model.facts?.from?.includes(spec.name) === true) return;
    const key = `${spec.name} ${spec.route ?? 0} ${model.epoch}`;
    const fired = (model.fired.get(key) ?? 0) + 1;
    model.fired.set(key, fired);
    if (!rule.inCycle && fired > 1)
      this.fault('I16', `${model.id}: join ${spec.name} (task ${number}) fired ${fired} times`);
    this.#watched.mark('join fired');
    const led = new Set<string>();
    for (const task of model.tasks.values()) {
      if (task.open || task.dropped || task.outcome === undefined) continue;
      for (const { source, when } of rule.from) {
        if (source !== task.spec.name) continue;
        if (when === 'succeeded' && task.outcome.status !== 'succeeded') continue;
        if (when === 'failed' && task.outcome.status !== 'failed') continue;
        led.add(source);
      }
    }
    if (led.size < rule.needs)
      this.fault('I16', `${model.id}: join ${spec.name} fired after ${led.size} of the ${rule.needs} tasks it needs`);
    for (const [field, source] of Object.entries(rule.shows)) {
      const shown = (spec.input as { readonly [name: string]: Json } | null)?.[field] ?? null;
      const recorded = [...model.tasks.values()].filter((task) => task.spec.name === source && !task.open);
      if (!recorded.some((task) => jsonEqual(task.outcome?.output ?? null, shown)))
        this.fault('I16', `${model.id}: join ${spec.name} shows for ${source} what was not recorded of it`);
    }
  }

  #unit(
    model: RunModel,
    number: number,
    item: number | undefined,
    what: string,
  ): { task: TaskModel; unit: UnitModel } | undefined {
    const task = model.open.get(number);
    const unit = task?.units[item ?? 0];
    if (task !== undefined && unit !== undefined) return { task, unit };
    this.fault(
      'I4',
      `${model.id}: ${what} of task ${number}${item === undefined ? '' : `.${item}`}, which is not open`,
    );
    return undefined;
  }

  #attemptStarted(model: RunModel, event: EventOf<'AttemptStarted'>): void {
    const found = this.#unit(model, event.task, event.item, 'an attempt');
    if (found === undefined) return;
    const { task, unit } = found;
    const what = `${model.id}: attempt ${event.attempt} of task ${event.task}${event.item === undefined ? '' : `.${event.item}`}`;
    if (unit.state !== 'ready') this.fault('I4', `${what} started while it was ${unit.state}`);
    if (event.attempt !== unit.attempt + 1) this.fault('I17', `${what} follows attempt ${unit.attempt}`);
    if (task.notBefore !== undefined) this.fault('I17', `${what} started before its delay was over`);
    const outlives = task.spec.undoes !== undefined || task.spec.shielded === true;
    const mayStart =
      model.status === 'running' ||
      (model.status === 'failing' && (task.spec.whileFailing === true || outlives)) ||
      (model.status === 'canceling' && outlives);
    if (!mayStart || model.blocked)
      this.fault('I15', `${what} started while the run was ${model.blocked ? 'blocked' : model.status}`);
    if (model.status !== 'failing' && !outlives) this.#assertNotCanceled(model.id, what);
    if ((event.probe === true) !== task.isUnknown)
      this.fault(
        'I17',
        `${what} is ${event.probe === true ? 'a' : 'no'} probe of what is ${task.isUnknown ? 'un' : ''}known`,
      );
    if (event.probe === true) this.#watched.mark('probed');
    else if (task.spec.once !== undefined) {
      if (task.isAttempted) this.fault('I17', `${what} repeats what may have happened`);
      task.isAttempted = true;
    }
    unit.state = 'running';
    unit.attempt = event.attempt;
    const running = task.units.filter(({ state }) => state === 'running' || state === 'waiting').length;
    if (task.spec.width !== undefined && running > task.spec.width)
      this.fault('I18', `${what}: ${running} items run at once; ${task.spec.width} may`);
  }

  /** True to the word of a cancel: nothing below it starts. */
  #assertNotCanceled(run: RunId, what: string): void {
    let failingIn = Number.POSITIVE_INFINITY;
    for (let above = this.runs.get(run); above !== undefined; above = above.parent && this.runs.get(above.parent.run)) {
      failingIn = Math.min(failingIn, above.failingIn);
      // What a run that already failed still has to do is not called off by a cancel that comes after.
      if (above.canceledIn < this.bundles && !(above.canceled && failingIn <= above.canceledIn)) {
        this.fault('I15', `${what} (${run}) after ${above.id} was ${above.canceled ? 'canceled' : 'terminated'}`);
        return;
      }
      const hangs = above.parent && this.runs.get(above.parent.run)?.tasks.get(above.parent.task)?.spec;
      if (hangs?.shielded === true || hangs?.onLeave !== undefined) return;
    }
  }

  #attemptLost(model: RunModel, event: EventOf<'AttemptLost'>): void {
    const found = this.#unit(model, event.task, event.item, 'a lost attempt');
    if (found === undefined) return;
    const { unit } = found;
    const key = attemptKey({ run: model.id, task: event.task, item: event.item, attempt: unit.attempt });
    if (unit.state !== 'running') this.fault('I17', `attempt ${key} was lost while it was ${unit.state}`);
    if (found.task.spec.once !== undefined) this.fault('I17', `attempt ${key}, of a once-only task, is to be repeated`);
    if (this.#executed.get(key) === this.#watched.process())
      this.fault('I17', `attempt ${key} was called lost by the process that runs it`);
    unit.state = 'ready';
    unit.lostInRow += 1;
    if (unit.lostInRow >= lossesMax)
      this.fault('I17', `attempt ${key} was lost ${unit.lostInRow} times in a row and is tried again`);
  }

  /** Nobody knows what a once-only attempt came to: its process died, it said so itself, or its time was up. */
  #outcomeLost(model: RunModel, event: EventOf<'OutcomeLost'>): void {
    const found = this.#unit(model, event.task, undefined, 'a lost outcome');
    if (found === undefined) return;
    const { task, unit } = found;
    this.#watched.mark('outcome lost');
    const key = attemptKey({ run: model.id, task: event.task, item: undefined, attempt: unit.attempt });
    if (task.spec.once === undefined) this.fault('I17', `the outcome of ${key} was lost, and it may be repeated`);
    const died = unit.state === 'running' && this.#executed.get(key) !== this.#watched.process();
    const isOverdue = task.spec.deadlineAt !== undefined && event.at >= task.spec.deadlineAt;
    const said = this.#answers
      .get(key)
      ?.some((one) => /"kind":"(timeout|heartbeat_timeout|outcome_unknown)"/.test(one));
    if (!died && !isOverdue && said !== true) this.fault('I17', `the outcome of ${key} was lost, and it is known`);
    Object.assign(unit, { state: 'ready', wait: undefined });
    task.isUnknown = true;
    task.spec = { ...task.spec, deadlineAt: undefined };
  }

  #delayPassed(model: RunModel, event: EventOf<'DelayPassed'>): void {
    const task = model.open.get(event.task);
    if (task?.notBefore === undefined)
      this.fault('I7', `${model.id}: a delay of task ${event.task} passed that it does not have`);
    else {
      this.#fired(model, task.notBefore, event.at, `the delay of task ${event.task}`);
      task.notBefore = undefined;
    }
  }

  /** A timer fired. */
  #fired(model: RunModel, dueAt: number, at: Instant, what: string): void {
    if (at < dueAt) this.fault('I7', `${model.id}: ${what} was over ${dueAt - at} ms early`);
    if (this.timelySince !== undefined && dueAt >= this.timelySince)
      this.latenessMaxMs = Math.max(this.latenessMaxMs, at - dueAt);
  }

  #waitStarted(model: RunModel, event: EventOf<'WaitStarted'>): void {
    const found = this.#unit(model, event.task, event.item, 'a wait');
    if (found === undefined) return;
    const { task, unit } = found;
    if (unit.state !== 'ready')
      this.fault('I4', `${model.id}: a wait of task ${event.task} began while it was ${unit.state}`);
    const isHeard = model.code === undefined || (model.canceledIn < this.bundles && !model.code.comesBack);
    if (model.canceled && task.spec.shielded !== true && isHeard)
      this.fault('I15', `${model.id}: a wait of task ${event.task} began after the run was canceled`);
    const input = (event.item === undefined ? task.spec.input : (task.spec.input as readonly Json[])[event.item]) as {
      readonly [name: string]: Json;
    };
    const kind = task.spec.kind === 'items' ? task.spec.each : task.spec.kind;
    const seconds = kind === 'sleep' ? input.seconds : input.timeout;
    const limitMs = Math.min(
      typeof seconds === 'number' ? Math.round(seconds * 1000) : Number.POSITIVE_INFINITY,
      task.spec.timeoutMs ?? Number.POSITIVE_INFINITY,
    );
    if (Number.isFinite(limitMs) && event.dueAt !== event.at + limitMs)
      this.fault(
        'I7',
        `${model.id}: a ${kind} of ${limitMs} ms is due after ${(event.dueAt ?? Number.NaN) - event.at} ms`,
      );
    if (event.signal !== undefined && (model.queues.get(event.signal)?.length ?? 0) > 0)
      this.fault('I14', `${model.id}: task ${event.task} waits for a signal "${event.signal}" that is there`);
    unit.state = 'waiting';
    unit.wait = { dueAt: event.dueAt, signal: event.signal };
    task.notBefore = undefined;
  }

  #itemEnded(model: RunModel, event: EventOf<'ItemEnded'>): void {
    const found = this.#unit(model, event.task, event.item, 'an end');
    if (found === undefined) return;
    const { task, unit } = found;
    if (unit.state === 'ended') this.fault('I4', `${model.id}: item ${event.item} of task ${event.task} ended twice`);
    this.#assertOutcome(model, task, unit, event.item, event.outcome, event.at);
    unit.state = 'ended';
    unit.wait = undefined;
    unit.lostInRow = 0;
    unit.output = event.outcome.output;
    unit.status = event.outcome.status;
  }

  #taskEnded(model: RunModel, event: EventOf<'TaskEnded'>): void {
    const found = this.#unit(model, event.task, undefined, 'an end') ?? undefined;
    const task = found?.task ?? model.open.get(event.task);
    if (task === undefined) return;
    this.#taskOutcome(model, task, event.outcome, event.at, event.dropped === true);
    const { spec } = task;
    task.open = false;
    task.outcome = event.outcome;
    task.dropped = event.dropped === true;
    task.endedAt = event.at;
    model.open.delete(event.task);
    if (spec.undoes !== undefined) return;
    model.graph?.ended(spec.name, event.outcome.status, task.dropped);
    const { status } = event.outcome;
    if (status === 'failed' && spec.group !== undefined && !task.dropped) model.undo.memberFailed(spec.group);
    else if (status === 'succeeded' && spec.compensates === true && !task.wasGiven && task.reused === undefined)
      model.undo.owed(event.task);
    else return;
    this.#afterBundle.push(() => this.#undoFault(model, model.undo.missing()));
  }

  #taskOutcome(model: RunModel, task: TaskModel, outcome: Outcome, at: Instant, dropped: boolean): void {
    if (dropped) {
      for (const [item, { state, attempt }] of task.units.entries()) {
        if (state !== 'running') continue;
        const place = task.spec.kind === 'items' ? item : undefined;
        const key = attemptKey({ run: model.id, task: task.number, item: place, attempt });
        const under = this.#executed.get(key) === this.#watched.process() && !this.#answers.has(key);
        // A function that does not wait for an attempt any more leaves it at once.
        if (!under || model.code !== undefined) continue;
        this.#afterBundle.push(() => {
          if (model.terminatedIn !== this.bundles)
            this.fault('I4', `attempt ${key} was under way when its task was dropped`);
        });
      }
      return;
    }
    if (task.asked !== undefined) {
      if (!jsonEqual(task.asked as unknown as Json, outcome as unknown as Json))
        this.fault('I3', `${model.id}: task ${task.number} was decided, and came out as ${plain(outcome)}`);
      return;
    }
    if (outcome.status === 'failed' && outcome.failure.kind === 'deadline') {
      this.#watched.mark('deadline missed');
      if (task.spec.deadlineAt === undefined) this.fault('I7', `${model.id}: task ${task.number} has no deadline`);
      else this.#fired(model, task.spec.deadlineAt, at, `the deadline of task ${task.number}`);
      return;
    }
    if (outcome.status === 'failed' && outcome.failure.kind === 'start_timeout') {
      this.#watched.mark('start missed');
      const began = task.units.some(({ attempt }) => attempt > 0);
      if (task.spec.startWithinMs === undefined || began)
        this.fault('I7', `${model.id}: task ${task.number} was called too late to start`);
      return;
    }
    if (outcome.status === 'failed' && outcome.failure.kind === 'group_failed') {
      this.#watched.mark('group failed');
      if (task.spec.group === undefined || !model.undo.failedGroups.has(task.spec.group))
        this.fault('I3', `${model.id}: task ${task.number} failed for its group, which has not failed`);
      return;
    }
    if (task.spec.kind !== 'items') {
      this.#assertOutcome(model, task, task.units[0]!, undefined, outcome, at);
      return;
    }
    const outputs = task.units.map(({ output }) => output);
    if (!jsonEqual(outputs, outcome.output))
      this.fault('I3', `${model.id}: task ${task.number} ended with other results than its items`);
    if (
      outcome.status === 'succeeded' &&
      task.spec.each !== 'noop' &&
      task.units.some(({ status }) => status !== 'succeeded')
    )
      this.fault('I3', `${model.id}: task ${task.number} succeeded without all of its items`);
  }

  /** What one attempt or wait came to must be what somebody said, or what time did. */
  #assertOutcome(
    model: RunModel,
    task: TaskModel,
    unit: UnitModel,
    item: number | undefined,
    outcome: Outcome,
    at: Instant,
  ): void {
    const kind = task.spec.kind === 'items' ? (task.spec.each ?? 'action') : task.spec.kind;
    const what = `${model.id}: task ${task.number}${item === undefined ? '' : `.${item}`}`;
    const consumed = model.consumed;
    model.consumed = undefined;
    if (kind === 'noop') return;
    if (task.reused !== undefined) {
      const source = this.runs.get(task.reused.run)?.tasks.get(task.reused.task);
      if (!jsonEqual(source?.outcome?.output ?? null, outcome.output))
        this.fault('I3', `${what} shows another result than the one it took from ${task.reused.run}`);
      return;
    }
    const failedAs = outcome.status === 'failed' ? outcome.failure.kind : undefined;
    if (failedAs === 'invalid_input') return;
    if (kind === 'action') {
      this.#assertAnswer(model, task, unit, item, outcome, what);
      return;
    }
    const isDue = unit.wait?.dueAt !== undefined;
    if (kind === 'sleep') {
      if (unit.wait?.dueAt === undefined) this.fault('I7', `${what}: a sleep ended that had not begun`);
      else this.#fired(model, unit.wait.dueAt, at, `the sleep of task ${task.number}`);
    } else if (failedAs === 'timeout') {
      this.#watched.mark('wait timed out');
      if (!isDue) this.fault('I7', `${what}: a wait without a limit took too long`);
      else this.#fired(model, unit.wait!.dueAt!, at, `the wait of task ${task.number}`);
    } else if (kind === 'receive') {
      if (
        outcome.status === 'succeeded' &&
        (consumed?.task !== task.number || !jsonEqual(consumed.payload, outcome.output))
      )
        this.fault(
          'I14',
          `${what} received ${JSON.stringify(outcome.output)}, the oldest is ${JSON.stringify(consumed?.payload ?? null)}`,
        );
    } else if (kind === 'ask') {
      if (outcome.status === 'succeeded') this.#recordedAnswers.add(JSON.stringify(outcome.output));
      if (outcome.status === 'succeeded' && !this.#sentAnswers.has(JSON.stringify(outcome.output)))
        this.fault('I3', `${what} was answered with what nobody said`);
    } else if (kind === 'workflow') {
      const round = task.retries === 0 ? '' : `:${task.retries}`;
      const child = `${model.id}/${task.number}${item === undefined ? '' : `.${item}`}${round}` as RunId;
      this.#afterBundle.push(() => {
        const below = this.runs.get(child);
        if (below === undefined || !finalStatuses.has(below.status))
          this.fault('I12', `${what} ended before its child run`);
        else if (
          (below.status === 'succeeded') !== (outcome.status === 'succeeded') ||
          !jsonEqual(below.output, outcome.output)
        )
          this.fault('I3', `${what} ended ${outcome.status}; its child ended ${below.status}`);
      });
    }
  }

  #assertAnswer(
    model: RunModel,
    task: TaskModel,
    unit: UnitModel,
    item: number | undefined,
    outcome: Outcome,
    what: string,
  ): void {
    if (unit.state !== 'running') {
      this.fault('I4', `${what} came out as ${outcome.status} without an attempt under way (${unit.state})`);
      return;
    }
    const key = attemptKey({ run: model.id, task: task.number, item, attempt: unit.attempt });
    const given = this.#answers.get(key);
    if (task.isUnknown && outcome.status === 'succeeded') {
      const found = plain({ status: 'succeeded', output: { happened: true, output: outcome.output } });
      if (given?.includes(found) !== true)
        this.fault('I3', `${what}: ${plain(outcome)} is not what its probe found out`);
      return;
    }
    const isLeaving = model.status === 'canceling' || model.status === 'failing';
    if (task.isUnknown && outcome.status === 'canceled' && isLeaving) return;
    if (given?.includes(plain(outcome)) === true) {
      if (outcome.status === 'failed' && outcome.failure.kind === 'timeout') this.#watched.mark('attempt timed out');
      return;
    }
    const gone = this.#executed.get(key) !== this.#watched.process();
    if (outcome.status === 'failed' && outcome.failure.kind === 'worker_lost') {
      this.#watched.mark('worker lost');
      if (unit.lostInRow + 1 < lossesMax)
        this.fault('I17', `${what} was given up after ${unit.lostInRow + 1} losses in a row`);
      if (!gone) this.fault('I17', `${what} was given up by the process that runs it`);
      return;
    }
    if (outcome.status === 'canceled' && gone && (model.status === 'canceling' || model.status === 'failing')) return;
    this.fault(
      'I3',
      `${what}: ${plain(outcome)} was recorded for attempt ${unit.attempt}, whose answer was ${given?.join(' or ') ?? 'none'}`,
    );
  }

  #retryScheduled(model: RunModel, event: EventOf<'RetryScheduled'>): void {
    const task = model.open.get(event.task);
    if (task === undefined) {
      this.fault('I17', `${model.id}: a retry of task ${event.task}, which is not open`);
      return;
    }
    const policy = task.spec.retry;
    this.#taskOutcome(model, task, event.outcome, event.at, false);
    const delayMs = event.notBefore - event.at;
    const grown = Math.min(
      (policy?.delayMs ?? 0) * (policy?.factor ?? 1) ** task.retries,
      policy?.maxDelayMs ?? Number.POSITIVE_INFINITY,
    );
    const decided = task.asked !== undefined;
    task.asked = undefined;
    Object.assign(task, { isUnknown: false, isAttempted: false });
    if (!decided && delayMs < Math.floor(grown * (1 - (policy?.jitter ?? 0))))
      this.fault('I17', `${model.id}: retry of task ${event.task} after ${delayMs} ms; the policy says ${grown}`);
    task.retries += 1;
    if (task.retries > (policy?.count ?? 0) + task.decisions)
      this.fault(
        'I17',
        `${model.id}: task ${event.task} was tried again ${task.retries} times; ${policy?.count ?? 0} are allowed`,
      );
    const isHopeless = event.outcome.status === 'failed' && event.outcome.failure.retryable === false;
    if (!decided && isHopeless && policy?.conditional !== true)
      this.fault('I17', `${model.id}: task ${event.task} was tried again although no retry can help`);
    const waits = event.notBefore > event.at;
    task.notBefore = waits ? event.notBefore : undefined;
    for (const unit of task.units) {
      unit.state = 'ready';
      unit.wait = undefined;
      unit.lostInRow = 0;
      unit.output = null;
      unit.status = undefined;
    }
  }

  #undoFault(model: RunModel, fault: string | undefined): void {
    if (fault !== undefined) this.fault('C1', `${model.id}: ${fault}`);
  }

  #fallbackTaken(model: RunModel, event: EventOf<'FallbackTaken'>): void {
    const task = model.open.get(event.task);
    if (task?.spec.fallback === undefined) {
      this.fault('I17', `${model.id}: a fallback of task ${event.task}, which has none`);
      return;
    }
    this.#taskOutcome(model, task, event.outcome, event.at, false);
    const began = task.units.some(({ attempt }) => attempt > 0);
    const attempt = task.spec.kind === 'items' ? (began ? 1 : 0) : task.units[0]!.attempt;
    task.retries += 1;
    task.decisions = task.retries;
    task.tookFallback = true;
    const { fallback, retry: _retry, each: _each, width: _width, cache: _cache, ...spec } = task.spec;
    task.spec = { ...spec, kind: fallback.kind, action: fallback.action, input: fallback.input };
    task.units = [{ state: 'ready', attempt, lostInRow: 0, output: null, status: undefined, wait: undefined }];
  }

  #decisionAsked(model: RunModel, event: EventOf<'DecisionAsked'>): void {
    const task = model.open.get(event.task);
    const isUnknown = task?.isUnknown === true && event.outcome.failure.kind === 'outcome_unknown';
    if (task === undefined || (task.spec.intervenes !== true && !isUnknown)) {
      this.fault('I17', `${model.id}: a decision over task ${event.task}, which asks for none`);
      return;
    }
    if (!isUnknown) this.#taskOutcome(model, task, event.outcome, event.at, false);
    task.asked = event.outcome;
    task.notBefore = undefined;
    for (const unit of task.units) Object.assign(unit, { state: 'waiting', wait: undefined });
  }

  #resultReused(model: RunModel, event: EventOf<'ResultReused'>): void {
    const task = model.open.get(event.task);
    const source = this.runs.get(event.from.run)?.tasks.get(event.from.task);
    const ttlMs = source?.spec.cache?.ttlMs ?? Number.POSITIVE_INFINITY;
    if (task === undefined || task.units[0]?.state !== 'ready')
      this.fault('I3', `${model.id}: task ${event.task} takes a result and has begun`);
    else if (source?.outcome?.status !== 'succeeded' || source.spec.cache?.key !== task.spec.cache?.key)
      this.fault('I3', `${model.id}: task ${event.task} takes a result of another kind`);
    else if (event.at - (source.endedAt ?? 0) > ttlMs + staleMs)
      this.fault('I3', `${model.id}: task ${event.task} takes a result that ran out`);
    if (task !== undefined) task.reused = event.from;
  }

  #signalReceived(model: RunModel, event: EventOf<'SignalReceived'>): void {
    const { id, name, payload } = event;
    if (id !== undefined) {
      if (model.signalIds.has(id)) this.fault('I14', `${model.id} has signal ${id} twice`);
      model.signalIds.add(id);
      const sent = this.#sentSignals.get(id);
      if (sent === undefined || sent.run !== model.id || !jsonEqual(sent.payload, payload))
        this.fault('I14', `${model.id} has signal ${id}, which nobody sent so`);
      if (this.#refusedSignals.get(id) === model.id)
        this.fault('I14', `${model.id} has signal ${id}, which was refused`);
      const [sender = '', place = '0'] = id.split('#');
      if (Number(place) < (model.lastOfSender.get(sender) ?? -1))
        this.fault('I14', `${model.id} has signal ${id} out of order`);
      model.lastOfSender.set(sender, Number(place));
    }
    const queue = model.queues.get(name) ?? [];
    model.queues.set(name, queue);
    if (event.again !== true) {
      queue.push({ payload });
      return;
    }
    // The call that had taken it is made again.
    this.#watched.mark('signal came again');
    queue.unshift({ payload });
    const place = model.taken.findLastIndex((one) => one.name === name && jsonEqual(one.payload, payload));
    if (place === -1) this.fault('I14', `${model.id} has a signal "${name}" again that nobody had taken`);
    else model.taken.splice(place, 1);
  }

  #runEnded(model: RunModel, event: EventOf<'RunEnded'>): void {
    if (event.status !== 'terminated' && model.open.size > 0)
      this.fault('I4', `${model.id} ended ${event.status} with ${model.open.size} open tasks`);
    if (event.status === 'succeeded' && model.canceled)
      this.fault('I15', `${model.id} succeeded after it was canceled`);
    this.#undoFault(model, model.undo.ended(event.status));
    const loose = event.status === 'succeeded' ? model.graph?.concluded() : undefined;
    if (loose !== undefined) this.fault('I10', `${model.id} succeeded although ${loose}`);
    for (const task of model.open.values()) task.open = false;
    model.open.clear();
    model.wasCanceled = true;
    if (event.status === 'terminated') model.terminatedIn = this.bundles;
    if (event.status === 'terminated') model.canceledIn = Math.min(model.canceledIn, this.bundles);
    model.status = event.status;
    model.output = event.output;
    model.endedAt = event.at;
    model.blocked = false;
    const { parent } = model;
    if (parent === undefined) return;
    this.#afterBundle.push(() => {
      const above = this.runs.get(parent.run);
      if (above === undefined || finalStatuses.has(above.status)) return;
      const task = above.open.get(parent.task);
      const unit = task?.units[parent.item ?? 0];
      if (
        unit?.state === 'waiting' &&
        task?.asked === undefined &&
        task?.retries === parent.round &&
        model.status === event.status
      )
        this.fault('I12', `${model.id} ended and its parent did not hear of it in the same bundle`);
    });
  }

  // ---- what must hold after every commit -----------------------------------------------------------------------

  #running(model: RunModel): number {
    let running = 0;
    for (const task of model.open.values()) running += task.units.filter(({ state }) => state === 'running').length;
    return running;
  }

  /** I9, by the oracle's own reading. */
  #assertMoves(run: RunId): void {
    const model = this.runs.get(run);
    if (model === undefined || finalStatuses.has(model.status) || model.status === 'paused' || model.blocked) return;
    if (model.code?.comesBack === true) return;
    if (model.open.size === 0) {
      this.fault('I9', `${run} is ${model.status} and has nothing open`);
      return;
    }
    for (const task of model.open.values()) {
      const moves =
        task.notBefore !== undefined ||
        task.spec.kind === 'noop' ||
        task.spec.each === 'noop' ||
        task.units.some(({ state }) => state !== 'ended');
      if (!moves) this.fault('I9', `${run}: nothing can move task ${task.number} (${task.spec.name})`);
    }
  }

  /** I12: what the row says must let a process that reads nothing else wake the run in time. */
  #assertRow(model: RunModel): void {
    const { row } = model;
    const final = finalStatuses.has(model.status);
    if (row.final !== final) this.fault('I12', `${model.id} is ${model.status} and its row says final: ${row.final}`);
    if (final) {
      if (
        row.status !== model.status ||
        row.endedAt !== model.endedAt ||
        row.active !== false ||
        row.dueAt !== undefined
      )
        this.fault('I12', `${model.id} is ${model.status} since ${model.endedAt}; its row says ${JSON.stringify(row)}`);
      return;
    }
    if (row.active === true) return;
    if (model.status === 'paused' || model.blocked) return;
    if (model.status !== 'running')
      this.fault('I12', `${model.id} is ${model.status} and its row says that it only waits`);
    let soonest: number | undefined = model.deadlineAt;
    for (const task of model.open.values()) {
      const deadline = task.asked === undefined ? task.spec.deadlineAt : undefined;
      const due = [task.notBefore, deadline, ...task.units.map(({ wait }) => wait?.dueAt)];
      for (const at of due) if (at !== undefined && (soonest === undefined || at < soonest)) soonest = at;
      if (task.notBefore !== undefined) continue;
      const running = task.units.filter(({ state }) => state === 'running' || state === 'waiting').length;
      const hasRoom = running < (task.spec.width ?? Number.POSITIVE_INFINITY);
      const isAction = (task.spec.each ?? (task.spec.kind === 'items' ? 'action' : task.spec.kind)) === 'action';
      if (isAction && task.units.some(({ state }) => state === 'running' || (state === 'ready' && hasRoom)))
        this.fault('I12', `${model.id} has an attempt to run and its row says that it only waits`);
    }
    if (soonest !== undefined && (row.dueAt === undefined || row.dueAt > soonest))
      this.fault('I12', `${model.id} is due at ${soonest} and its row says ${row.dueAt ?? 'never'}`);
  }

  /** What was acknowledged must be there, after a crash and at the end. */
  assertKept(): void {
    for (const [run, { version, input }] of this.#ackedStarts) {
      const model = this.runs.get(run);
      if (model === undefined || model.version !== version || !jsonEqual(model.input, input))
        this.fault('I1', `the acknowledged start of ${run} is lost`);
    }
    for (const [id, run] of this.#ackedSignals)
      if (this.runs.get(run)?.signalIds.has(id) !== true)
        this.fault('I1', `the acknowledged signal ${id} to ${run} is lost`);
  }

  /** At the end of the healthy phase everything has ended. */
  assertEnded(): void {
    for (const model of this.runs.values()) {
      if (finalStatuses.has(model.status)) continue;
      const open = [...model.open.values()].map(
        ({ number, spec, units, notBefore }) =>
          `${number} ${spec.name} ${spec.kind} ${notBefore ?? ''} ${units.map(({ state }) => state).join(',')}`,
      );
      this.fault(
        'I10',
        `${model.id} never ended: ${model.status}${model.blocked ? ', blocked' : ''}; open: ${open.join('; ')}`,
      );
    }
  }
}

export function isFinalStatus(status: string): boolean {
  return finalStatuses.has(status);
}

function attemptKey({ run, task, item, attempt }: Pick<AttemptOrder, 'run' | 'task' | 'item' | 'attempt'>): string {
  return `${run} ${task}${item === undefined ? '' : `.${item}`}@${attempt}`;
}

/** The outcome as text, the same for the same facts. */
function plain(outcome: Outcome): string {
  return canonicalJson(JSON.parse(JSON.stringify(outcome)) as Json);
}
