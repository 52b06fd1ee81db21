/**
 * What clients ask of durable functions: queries, updates, and pieces that their steps add to streams. Whoever asks is heard once the
 * function has heard what came before.
 */

import { assert, type Instant, isPawlError, type Json, PawlError, type RunId } from '../../base/index.ts';
import { type Command, type Decision, type Directive, isFinal } from '../../kernel/index.ts';
import type { HotRun } from '../hot-run.ts';
import type { EmitMessage, QueryMessage, UpdateMessage } from '../message.ts';
import type { FunctionHost } from './host.ts';
import { thrownText } from './thrown.ts';
import { settleUpdate, type UpdateDesk } from './update-desk.ts';

export interface QuestionPorts {
  readonly functions: FunctionHost;
  readonly updates: UpdateDesk;
  decide(hot: HotRun, command: Command, at: Instant): Decision | undefined;
  /** Calls `resolve` once what the run has come to is durable. */
  onRelease(hot: HotRun, resolve: () => void, reject: (error: unknown) => void): void;
  /** True while the run is in memory as this. */
  holds(hot: HotRun): boolean;
}

export class FunctionQuestions {
  readonly #ports: QuestionPorts;
  #asked: { readonly hot: HotRun; readonly message: QueryMessage | UpdateMessage }[] = [];

  constructor(ports: QuestionPorts) {
    this.#ports = ports;
  }

  get isEmpty(): boolean {
    return this.#asked.length === 0;
  }

  ask(hot: HotRun, message: QueryMessage | UpdateMessage): void {
    this.#asked.push({ hot, message });
  }

  /** @param heard Lets functions hear what was taken: who asks next finds it done. */
  async answerAll(at: Instant, heard: () => Promise<void>): Promise<void> {
    for (const asked of this.#asked.splice(0)) {
      const { hot, message } = asked;
      if (!this.#ports.holds(hot)) message.reject(runLeft(hot.state.id));
      // It has heard enough for this turn, and not all of what came before.
      else if (this.#ports.functions.isHearing(hot.state.id)) this.#asked.push(asked);
      else if (message.type === 'query') this.#answer(hot, message);
      else {
        this.#take(hot, message, at);
        await heard();
      }
    }
  }

  /** Nobody will answer any more. */
  endAll(error: PawlError): void {
    for (const { message } of this.#asked.splice(0)) message.reject(error);
  }

  /** Of a step that is not waited for any more nothing is heard. */
  emit(hot: HotRun, { call, stream, value }: EmitMessage, at: Instant): void {
    const { state } = hot;
    if (isFinal(state.status) || this.#ports.functions.stepOf(state.id, call) === undefined) return;
    this.#note(hot, ['emitted', stream, call], value, at);
  }

  #answer(hot: HotRun, { name, args, resolve, reject }: QueryMessage): void {
    try {
      const refusal = this.#silenceOf(hot);
      if (refusal !== undefined) throw refusal;
      const answer = this.#ports.functions.query(hot.state.id, name, args);
      this.#ports.onRelease(hot, () => resolve(answer), reject);
    } catch (error) {
      reject(isPawlError(error) ? error : queryFailed(hot.state.id, name, error));
    }
  }

  #take(hot: HotRun, message: UpdateMessage, at: Instant): void {
    const { state } = hot;
    const { updates, onRelease } = this.#ports;
    const known = message.id === undefined ? undefined : updates.answerIn(state, message.id);
    if (known !== undefined && known.status !== 'asked') {
      onRelease(hot, () => settleUpdate(message, known), message.reject);
      return;
    }
    // An update that was asked for and never answered is not answered any more once its run has ended.
    const refusal = known === undefined || isFinal(state.status) ? this.#faultOf(hot, message) : undefined;
    if (refusal !== undefined) {
      message.reject(refusal);
      return;
    }
    const id = updates.wait(state, message);
    if (known !== undefined) return;
    const decision = this.#note(hot, ['update', id, message.name], message.input, at);
    // Where deciding it broke the run, whoever asked has been told.
    assert(decision?.accepted !== false, `run ${state.id} takes an update`);
  }

  #note(hot: HotRun, note: Json, values: Json, at: Instant): Decision | undefined {
    const directives: Directive[] = [{ type: 'note', note, values }];
    return this.#ports.decide(hot, { type: 'Advance', revision: hot.state.revision, directives }, at);
  }

  /** Why a run answers no query; undefined where it does. */
  #silenceOf({ state, program }: HotRun): PawlError | undefined {
    const { id: run, status, style } = state;
    if (style !== 'function')
      return new PawlError('bad_input', `run "${run}" is no durable function, and answers no queries`);
    if (isFinal(status))
      return new PawlError('refused', `the run is ${status}, and answers queries only while it is open`, {
        details: { run, reason: 'run_not_open' },
      });
    const lacks = program.lacks ?? state.blocked;
    return lacks === undefined
      ? undefined
      : new PawlError('refused', lacks, { details: { run, reason: 'run_is_blocked' } });
  }

  /** Why an update is not taken; undefined where it is. */
  #faultOf({ state, program }: HotRun, { name, input }: UpdateMessage): PawlError | undefined {
    const { id: run, status, style } = state;
    if (style !== 'function')
      return new PawlError('bad_input', `run "${run}" is no durable function, and takes no updates`);
    if (isFinal(status) || status === 'failing' || status === 'canceling')
      return new PawlError('refused', `the run is ${status}`, { details: { run, reason: 'run_not_open' } });
    const lacks = program.lacks ?? state.blocked;
    if (lacks !== undefined) return new PawlError('refused', lacks, { details: { run, reason: 'run_is_blocked' } });
    const fault = this.#ports.functions.updateFault(run, name, input);
    return fault === undefined ? undefined : new PawlError('bad_input', fault, { details: { run } });
  }
}

function queryFailed(run: RunId, name: string, error: unknown): PawlError {
  const message = thrownText(error);
  return new PawlError('failed', `the query "${name}" of run "${run}" failed: ${message}`, { cause: error });
}

function runLeft(run: RunId): PawlError {
  return new PawlError('busy', `run "${run}" could not be kept in memory; ask again`);
}
