/**
 * Forgets families of runs: see `sweep.ts`. Everything here happens inside a transaction of the writer.
 *
 * M1. No row is believed whose checksum does not match: a damaged row could call an open run ended. Its family stays.
 * M2. A document goes when no run has its version and none pins it.
 */

import type { Attributes, RunId, WorkflowVersion } from '../../base/index.ts';
import { type Removal, type Sweep, type Swept, sweepPlaceOf, sweepPlaceText } from '../sweep.ts';
import { type Columns, integer, UnreadableRow } from './columns.ts';
import type { DatabaseFile } from './database-file.ts';
import { lastInstantKey, lastInstantOf } from './last-instant.ts';
import { rowOf } from './runs.ts';

interface Member {
  readonly key: number;
  readonly run: RunId;
  readonly version: WorkflowVersion;
  readonly attributes: Attributes | undefined;
}

type Family =
  | { readonly ended: true; readonly members: readonly Member[] }
  | (Extract<Removal, { readonly removed: false }> & { readonly ended: false });

export class Families {
  readonly #file: DatabaseFile;

  constructor(file: DatabaseFile) {
    this.#file = file;
  }

  sweep({ status, endedBy, limit, spare = [], after }: Sweep): Swept {
    const spared = new Set(spare);
    const members: Member[] = [];
    let place = sweepPlaceOf(after);
    let isMore = false;
    // The walk is over before anything is removed: SQLite does not say what a walk sees of that.
    this.#file.runs.ended({ status, by: endedBy, place }, (columns) => {
      const family = this.#familyOf(columns, spared);
      if (family.ended && members.length > 0 && members.length + family.members.length > limit) {
        isMore = true;
        return false;
      }
      if (family.ended) for (const member of family.members) members.push(member);
      place = { endedAt: Number(columns.ended_at), age: Number(columns.key) };
      return true;
    });
    const documents = this.#remove(members);
    return { runs: members.map(({ run }) => run), documents, next: isMore ? sweepPlaceText(place) : undefined };
  }

  removeEnded(run: RunId, spare: readonly RunId[]): Removal {
    const head = this.#file.runs.columns(run);
    if (head === undefined) return { removed: false, because: 'not_found', run };
    if (head.parent !== null) return { removed: false, because: 'has_parent', run };
    const family = this.#familyOf(head, new Set(spare));
    if (!family.ended) return { removed: false, because: family.because, run: family.run };
    const documents = this.#remove(family.members);
    return { removed: true, runs: family.members.map((member) => member.run), documents };
  }

  /** Removes every row of one run. */
  removeRows(key: number): void {
    const { runs, journal, snapshots, logs, pins, values } = this.#file;
    for (const table of [journal, snapshots, logs, pins, values, runs]) table.remove(key);
  }

  /** Before rows of the journal go: the last instant must outlast them. */
  keepInstant(): void {
    const lastInstant = lastInstantOf(this.#file);
    if (lastInstant !== undefined) this.#file.meta.put(lastInstantKey, String(lastInstant));
  }

  #familyOf(head: Columns, spared: ReadonlySet<RunId>): Family {
    const members: Member[] = [];
    const rows = [head];
    for (let columns = rows.pop(); columns !== undefined; columns = rows.pop()) {
      const run = String(columns.id) as RunId;
      const stays = (because: 'unreadable' | 'open' | 'held') =>
        ({ ended: false, removed: false, because, run }) as const;
      try {
        const row = rowOf(columns);
        if (!row.final) return stays('open');
        if (spared.has(run)) return stays('held');
        members.push({ key: integer(columns, 'key'), run, version: row.version, attributes: row.attributes });
      } catch (error) {
        if (error instanceof UnreadableRow) return stays('unreadable');
        throw error;
      }
      rows.push(...this.#file.runs.below(run));
    }
    return { ended: true, members };
  }

  /** Answers the documents that went along. */
  #remove(members: readonly Member[]): readonly WorkflowVersion[] {
    if (members.length === 0) return [];
    const { runs, documents, pins } = this.#file;
    this.keepInstant();
    const versions = new Set<WorkflowVersion>();
    for (const { key, version, attributes } of members) {
      versions.add(version);
      for (const pinned of this.#pinnedBy(key)) versions.add(pinned);
      this.#file.attributes.change(key, attributes, undefined);
      this.removeRows(key);
    }
    return [...versions].filter((version) => {
      if (pins.isPinned(version) || runs.isUsed(version)) return false;
      runs.removeVersion(version);
      return documents.remove(version);
    });
  }

  #pinnedBy(key: number): readonly WorkflowVersion[] {
    try {
      return this.#file.pins.of(key);
    } catch (error) {
      if (error instanceof UnreadableRow) return [];
      throw error;
    }
  }
}
