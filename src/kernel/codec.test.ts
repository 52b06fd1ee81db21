/** What is stored of events: random ones come back as they were, and so do rows that earlier versions wrote. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instant, Json } from '../base/index.ts';
import { decodeAll, decodeEvents, encodeEvents, eventTypes } from './codec.ts';
import type { Recorded } from './events.ts';

const base = 1_800_000_000_000 as Instant;
const number = fc.nat(1_000_000);
const instant = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((ms) => base + ms);
const text = fc.string({ maxLength: 12, unit: 'binary' });
const flag = fc.boolean();
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
const map = fc
  .dictionary(text, json, { maxKeys: 3, noNullPrototype: true })
  .map((one) => JSON.parse(JSON.stringify(one)));
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const listOf = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 3 });
const attributes = fc.dictionary(text, fc.oneof(text, number, flag), { maxKeys: 3, noNullPrototype: true });

const failure = fc.record({
  kind: text,
  message: text,
  retryable: maybe(flag),
  logged: maybe(flag),
  retryAfterMs: maybe(number),
});
const failed = fc.record({ status: fc.constant('failed'), output: json, failure });
const outcome = fc.oneof(failed, fc.record({ status: fc.constantFrom('succeeded', 'canceled'), output: json }));
const retry = fc.record({
  count: fc.oneof(number, fc.constant(Number.MAX_SAFE_INTEGER)),
  delayMs: number,
  factor: fc.double({ min: 0, max: 10, noNaN: true }).map((factor) => factor + 0),
  maxDelayMs: maybe(number),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }).map((jitter) => jitter + 0),
  conditional: flag,
});
const spec = fc.record({
  name: text,
  kind: fc.constantFrom('action', 'items'),
  route: number,
  action: maybe(text),
  input: json,
  each: maybe(fc.constantFrom('action', 'sleep', 'ask', 'receive', 'workflow', 'noop')),
  actions: maybe(listOf(text)),
  width: maybe(number),
  kept: maybe(listOf(fc.option(fc.record({ output: json })))),
  notBefore: maybe(instant),
  timeoutMs: maybe(number),
  priority: maybe(number),
  retry: maybe(retry),
  secrets: maybe(listOf(text)),
  whileFailing: maybe(flag),
  deadlineAt: maybe(instant),
  fallback: maybe(fc.record({ kind: fc.constant('action'), action: text, input: json, secrets: maybe(listOf(text)) })),
  intervenes: maybe(flag),
  compensates: maybe(flag),
  shielded: maybe(flag),
  undoes: maybe(number),
  group: maybe(text.filter((one) => one !== '')),
  cache: maybe(fc.record({ key: text, ttlMs: maybe(number) })),
  once: maybe(fc.constantFrom('probe', 'ask')),
  startWithinMs: maybe(number),
  heartbeatMs: maybe(number),
  onLeave: maybe(fc.constantFrom('terminate', 'abandon')),
});
const error = fc.record({
  kind: text,
  message: text,
  task: maybe(text),
  route: maybe(number),
  transition: maybe(text),
  result: maybe(json),
});
const parent = fc.record({
  run: text,
  task: number,
  item: maybe(number),
  round: maybe(number),
  abandoned: maybe(fc.constant(true)),
  depth: number,
});
const task = number;
const item = maybe(number);

const fields: { readonly [type in Recorded['type']]: { readonly [field: string]: fc.Arbitrary<unknown> } } = {
  RunStarted: {
    workflow: text,
    version: text,
    style: text,
    input: map,
    context: maybe(map),
    seed: number,
    from: maybe(listOf(text)),
    parent: maybe(parent),
    pinned: maybe(fc.dictionary(text, text, { maxKeys: 2, noNullPrototype: true })),
    deadlineAt: maybe(instant),
    iterationsMax: number,
    attributes: maybe(attributes),
  },
  TaskScheduled: { task, spec },
  AttemptStarted: { task, item, attempt: number, probe: maybe(flag) },
  AttemptProgressed: { task, item, details: json },
  OutcomeLost: { task, reason: text },
  OutcomeRuledOut: { task },
  RunRenewed: { version: text, input: map, seed: number, deadlineAt: maybe(instant), attributes: maybe(attributes) },
  AttemptLost: { task, item },
  DelayPassed: { task },
  WaitStarted: { task, item, dueAt: maybe(instant), signal: maybe(text) },
  ItemEnded: { task, item: number, outcome },
  TaskEnded: { task, outcome, dropped: maybe(flag) },
  RetryScheduled: { task, outcome, notBefore: instant },
  FallbackTaken: { task, outcome: failed },
  DecisionAsked: { task, outcome: failed },
  DecisionTaken: { task, choice: fc.constantFrom('retry', 'skip', 'fail'), reason: maybe(text) },
  CompensationArmed: { task, spec },
  GroupFailed: { group: text },
  ResultReused: { task, from: fc.record({ run: text, task: number }) },
  RunForked: { run: text, revision: number },
  AttributesSet: { changes: attributes, asked: maybe(flag) },
  ProgramNoted: { note: json, values: maybe(json) },
  ErrorLogged: { error },
  SignalReceived: { name: text, payload: json, id: maybe(text), again: maybe(flag) },
  SignalConsumed: { name: text, task },
  PauseRequested: {},
  RunPaused: {},
  RunResumed: {},
  CancelRequested: { reason: maybe(text), byTask: maybe(flag) },
  RunFailing: {},
  RunBlocked: { reason: text },
  RunUnblocked: {},
  RunEnded: {
    status: fc.constantFrom('succeeded', 'failed', 'canceled', 'terminated'),
    output: json,
    reason: maybe(text),
  },
  RunReopened: { epoch: number },
};

const event = fc.oneof(
  ...Object.entries(fields).map(([type, own]) => fc.record({ type: fc.constant(type), at: instant, ...own })),
) as fc.Arbitrary<unknown> as fc.Arbitrary<Recorded>;

describe('given events of every type', () => {
  it('when they are written down and read, then each is as it was', () => {
    expect(new Set(Object.keys(fields))).toEqual(eventTypes);
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 8 }), (events) => {
        const encoded = encodeEvents(events, base);
        expect(decodeEvents(encoded, base)).toEqual(events);
        const entry = { ...encoded, from: 0, at: base };
        expect(decodeAll([entry, { ...entry, from: events.length }])).toEqual([...events, ...events]);
        expect(decodeAll([entry], { after: 1, upTo: 3 })).toEqual(events.slice(1, 3));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<readonly [string, string, Recorded]>([
    [
      'a run',
      '[[1,0,"w","v","flow",-1,5,9]]',
      {
        type: 'RunStarted',
        at: base,
        workflow: 'w',
        version: 'v',
        style: 'flow',
        input: null,
        seed: 5,
        iterationsMax: 9,
      } as never,
    ],
    [
      'a task',
      '[[2,0,3,"t","action","a",-1]]',
      {
        type: 'TaskScheduled',
        at: base,
        task: 3,
        spec: { name: 't', kind: 'action', action: 'a', input: null, route: 0 },
      },
    ],
    ['an attempt', '[[3,1,3,1]]', { type: 'AttemptStarted', at: (base + 1) as Instant, task: 3, attempt: 1 }],
    [
      'a new beginning',
      '[[33,0,"v",-1,7]]',
      { type: 'RunRenewed', at: base, version: 'v', input: null, seed: 7 } as never,
    ],
    ['a cancel', '[[17,0]]', { type: 'CancelRequested', at: base }],
  ])('when %s was written before its later fields were there, then it is read', (_what, events, expected) => {
    expect(decodeEvents({ events }, base)).toEqual([expected]);
  });
});
