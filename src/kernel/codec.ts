/**
 * Events as they are stored: one JSON list for all events of an append, and their payloads in a list of their own.
 *
 * An event is `[code, milliseconds since the append, …fields]`; a payload field holds its slot in the payloads, so that a
 * codec, a large value or a redaction never touches a history. Codes and the order of fields are stored for ever: a new
 * field goes to the end, a new event gets a new code. An unknown code stops the run: it was written by a newer version.
 */

import {
  type AttributeChanges,
  type Attributes,
  assert,
  type Instant,
  type Json,
  type JsonObject,
  plus,
  type RunId,
  type WorkflowVersion,
} from '../base/index.ts';
import type { DecisionChoice, FinalStatus, Recorded } from './events.ts';
import type { Failed, Failure, Outcome, RetryPolicy, RunError, TaskKind, TaskSpec } from './task.ts';

export interface EncodedEvents {
  readonly events: string;
  readonly payloads: string | undefined;
}

/** The events of one append that happened at or after `base`. */
export function encodeEvents(events: readonly Recorded[], base: Instant): EncodedEvents {
  const slots: Json[] = [];
  const rows = events.map((event) => encodeEvent(event, base, slots));
  return { events: JSON.stringify(rows), payloads: slots.length === 0 ? undefined : JSON.stringify(slots) };
}

/** @throws AssertionError when the text is not what `encodeEvents` of this or an earlier version wrote. */
export function decodeEvents(encoded: { events: string; payloads?: string | undefined }, base: Instant): Recorded[] {
  const rows: unknown = JSON.parse(encoded.events);
  assert(Array.isArray(rows), 'stored events are a list');
  const slots = encoded.payloads === undefined ? [] : (JSON.parse(encoded.payloads) as Json[]);
  return rows.map((row) => decodeEvent(row as Row, base, slots));
}

/**
 * The events of several appends, in their order; the same as `decodeEvents` of each, in two thirds of the time, since their texts are
 * parsed together.
 */
export function decodeAll(
  entries: readonly { from: number; events: string; payloads?: string | undefined; at: Instant }[],
  { only, after = 0, upTo = Number.POSITIVE_INFINITY }: DecodeOptions = {},
): readonly Recorded[] {
  const wanted = only && new Set<number>(only.map((type) => codes[type]));
  const lists = JSON.parse(`[${entries.map(({ events }) => events).join(',')}]`) as readonly Row[][];
  const slots = JSON.parse(`[${entries.map(({ payloads }) => payloads ?? '[]').join(',')}]`) as readonly Json[][];
  const events: Recorded[] = [];
  lists.forEach((rows, index) => {
    assert(Array.isArray(rows), 'stored events are a list');
    const { from, at } = entries[index]!;
    rows.forEach((row, place) => {
      if (from + place < after || from + place >= upTo || wanted?.has(row[0] as number) === false) return;
      events.push(decodeEvent(row, at, slots[index]!));
    });
  });
  return events;
}

export interface DecodeOptions {
  /** Events of these types. Default all. */
  readonly only?: readonly Recorded['type'][];
  /** Events after this revision. Default 0: all. */
  readonly after?: number;
  /** Events up to this revision. Default all. */
  readonly upTo?: number;
}

type Row = readonly Json[];

const codes = {
  RunStarted: 1,
  TaskScheduled: 2,
  AttemptStarted: 3,
  AttemptLost: 4,
  DelayPassed: 5,
  WaitStarted: 6,
  ItemEnded: 7,
  TaskEnded: 8,
  RetryScheduled: 9,
  ProgramNoted: 10,
  ErrorLogged: 11,
  SignalReceived: 12,
  SignalConsumed: 13,
  PauseRequested: 14,
  RunPaused: 15,
  RunResumed: 16,
  CancelRequested: 17,
  RunFailing: 18,
  RunBlocked: 19,
  RunUnblocked: 20,
  RunEnded: 21,
  RunReopened: 22,
  FallbackTaken: 23,
  DecisionAsked: 24,
  DecisionTaken: 25,
  CompensationArmed: 26,
  GroupFailed: 27,
  ResultReused: 28,
  RunForked: 29,
  AttemptProgressed: 30,
  OutcomeLost: 31,
  OutcomeRuledOut: 32,
  RunRenewed: 33,
  AttributesSet: 40,
} as const satisfies Record<Recorded['type'], number>;

/** Every type of event there is. */
export const eventTypes: ReadonlySet<string> = new Set(Object.keys(codes));

function encodeEvent(event: Recorded, base: Instant, slots: Json[]): Json {
  const row: (Json | undefined)[] = [codes[event.type], event.at - base];
  switch (event.type) {
    case 'RunStarted': {
      const parent = event.parent && [
        event.parent.run,
        event.parent.task,
        event.parent.depth,
        event.parent.item ?? null,
        ...(event.parent.round === undefined && event.parent.abandoned === undefined
          ? []
          : [event.parent.round ?? null]),
        ...(event.parent.abandoned === undefined ? [] : [event.parent.abandoned]),
      ];
      row.push(event.workflow, event.version, event.style, slot(slots, event.input), event.seed, event.iterationsMax);
      row.push(event.context && slot(slots, event.context), event.from as Json | undefined, parent, event.deadlineAt);
      row.push(event.pinned, event.attributes);
      break;
    }
    case 'TaskScheduled':
      row.push(event.task, ...encodeSpec(event.spec, slots));
      break;
    case 'AttemptStarted':
      row.push(event.task, event.attempt, event.item, event.probe);
      break;
    case 'AttemptLost':
      row.push(event.task, event.item);
      break;
    case 'DelayPassed':
      row.push(event.task);
      break;
    case 'WaitStarted':
      row.push(event.task, event.item, event.dueAt, event.signal);
      break;
    case 'ItemEnded':
      row.push(event.task, event.item, ...encodeOutcome(event.outcome, slots));
      break;
    case 'TaskEnded':
      row.push(event.task, event.dropped, ...encodeOutcome(event.outcome, slots));
      break;
    case 'RetryScheduled':
      row.push(event.task, event.notBefore, ...encodeOutcome(event.outcome, slots));
      break;
    case 'ProgramNoted':
      row.push(event.note, event.values === undefined ? undefined : slot(slots, event.values));
      break;
    case 'ErrorLogged': {
      const { kind, message, task, route, transition, result } = event.error;
      row.push(kind, message, task, route, transition, result === undefined ? undefined : slot(slots, result));
      break;
    }
    case 'SignalReceived':
      row.push(event.name, slot(slots, event.payload), event.id, event.again);
      break;
    case 'SignalConsumed':
      row.push(event.task, event.name);
      break;
    case 'CancelRequested':
      row.push(event.reason, event.byTask);
      break;
    case 'RunBlocked':
      row.push(event.reason);
      break;
    case 'RunEnded':
      row.push(event.status, slot(slots, event.output), event.reason);
      break;
    case 'RunReopened':
      row.push(event.epoch);
      break;
    case 'FallbackTaken':
    case 'DecisionAsked':
      row.push(event.task, ...encodeOutcome(event.outcome, slots));
      break;
    case 'DecisionTaken':
      row.push(event.task, event.choice, event.reason);
      break;
    case 'CompensationArmed':
      row.push(event.task, ...encodeSpec(event.spec, slots));
      break;
    case 'GroupFailed':
      row.push(event.group);
      break;
    case 'ResultReused':
      row.push(event.task, event.from.run, event.from.task);
      break;
    case 'RunForked':
      row.push(event.run, event.revision);
      break;
    case 'AttributesSet':
      row.push(event.changes, event.asked);
      break;
    case 'AttemptProgressed':
      row.push(event.task, slot(slots, event.details), event.item);
      break;
    case 'OutcomeLost':
      row.push(event.task, event.reason);
      break;
    case 'OutcomeRuledOut':
      row.push(event.task);
      break;
    case 'RunRenewed':
      row.push(event.version, slot(slots, event.input), event.seed, event.deadlineAt, event.attributes);
      break;
    default:
      break;
  }
  return trimmed(row);
}

function decodeEvent(row: Row, base: Instant, slots: readonly Json[]): Recorded {
  const fields = new Fields(row, slots);
  const code = fields.number();
  const at = plus(base, fields.number());
  switch (code) {
    case codes.RunStarted: {
      const workflow = fields.text();
      const version = fields.text() as WorkflowVersion;
      const style = fields.text();
      const input = fields.payload() as JsonObject;
      const seed = fields.number();
      const iterationsMax = fields.number();
      const context = fields.maybePayload() as JsonObject | undefined;
      const from = fields.maybe<string[]>();
      const parent = fields.maybe<[string, number, number, number | null, (number | null)?, boolean?]>();
      const deadlineAt = fields.maybe<Instant>();
      const pinned = fields.maybe<{ [name: string]: WorkflowVersion }>();
      const attributes = fields.maybe<Attributes>();
      return {
        type: 'RunStarted',
        at,
        workflow,
        version,
        style,
        input,
        seed,
        iterationsMax,
        context,
        from,
        parent: parent && {
          run: parent[0] as RunId,
          task: parent[1],
          depth: parent[2],
          item: parent[3] ?? undefined,
          round: parent[4] ?? undefined,
          ...(parent[5] === undefined ? {} : { abandoned: parent[5] }),
        },
        pinned,
        deadlineAt,
        attributes,
      };
    }
    case codes.TaskScheduled:
      return { type: 'TaskScheduled', at, task: fields.number(), spec: decodeSpec(fields) };
    case codes.AttemptStarted:
      return {
        type: 'AttemptStarted',
        at,
        task: fields.number(),
        attempt: fields.number(),
        item: fields.maybe<number>(),
        probe: fields.maybe<boolean>(),
      };
    case codes.AttemptLost:
      return { type: 'AttemptLost', at, task: fields.number(), item: fields.maybe<number>() };
    case codes.DelayPassed:
      return { type: 'DelayPassed', at, task: fields.number() };
    case codes.WaitStarted: {
      const task = fields.number();
      return {
        type: 'WaitStarted',
        at,
        task,
        item: fields.maybe<number>(),
        dueAt: fields.maybe<Instant>(),
        signal: fields.maybe<string>(),
      };
    }
    case codes.ItemEnded:
      return { type: 'ItemEnded', at, task: fields.number(), item: fields.number(), outcome: decodeOutcome(fields) };
    case codes.TaskEnded:
      return {
        type: 'TaskEnded',
        at,
        task: fields.number(),
        dropped: fields.maybe<boolean>(),
        outcome: decodeOutcome(fields),
      };
    case codes.RetryScheduled: {
      const task = fields.number();
      return {
        type: 'RetryScheduled',
        at,
        task,
        notBefore: fields.number() as Instant,
        outcome: decodeOutcome(fields),
      };
    }
    case codes.ProgramNoted:
      return { type: 'ProgramNoted', at, note: fields.json(), values: fields.maybePayload() };
    case codes.ErrorLogged:
      return { type: 'ErrorLogged', at, error: decodeError(fields) };
    case codes.SignalReceived:
      return {
        type: 'SignalReceived',
        at,
        name: fields.text(),
        payload: fields.payload(),
        id: fields.maybe<string>(),
        again: fields.maybe<boolean>(),
      };
    case codes.SignalConsumed:
      return { type: 'SignalConsumed', at, task: fields.number(), name: fields.text() };
    case codes.PauseRequested:
      return { type: 'PauseRequested', at };
    case codes.RunPaused:
      return { type: 'RunPaused', at };
    case codes.RunResumed:
      return { type: 'RunResumed', at };
    case codes.CancelRequested:
      return { type: 'CancelRequested', at, reason: fields.maybe<string>(), byTask: fields.maybe<boolean>() };
    case codes.RunFailing:
      return { type: 'RunFailing', at };
    case codes.RunBlocked:
      return { type: 'RunBlocked', at, reason: fields.text() };
    case codes.RunUnblocked:
      return { type: 'RunUnblocked', at };
    case codes.RunEnded: {
      const status = fields.text() as FinalStatus;
      return { type: 'RunEnded', at, status, output: fields.payload(), reason: fields.maybe<string>() };
    }
    case codes.RunReopened:
      return { type: 'RunReopened', at, epoch: fields.number() };
    case codes.FallbackTaken:
      return { type: 'FallbackTaken', at, task: fields.number(), outcome: decodeFailed(fields) };
    case codes.DecisionAsked:
      return { type: 'DecisionAsked', at, task: fields.number(), outcome: decodeFailed(fields) };
    case codes.DecisionTaken: {
      const task = fields.number();
      return {
        type: 'DecisionTaken',
        at,
        task,
        choice: fields.text() as DecisionChoice,
        reason: fields.maybe<string>(),
      };
    }
    case codes.CompensationArmed:
      return { type: 'CompensationArmed', at, task: fields.number(), spec: decodeSpec(fields) };
    case codes.GroupFailed:
      return { type: 'GroupFailed', at, group: fields.text() };
    case codes.ResultReused: {
      const task = fields.number();
      return { type: 'ResultReused', at, task, from: { run: fields.text() as RunId, task: fields.number() } };
    }
    case codes.RunForked:
      return { type: 'RunForked', at, run: fields.text() as RunId, revision: fields.number() };
    case codes.AttributesSet:
      return { type: 'AttributesSet', at, changes: fields.json() as AttributeChanges, asked: fields.maybe<boolean>() };
    case codes.AttemptProgressed: {
      const task = fields.number();
      return { type: 'AttemptProgressed', at, task, details: fields.payload(), item: fields.maybe<number>() };
    }
    case codes.OutcomeLost:
      return { type: 'OutcomeLost', at, task: fields.number(), reason: fields.text() };
    case codes.OutcomeRuledOut:
      return { type: 'OutcomeRuledOut', at, task: fields.number() };
    case codes.RunRenewed: {
      const version = fields.text() as WorkflowVersion;
      const input = fields.payload() as JsonObject;
      const seed = fields.number();
      const deadlineAt = fields.maybe<Instant>();
      return { type: 'RunRenewed', at, version, input, seed, deadlineAt, attributes: fields.maybe<Attributes>() };
    }
    default:
      assert(false, `stored event ${code} is unknown: the history was written by a newer version, or is damaged`);
  }
}

function encodeSpec(spec: TaskSpec, slots: Json[]): (Json | undefined)[] {
  const { retry } = spec;
  const policy = retry && [
    retry.count,
    retry.delayMs,
    retry.factor,
    retry.maxDelayMs ?? null,
    retry.jitter,
    retry.conditional,
  ];
  return [
    spec.name,
    spec.kind,
    spec.action === impliedAction(spec.kind) ? undefined : spec.action,
    slot(slots, spec.input),
    spec.route === 0 ? undefined : spec.route,
    spec.notBefore,
    spec.timeoutMs,
    policy,
    spec.priority,
    spec.each,
    spec.actions as Json | undefined,
    spec.width,
    spec.kept === undefined ? undefined : slot(slots, spec.kept as Json),
    spec.whileFailing,
    spec.secrets as Json | undefined,
    encodePolicies(spec, slots),
  ];
}

function decodeSpec(fields: Fields): TaskSpec {
  const name = fields.text();
  const kind = fields.text() as TaskKind;
  const action = fields.maybe<string>() ?? impliedAction(kind);
  const input = fields.payload();
  const route = fields.maybe<number>() ?? 0;
  // Most tasks have no more than this.
  if (fields.isAtEnd) return { name, kind, action, input, route };
  const notBefore = fields.maybe<Instant>();
  const timeoutMs = fields.maybe<number>();
  const policy = fields.maybe<[number, number, number, number | null, number, boolean]>();
  const priority = fields.maybe<number>();
  const each = fields.maybe<Exclude<TaskKind, 'items'>>();
  const actions = fields.maybe<string[]>();
  const width = fields.maybe<number>();
  const kept = fields.maybePayload() as TaskSpec['kept'];
  const whileFailing = fields.maybe<boolean>();
  const secrets = fields.maybe<string[]>();
  const policies = decodePolicies(fields);
  const retry = policy && decodeRetry(policy);
  return {
    name,
    kind,
    action,
    input,
    route,
    notBefore,
    timeoutMs,
    retry,
    priority,
    each,
    actions,
    width,
    kept,
    whileFailing,
    secrets,
    ...policies,
  };
}

/** What few tasks have, in a list of its own: absent where a task has none of it. */
function encodePolicies(spec: TaskSpec, slots: Json[]): Json | undefined {
  const { deadlineAt, fallback, intervenes, compensates, undoes, group, cache, shielded } = spec;
  const { once, startWithinMs, heartbeatMs, onLeave } = spec;
  const isPlain = !(
    deadlineAt ||
    fallback ||
    intervenes ||
    compensates ||
    undoes !== undefined ||
    group ||
    cache ||
    shielded
  );
  if (
    isPlain &&
    once === undefined &&
    startWithinMs === undefined &&
    heartbeatMs === undefined &&
    onLeave === undefined
  )
    return undefined;
  const other =
    fallback && trimmed([fallback.kind, fallback.action, slot(slots, fallback.input), fallback.secrets as Json]);
  const kept = cache && trimmed([slot(slots, cache.key), cache.ttlMs]);
  const rare = [once, startWithinMs, heartbeatMs, onLeave];
  return trimmed([deadlineAt, other, intervenes, compensates, undoes, group, kept, shielded, ...rare]);
}

function decodePolicies(fields: Fields): Partial<TaskSpec> | undefined {
  const row = fields.maybe<Row>();
  if (row === undefined) return undefined;
  const own = fields.within(row);
  const deadlineAt = own.maybe<Instant>();
  const fallback = own.maybe<Row>();
  const intervenes = own.maybe<boolean>();
  const compensates = own.maybe<boolean>();
  const undoes = own.maybe<number>();
  const group = own.maybe<string>();
  const cache = own.maybe<Row>();
  const shielded = own.maybe<boolean>();
  const once = own.maybe<'probe' | 'ask'>();
  const startWithinMs = own.maybe<number>();
  const heartbeatMs = own.maybe<number>();
  const onLeave = own.maybe<'terminate' | 'abandon'>();
  return {
    deadlineAt,
    intervenes,
    compensates,
    undoes,
    group,
    shielded,
    once,
    startWithinMs,
    heartbeatMs,
    onLeave,
    fallback: fallback && decodeFallback(fields.within(fallback)),
    cache: cache && decodeCache(fields.within(cache)),
  };
}

function decodeFallback(fields: Fields): NonNullable<TaskSpec['fallback']> {
  const kind = fields.text() as TaskKind;
  const [action, input, secrets] = [fields.text(), fields.payload(), fields.maybe<string[]>()];
  return { kind, action, input, ...(secrets === undefined ? {} : { secrets }) };
}

function decodeCache(fields: Fields): NonNullable<TaskSpec['cache']> {
  return { key: fields.payload() as string, ttlMs: fields.maybe<number>() };
}

function decodeFailed(fields: Fields): Failed {
  const outcome = decodeOutcome(fields);
  assert(outcome.status === 'failed', 'a failed outcome is stored as one');
  return outcome;
}

function decodeRetry(policy: [number, number, number, number | null, number, boolean]): RetryPolicy {
  const [count, delayMs, factor, maxDelayMs, jitter, conditional] = policy;
  return { count, delayMs, factor, maxDelayMs: maxDelayMs ?? undefined, jitter, conditional };
}

/** The action that a kind of task stands for by itself. */
function impliedAction(kind: TaskKind): string | undefined {
  return kind === 'action' || kind === 'items' || kind === 'noop' ? undefined : `core.${kind}`;
}

const outcomeCodes = { succeeded: 0, failed: 1, canceled: 2 } as const;

function encodeOutcome(outcome: Outcome, slots: Json[]): (Json | undefined)[] {
  const head = [outcomeCodes[outcome.status], slot(slots, outcome.output)];
  if (outcome.status !== 'failed') return head;
  const { kind, message, retryable, logged, retryAfterMs } = outcome.failure;
  return [...head, kind, message, retryable, logged, retryAfterMs];
}

function decodeOutcome(fields: Fields): Outcome {
  const code = fields.number();
  const output = fields.payload();
  if (code === outcomeCodes.succeeded) return { status: 'succeeded', output };
  if (code === outcomeCodes.canceled) return { status: 'canceled', output };
  assert(code === outcomeCodes.failed, `stored outcome ${code} is unknown`);
  const failure: Failure = {
    kind: fields.text(),
    message: fields.text(),
    retryable: fields.maybe<boolean>(),
    logged: fields.maybe<boolean>(),
    retryAfterMs: fields.maybe<number>(),
  };
  return { status: 'failed', output, failure };
}

function decodeError(fields: Fields): RunError {
  return {
    kind: fields.text(),
    message: fields.text(),
    task: fields.maybe<string>(),
    route: fields.maybe<number>(),
    transition: fields.maybe<string>(),
    result: fields.maybePayload(),
  };
}

/** Puts a payload into the next slot; null needs none and is −1. */
function slot(slots: Json[], value: Json): number {
  if (value === null) return -1;
  return slots.push(value) - 1;
}

/** Without absent fields at the end; those before are null. */
function trimmed(row: (Json | undefined)[]): Json {
  let length = row.length;
  while (length > 0 && row[length - 1] === undefined) length -= 1;
  row.length = length;
  for (let index = 0; index < length; index += 1) row[index] ??= null;
  return row as Json;
}

/** Reads the fields of a stored row in order. */
class Fields {
  readonly #row: Row;
  readonly #slots: readonly Json[];
  #next = 0;

  constructor(row: Row, slots: readonly Json[]) {
    assert(Array.isArray(row), 'a stored event is a list');
    this.#row = row;
    this.#slots = slots;
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#row.length;
  }

  number(): number {
    const value = this.#row[this.#next++];
    assert(typeof value === 'number', `field ${this.#next} of a stored event is not a number`);
    return value;
  }

  text(): string {
    const value = this.#row[this.#next++];
    assert(typeof value === 'string', `field ${this.#next} of a stored event is not text`);
    return value;
  }

  json(): Json {
    return this.#row[this.#next++] ?? null;
  }

  /** A field that may be absent. The caller names the type that `encodeEvent` put there. */
  maybe<T>(): T | undefined {
    return (this.#row[this.#next++] ?? undefined) as T | undefined;
  }

  /** A list within the row, read with the same payloads. */
  within(row: Row): Fields {
    return new Fields(row, this.#slots);
  }

  payload(): Json {
    return this.#at(this.number());
  }

  maybePayload(): Json | undefined {
    const place = this.maybe<number>();
    return place === undefined ? undefined : this.#at(place);
  }

  #at(place: number): Json {
    if (place === -1) return null;
    assert(place >= 0 && place < this.#slots.length, `payload ${place} of a stored event is missing`);
    return this.#slots[place]!;
  }
}
