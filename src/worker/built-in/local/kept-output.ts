/** The beginning of what a command wrote to one stream, for its result; the rest is counted and dropped. */

import { secretLengthMax } from '../../secrets.ts';

/** Bytes of UTF-8 a result keeps of each stream. */
export const keptBytesMax = 1024 * 1024;

/** Somewhat more is held until the end: a secret that lies across the limit must be seen whole to be taken out. */
const heldBytesMax = keptBytesMax + secretLengthMax * 4;

export class KeptOutput {
  #text = '';
  #heldBytes = 0;
  #writtenBytes = 0;
  #dropped = false;

  /** True once more text changes nothing. */
  get isFull(): boolean {
    return this.#heldBytes > heldBytesMax;
  }

  /** Counts what the command wrote. */
  count(bytes: number): void {
    this.#writtenBytes += bytes;
    if (this.isFull) this.#dropped = true;
  }

  add(text: string): void {
    if (this.isFull) return;
    this.#text += text;
    this.#heldBytes += Buffer.byteLength(text);
  }

  /** The text for the result: without secrets, without its last line break; cut, with a note, where it is too long. */
  text(redact: (text: string) => string): string {
    const text = redact(this.#text);
    if (!this.#dropped && Buffer.byteLength(text) <= keptBytesMax) return text.replace(/\r?\n$/, '');
    const { read } = new TextEncoder().encodeInto(text, new Uint8Array(keptBytesMax));
    const note = `[cut: ${this.#writtenBytes} bytes were written, and the result keeps the first ${keptBytesMax}; the log has more]`;
    return `${text.slice(0, read)}\n${note}`;
  }
}
