/** A place in a document's text. `line` and `column` count from 1, as editors show them; `offset` counts UTF-16 units from 0. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** Turns offsets of one text into positions. Building it costs one pass over the text, a lookup the logarithm of its lines. */
export class LineIndex {
  readonly #starts: number[] = [0];
  readonly #length: number;

  constructor(text: string) {
    this.#length = text.length;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  at(offset: number): Position {
    const within = Math.max(0, Math.min(offset, this.#length));
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= within) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: within - this.#starts[low]! + 1, offset: within };
  }
}
