/** A run that an engine holds in memory: its state, and what of it is not durable yet. */

import { type Attributes, type Instant, noAttributes, sameAttributes, type TaskNumber } from '../base/index.ts';
import {
  type AttemptOrder,
  encodeEvents,
  freezeRun,
  isFinal,
  isWaiting,
  nextDue,
  type Program,
  type Recorded,
  type RunState,
  shownStatus,
} from '../kernel/index.ts';
import type { RunAppend, RunRow, RunRowChange, StoredResult } from '../store/index.ts';

/** What a turn has in store for the world, once it is durable. */
export interface Outbox {
  /** Attempts to dispatch. */
  readonly starts: AttemptOrder[];
  /** Attempts to stop. */
  readonly aborts: { readonly task: TaskNumber; readonly item: number | undefined }[];
  /** Called with undefined once durable, or with the error that kept it from being so. */
  readonly releases: ((error: unknown) => void)[];
}

function emptyOutbox(): Outbox {
  return { starts: [], aborts: [], releases: [] };
}

/** Stored bytes after which a snapshot is worth its own. */
const snapshotAtLeastBytes = 64 * 1024;

export class HotRun {
  readonly state: RunState;
  readonly program: Program;
  readonly startHash: string;
  /** Children of this run that are in memory. */
  hotChildren = 0;
  /** The run whose `hotChildren` this one is among. */
  countedBy: HotRun | undefined;
  /** The instant at which its engine means to wake it. */
  dueNoted: Instant | undefined;
  /** True while its function has not heard all that is in its history: a process that finds it so must let it. */
  isUnheard = false;
  /** Results to keep with the next commit. */
  results: StoredResult[] = [];
  /** Events decided and not handed to the store. */
  pending: Recorded[] = [];
  #outbox: Outbox = emptyOutbox();
  /** The row as the store has it, or will have once the commit under way is through. */
  #row: RunRowChange | undefined;
  /** The revision handed to the store. */
  #stored: number;
  #tailBytes = 0;
  #snapshotBytes = 0;
  /** How often the run had begun anew at its last snapshot. */
  #renewals: number;

  constructor(state: RunState, program: Program, startHash: string, row: RunRow | undefined) {
    this.state = state;
    this.program = program;
    this.startHash = startHash;
    this.#row = row;
    this.#stored = state.revision;
    this.#renewals = state.renewals;
  }

  /** True where something waits to be made durable or released. */
  get isDirty(): boolean {
    return this.pending.length > 0 || this.#outbox.releases.length > 0;
  }

  /** What is to be done once everything decided so far is durable. */
  get outbox(): Outbox {
    return this.#outbox;
  }

  takeOutbox(): Outbox {
    const outbox = this.#outbox;
    this.#outbox = emptyOutbox();
    return outbox;
  }

  /** The append that makes the pending events durable; undefined where there are none. */
  takeAppend(): RunAppend | undefined {
    const events = this.pending;
    const first = events[0];
    const last = events[events.length - 1];
    if (first === undefined || last === undefined) return undefined;
    this.pending = [];
    const encoded = encodeEvents(events, first.at);
    const expected = this.#stored;
    this.#stored += events.length;
    this.#tailBytes += encoded.events.length + (encoded.payloads?.length ?? 0);
    const pinned = this.#row === undefined && this.state.parent === undefined ? Object.values(this.state.pinned) : [];
    const row = this.#rowChange();
    const snapshot = this.#snapshot();
    return {
      run: this.state.id,
      expected,
      count: events.length,
      at: first.at,
      events: encoded.events,
      ...(encoded.payloads === undefined ? {} : { payloads: encoded.payloads }),
      ...(row === undefined ? {} : { row }),
      ...(snapshot === undefined ? {} : { snapshot }),
      ...(pinned.length === 0 ? {} : { pinned }),
    };
  }

  /** Folded state, once the events since the last one have outgrown it. */
  #snapshot(): string | undefined {
    if (isFinal(this.state.status)) return undefined;
    // What was before a run began anew is not read again.
    const isRenewed = this.state.renewals > this.#renewals;
    if (!isRenewed && this.#tailBytes < Math.max(snapshotAtLeastBytes, 2 * this.#snapshotBytes)) return undefined;
    this.#renewals = this.state.renewals;
    const snapshot = freezeRun(this.state, this.program);
    this.#tailBytes = 0;
    this.#snapshotBytes = snapshot.length;
    return snapshot;
  }

  #rowChange(): RunRowChange | undefined {
    const { state } = this;
    const status = shownStatus(state);
    const final = isFinal(state.status);
    // A run on its way out is looked at again after a crash: its children may not have heard.
    const mustMove = !isWaiting(state) || state.blocked !== undefined || isLeaving(state) || this.isUnheard;
    const active = !final && mustMove;
    // A run that has something to run is never out of memory while its engine lives; any other is woken by this.
    const dueAt = final || !isWaiting(state) ? undefined : nextDue(state);
    const before = this.#row;
    if (before === undefined) {
      this.#row = {
        workflow: state.workflow,
        version: state.version,
        status,
        final,
        createdAt: state.startedAt,
        endedAt: state.endedAt,
        dueAt,
        active,
        parent: state.parent?.run,
        startHash: this.startHash,
        ...(isEmpty(state.attributes) ? {} : { attributes: state.attributes }),
      };
      return this.#row;
    }
    const changed: {
      version?: RunRow['version'];
      status?: string;
      final?: boolean;
      active?: boolean;
      dueAt?: Instant | undefined;
      endedAt?: Instant | undefined;
      attributes?: Attributes | undefined;
    } = {};
    let any = false;
    if (before.version !== state.version) [changed.version, any] = [state.version, true];
    if (before.status !== status) [changed.status, any] = [status, true];
    if (before.final !== final) [changed.final, any] = [final, true];
    if (before.active !== active) [changed.active, any] = [active, true];
    if (before.dueAt !== dueAt) [changed.dueAt, any] = [dueAt, true];
    if (before.endedAt !== state.endedAt) [changed.endedAt, any] = [state.endedAt, true];
    if (!sameAttributes(before.attributes ?? noAttributes, state.attributes))
      [changed.attributes, any] = [isEmpty(state.attributes) ? undefined : state.attributes, true];
    if (!any) return undefined;
    this.#row = { ...before, ...changed };
    return changed;
  }
}

function isEmpty(attributes: Attributes): boolean {
  return attributes === noAttributes || Object.keys(attributes).length === 0;
}

function isLeaving(state: RunState): boolean {
  return state.status === 'failing' || state.status === 'canceling' || state.status === 'pausing';
}
