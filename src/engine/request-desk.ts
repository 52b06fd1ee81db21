/** Answers the requests of clients from an engine in this process: names become numbers, refusals become replies. */

import {
  isPawlError,
  type Json,
  jsonCopy,
  jsonFault,
  PawlError,
  parseAttributeChanges,
  parseRunId,
  type RunId,
} from '../base/index.ts';
import type { Connection, Reply, Request } from '../client/index.ts';
import type { Command, OpenTask, Outcome, Refusal, RerunRequest, RunState } from '../kernel/index.ts';
import { shownStatus } from '../kernel/index.ts';
import type { Engine } from './engine.ts';
import { type Offers, startOffered } from './offer.ts';
import { untilStill } from './stand.ts';
import type { StoredView } from './view.ts';

/** Events of the longest run that is shown from here: reading them takes milliseconds, in which nothing else moves. */
const shownAtMost = 2_000;

/** A connection to an engine of this process. `offers`: what its clients may start by name. */
export function connectionTo(engine: Engine, offers: Offers = new Map()): Connection {
  return {
    async ask(request) {
      try {
        return await answer(engine, offers, request);
      } catch (error) {
        if (isPawlError(error)) return { ok: false, code: error.code, message: error.message };
        return { ok: false, code: 'internal', message: error instanceof Error ? error.message : String(error) };
      }
    },
    async close() {},
  };
}

async function answer(engine: Engine, offers: Offers, request: Request): Promise<Reply> {
  if (request.op === 'resume' && request.run === undefined) {
    await engine.recover('all');
    return { ok: true, status: 'running' };
  }
  checkTexts(request);
  const given = givenBy(request);
  const fault = jsonFault(given);
  if (fault !== undefined) throw new PawlError('bad_input', `what the run is to be given is not JSON: ${fault}`);
  if (request.op === 'start') return started(engine, await startOffered(offers, request));
  if (request.op === 'complete' || request.op === 'fail') {
    await engine.completeLater(request.token, outcomeOf(request));
    return { ok: true, status: 'completed' };
  }
  const run = parseRunId(request.run ?? '');
  if (run === undefined) throw new PawlError('bad_input', `"${request.run}" is not the id of a run`);
  if (request.op === 'show' || request.op === 'history') return shown(await engine.view(run, shownAtMost), request.op);
  if (request.op === 'await') {
    const stand = await untilStill(engine, run);
    return { ok: true, status: stand.status, stand: stand as unknown as Json };
  }
  if (request.op === 'fork' || request.op === 'fork_call') return forked(engine, run, request);
  if (request.op === 'query' || request.op === 'update') {
    const answer =
      request.op === 'query'
        ? await engine.query(run, request.name, request.args)
        : await engine.update(run, request.name, request.input, request.id);
    return { ok: true, status: await statusOf(engine, run), answer };
  }
  const state = await engine.state(run);
  if (state === undefined) throw new PawlError('not_found', `there is no run "${run}"; \`pawl runs\` lists them`);
  if (request.op === 'resume' && state.status !== 'paused' && state.status !== 'pausing') {
    await engine.recover([run]);
    return { ok: true, status: shownStatus(state) };
  }
  const odd = request.op === 'signal' ? engine.signalFault(state, request.name, request.payload) : undefined;
  if (odd !== undefined) throw new PawlError('bad_input', odd);
  const refusal = await engine.command(run, commandOf(request, run, state));
  return refusal === undefined || refusal.reason === 'signal_known'
    ? { ok: true, status: await statusOf(engine, run) }
    : refused(refusal);
}

/** Fields that are text wherever they are: what a client gives them is kept, and must be readable for ever. */
const texts: readonly string[] = ['run', 'name', 'id', 'task', 'reason', 'token', 'message', 'workflow', 'version'];

function checkTexts(request: Request): void {
  for (const [field, value] of Object.entries(request))
    if (texts.includes(field) && typeof value !== 'string')
      throw new PawlError('bad_input', `the ${field} of "${request.op}" is ${JSON.stringify(value)}; write a text`);
}

async function started(engine: Engine, run: RunId): Promise<Reply> {
  return { ok: true, status: await statusOf(engine, run), started: { run } };
}

function outcomeOf(request: Request & { op: 'complete' | 'fail' }): Outcome {
  if (request.op === 'complete') return { status: 'succeeded', output: request.output };
  const failure = {
    kind: 'failed',
    message: request.message,
    ...(request.retryable === false ? { retryable: false } : {}),
  };
  return { status: 'failed', output: null, failure };
}

async function forked(engine: Engine, run: RunId, request: Request & { op: 'fork' | 'fork_call' }): Promise<Reply> {
  const id = request.id === undefined ? undefined : parseRunId(request.id);
  if (request.id !== undefined && id === undefined)
    throw new PawlError('bad_input', `"${request.id}" is not the id of a run`);
  const output = request.op === 'fork_call' ? request.output : undefined;
  const made =
    request.op === 'fork'
      ? await engine.fork(run, request.at, id)
      : await engine.forkAtCall(
          run,
          request.call,
          output === undefined ? undefined : { status: 'succeeded', output },
          id,
        );
  return { ok: true, status: await statusOf(engine, made.run), forked: { run: made.run, at: made.revision } };
}

function shown(stored: StoredView | undefined, op: 'show' | 'history'): Reply {
  if (stored === undefined) return { ok: true, status: 'unknown' };
  const { view, history } = stored;
  return op === 'show'
    ? { ok: true, status: view.status, view: view as unknown as Json }
    : { ok: true, status: view.status, events: history as unknown as Json };
}

/** What the run is to be given. */
function givenBy(request: Request): Json {
  switch (request.op) {
    case 'signal':
      return request.payload;
    case 'answer':
      return request.answer;
    case 'decide':
      return request.output ?? null;
    case 'start':
    case 'update':
      return request.input;
    case 'query':
      return request.args;
    case 'complete':
    case 'fork_call':
      return request.output ?? null;
    default:
      return null;
  }
}

/** Requests that are not commands of a run. */
type ForOthers =
  | 'show'
  | 'history'
  | 'fork'
  | 'fork_call'
  | 'start'
  | 'await'
  | 'query'
  | 'update'
  | 'complete'
  | 'fail';

function commandOf(request: Exclude<Request, { op: ForOthers }>, run: RunId, state: RunState): Command {
  switch (request.op) {
    case 'signal':
      return { type: 'Signal', name: request.name, payload: jsonCopy(request.payload), id: request.id };
    case 'answer':
      return { type: 'Answer', ...askingTask(request.task, run, state), answer: jsonCopy(request.answer) };
    case 'decide': {
      const { choice, reason } = request;
      const output = request.output && jsonCopy(request.output);
      if (choice !== 'retry' && choice !== 'skip' && choice !== 'fail')
        throw new PawlError('bad_input', `${JSON.stringify(choice)} is no decision; write retry, skip or fail`);
      return { type: 'Decide', task: askedTask(request.task, run, state), choice, output, reason };
    }
    case 'attributes': {
      const changes = parseAttributeChanges(request.changes);
      if (!changes.ok) throw new PawlError('bad_input', changes.error);
      return { type: 'SetAttributes', changes: changes.value };
    }
    case 'pause':
      return { type: 'Pause' };
    case 'resume':
      return { type: 'Resume' };
    case 'cancel':
      return { type: 'Cancel', reason: request.reason };
    case 'terminate':
      return { type: 'Terminate', reason: request.reason };
    case 'rerun':
      return { type: 'Rerun', tasks: request.tasks?.map(rerunRequest) };
  }
}

async function statusOf(engine: Engine, run: RunId): Promise<string> {
  const state = await engine.state(run);
  return state === undefined ? 'unknown' : shownStatus(state);
}

function refused(refusal: Refusal): Reply {
  return { ok: false, code: 'refused', reason: refusal.reason, message: refusal.message };
}

/** The open task that waits for an answer under that name, number, or `NAME[ITEM]`. */
function askingTask(name: string, run: RunId, state: RunState): { task: number; item: number | undefined } {
  const [, base = name, index] = /^(.*?)(?:\[(\d+)\])?$/.exec(name) ?? [];
  const asking: { task: number; item: number | undefined; name: string }[] = [];
  for (const task of state.open.values()) {
    if (!isAsk(task)) continue;
    for (const item of task.waits?.keys() ?? []) {
      asking.push({ task: task.task, item: item < 0 ? undefined : item, name: task.spec.name });
    }
  }
  const found = asking.filter(
    (one) => (one.name === base || String(one.task) === base) && (index === undefined || one.item === Number(index)),
  );
  if (found.length === 1) return found[0]!;
  const names = asking.map((one) => (one.item === undefined ? one.name : `${one.name}[${one.item}]`));
  const waiting =
    names.length === 0 ? 'no task of it waits for an answer' : `waiting for an answer: ${names.join(', ')}`;
  const problem =
    found.length === 0
      ? `run "${run}" has no task "${name}" that asks`
      : `"${name}" names ${found.length} tasks that ask`;
  throw new PawlError('bad_input', `${problem}; ${waiting}`);
}

/** The open task of that name or number that waits for a decision. */
function askedTask(name: string, run: RunId, state: RunState): number {
  const asked = [...state.open.values()].filter((task) => task.asked !== undefined);
  const found = asked.filter((task) => task.spec.name === name || String(task.task) === name);
  if (found.length === 1) return found[0]!.task;
  const names = asked.map((task) => `${task.spec.name} (${task.task})`).join(', ');
  const waiting = asked.length === 0 ? 'no task of it waits for a decision' : `waiting for a decision: ${names}`;
  const problem =
    found.length === 0
      ? `run "${run}" has no task "${name}" that waits for one`
      : `"${name}" names ${found.length} tasks`;
  throw new PawlError('bad_input', `${problem}; ${waiting}`);
}

function isAsk(task: OpenTask): boolean {
  return task.spec.kind === 'ask' || task.spec.each === 'ask';
}

/** `NAME`, `NAME__rROUTE`; with `!` behind it all items run again. */
function rerunRequest(text: string): RerunRequest {
  const resetItems = text.endsWith('!');
  const [, name = text, route] = /^(.*?)(?:__r(\d+))?!?$/.exec(text) ?? [];
  return { name, route: route === undefined ? 0 : Number(route), resetItems };
}

/** The tasks of a run that wait for an answer, for people to see. */
export function questionsOf(state: RunState): { task: string; item: number | undefined; question: Json }[] {
  const questions: { task: string; item: number | undefined; question: Json }[] = [];
  for (const task of state.open.values()) {
    if (!isAsk(task)) continue;
    for (const item of task.waits?.keys() ?? []) {
      const input = task.spec.input;
      const question = item < 0 ? input : ((input as readonly Json[])[item] ?? null);
      questions.push({ task: task.spec.name, item: item < 0 ? undefined : item, question });
    }
  }
  return questions;
}
