/**
 * Finds what comes next in a text, and remembers it: asked with rising positions, it reads the text once for each thing
 * sought, however often it is asked.
 */
export class Finder {
  readonly #text: string;
  readonly #found = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Where `sought` begins at or after `from`; -1 where it does not. */
  next(sought: string, from: number): number {
    const known = this.#found.get(sought);
    if (known !== undefined && (known === -1 || known >= from)) return known;
    const at = this.#text.indexOf(sought, from);
    this.#found.set(sought, at);
    return at;
  }

  /** One past `close`, if it stands on the line of `from`; undefined where it does not. */
  endOnLine(close: string, from: number): number | undefined {
    const end = this.next(close, from);
    if (end === -1) return undefined;
    const newline = this.next('\n', from);
    return newline !== -1 && newline < end ? undefined : end + close.length;
  }
}
