/**
 * A sheet of letters to draw on: lines that join where they meet, boxes and text. A cell keeps the directions in which
 * lines leave it; the sign for them is chosen when the sheet is read. O(width · height).
 */

import { columnsOf, columnsOfLetter } from '../layout/text-columns.ts';

/** Given a status and a text, the text as the terminal is to show it; for example inside ANSI colours. */
export type Paint = (status: string, text: string) => string;

const up = 1;
const down = 2;
const left = 4;
const right = 8;
/** Signs by the sum of directions. */
const rounded = ' │││─╯╮┤─╰╭├─┴┬┼';
const ascii = ' |||-+++-+++-+++';
const vertical = up | down;
const horizontal = left | right;

export interface Rectangle {
  readonly row: number;
  readonly column: number;
  readonly width: number;
  readonly height: number;
}

export class TextCanvas {
  readonly #width: number;
  readonly #height: number;
  readonly #isAscii: boolean;
  readonly #directions: Uint8Array;
  /** Cells that only dashed lines pass. */
  readonly #dashed: Uint8Array;
  /** The letters that stand over the lines; empty behind a wide one. */
  readonly #letters: (string | undefined)[];
  readonly #statuses: (string | undefined)[];

  constructor(width: number, height: number, isAscii: boolean) {
    this.#width = width;
    this.#height = height;
    this.#isAscii = isAscii;
    this.#directions = new Uint8Array(width * height);
    this.#dashed = new Uint8Array(width * height);
    this.#letters = new Array(width * height);
    this.#statuses = new Array(width * height);
  }

  /** Joins two cells of one column. */
  vertical(column: number, from: number, to: number, isDashed = false): void {
    for (let row = Math.min(from, to); row < Math.max(from, to); row++) {
      this.#add(row, column, down, isDashed);
      this.#add(row + 1, column, up, isDashed);
    }
  }

  /** Joins two cells of one row. */
  horizontal(row: number, from: number, to: number, isDashed = false): void {
    for (let column = Math.min(from, to); column < Math.max(from, to); column++) {
      this.#add(row, column, right, isDashed);
      this.#add(row, column + 1, left, isDashed);
    }
  }

  box({ row, column, width, height }: Rectangle, status?: string): void {
    const lastRow = row + height - 1;
    const lastColumn = column + width - 1;
    this.horizontal(row, column, lastColumn);
    this.horizontal(lastRow, column, lastColumn);
    this.vertical(column, row, lastRow);
    this.vertical(lastColumn, row, lastRow);
    if (status === undefined) return;
    for (let at = row; at <= lastRow; at++) {
      for (let cell = column; cell <= lastColumn; cell++) this.#statuses[at * this.#width + cell] = status;
    }
  }

  /** Writes over what is there. The text has no control characters. */
  text(row: number, column: number, text: string, status?: string): void {
    let at = row * this.#width + column;
    for (const letter of text) {
      const columns = columnsOfLetter(letter);
      if (columns === 0) {
        if (at > row * this.#width + column) this.#letters[at - 1] += letter;
        continue;
      }
      for (let cell = 0; cell < columns; cell++) {
        this.#letters[at + cell] = cell === 0 ? letter : '';
        if (status !== undefined) this.#statuses[at + cell] = status;
      }
      at += columns;
    }
  }

  lines(paint: Paint): string[] {
    return Array.from({ length: this.#height }, (_, row) => this.#line(row, paint));
  }

  #line(row: number, paint: Paint): string {
    const first = row * this.#width;
    let end = first + this.#width;
    while (end > first && this.#sign(end - 1) === ' ') end--;
    let line = '';
    for (let at = first; at < end; ) {
      const status = this.#statuses[at];
      let run = '';
      for (; at < end && this.#statuses[at] === status; at++) run += this.#sign(at);
      line += status === undefined ? run : paint(status, run);
    }
    return line;
  }

  #sign(at: number): string {
    const letter = this.#letters[at];
    if (letter !== undefined) return letter;
    const directions = this.#directions[at]!;
    if (this.#dashed[at] === 1 && directions === vertical) return this.#isAscii ? ':' : '┆';
    if (this.#dashed[at] === 1 && directions === horizontal) return this.#isAscii ? '.' : '┄';
    return (this.#isAscii ? ascii : rounded)[directions]!;
  }

  #add(row: number, column: number, direction: number, isDashed: boolean): void {
    const at = row * this.#width + column;
    const isFresh = this.#directions[at] === 0;
    this.#dashed[at] = isDashed && (isFresh || this.#dashed[at] === 1) ? 1 : 0;
    this.#directions[at]! |= direction;
  }
}

/** An odd number of columns that holds the text, so that it has a middle column. */
export function oddColumns(text: string): number {
  return columnsOf(text) | 1;
}
