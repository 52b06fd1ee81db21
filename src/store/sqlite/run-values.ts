/**
 * The table of large values, once for each run that has them. Rows of the run's journal and its snapshot hold cuts that name them.
 *
 * A value goes with its run and not before: what has been in a history stays in it.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RunId, SealedPlace } from '../../base/index.ts';
import { checksum } from './checksum.ts';
import { assertChecksum, type Columns, optionalText, preparedRead, text, UnreadableRow } from './columns.ts';
import { type Cut, type CutText, cutLargeValues, putBack } from './large-values.ts';
import type { Sealing } from './sealing.ts';

/** A text as its row has it. `cuts` is null where nothing was cut out. */
export interface CutColumns {
  readonly text: string;
  readonly cuts: string | null;
}

export class RunValues {
  readonly #limit: number;
  readonly #sealing: Sealing;
  readonly #put: StatementSync;
  readonly #has: StatementSync;
  readonly #get: StatementSync;
  readonly #all: StatementSync;
  readonly #remove: StatementSync;

  /** @param limit Characters of JSON from which on a value is kept here. */
  constructor(db: DatabaseSync, limit: number, sealing: Sealing) {
    this.#limit = limit;
    this.#sealing = sealing;
    this.#put = db.prepare('INSERT INTO run_values (run, name, text, cuts, crc) VALUES (?, ?, ?, ?, ?)');
    this.#has = db.prepare('SELECT 1 FROM run_values WHERE run = ? AND name = ?');
    this.#get = preparedRead(db, 'SELECT text, cuts, crc FROM run_values WHERE run = ? AND name = ?');
    this.#all = preparedRead(db, 'SELECT name, text, cuts, crc FROM run_values WHERE run = ?');
    this.#remove = db.prepare('DELETE FROM run_values WHERE run = ?');
  }

  /** `whole` without its large values, which are kept from now on. */
  keep(key: number, run: RunId, whole: string): CutColumns {
    return this.#cut(whole, (piece) => {
      const name = this.#nameOf(piece);
      if (this.#has.get(key, name) === undefined) {
        const cuts = cutsText(piece.cuts);
        const kept = this.#sealing.seal(piece.text, placeOf(run, name));
        this.#put.run(key, name, kept, cuts, checksumOf(key, name, kept, cuts));
      }
      return name;
    });
  }

  /** The same for a text that will be replaced: only values that are kept already are cut out, since nobody would remove others. */
  share(key: number, whole: string): CutColumns {
    return this.#cut(whole, (piece) => {
      const name = this.#nameOf(piece);
      return this.#has.get(key, name) === undefined ? undefined : name;
    });
  }

  #cut(whole: string, keep: (piece: CutText) => string | undefined): CutColumns {
    if (whole.length <= this.#limit) return { text: whole, cuts: null };
    const { text: left, cuts } = cutLargeValues(whole, this.#limit, keep);
    return { text: left, cuts: cutsText(cuts) };
  }

  /** Puts back what was cut out of rows of a run. Of one reader, each value is read once. @throws UnreadableRow */
  reader(key: number, run: RunId): (columns: CutColumns) => string {
    const read = new Map<string, string>();
    const whole = ({ text: left, cuts }: CutColumns): string =>
      cuts === null ? left : putBack({ text: left, cuts: cutsOf(cuts) }, pieceOf);
    const pieceOf = (name: string): string => {
      const known = read.get(name);
      if (known !== undefined) return known;
      const row = this.#get.get(key, name);
      if (row === undefined) throw new UnreadableRow(`its value ${name} is missing`);
      const { text: kept, cuts } = columnsOf(key, name, row);
      const piece = whole({ text: this.#sealing.open(kept, placeOf(run, name)), cuts });
      read.set(name, piece);
      return piece;
    };
    return whole;
  }

  /** Reads every value of the run; those whose key is not here as far as their checksums tell. @throws UnreadableRow */
  check(key: number, run: RunId): void {
    for (const row of this.#all.iterate(key)) {
      const name = text(row, 'name');
      const { text: kept, cuts } = columnsOf(key, name, row);
      this.#sealing.tryOpen(kept, placeOf(run, name));
      for (const [, inner] of cuts === null ? [] : cutsOf(cuts))
        if (this.#has.get(key, inner) === undefined) throw new UnreadableRow(`its value ${inner} is missing`);
    }
  }

  #nameOf({ text: content, cuts }: CutText): string {
    return this.#sealing.digest(`${JSON.stringify(cuts)}${content}`).slice(0, 40);
  }

  remove(key: number): void {
    this.#remove.run(key);
  }
}

function columnsOf(key: number, name: string, row: Columns): CutColumns {
  const [content, cuts] = [text(row, 'text'), optionalText(row, 'cuts') ?? null];
  assertChecksum(row, checksumOf(key, name, content, cuts));
  return { text: content, cuts };
}

function checksumOf(key: number, name: string, content: string, cuts: string | null): number {
  return checksum(`${key} ${name} ${cuts ?? ''}`, content);
}

function placeOf(run: RunId, name: string): SealedPlace {
  return { run, slot: `value ${name}` };
}

function cutsText(cuts: readonly Cut[]): string | null {
  return cuts.length === 0 ? null : JSON.stringify(cuts);
}

/** What `cutsText` wrote; the row's checksum was right. */
function cutsOf(stored: string): readonly Cut[] {
  return JSON.parse(stored) as readonly Cut[];
}
