/**
 * Seals texts on their way into the file and opens them on their way out, with the codec it was opened with.
 *
 * In the file a sealed text begins with a mark that names its key; any other text is what it is, so that rows from before a codec are
 * read as they were. A text that happens to begin like the mark is marked as plain.
 *
 * K1. Where a key is not here, the text is not read, and nothing is done to it: `key_missing`.
 * K2. What does not open at its place is damage, like a checksum that does not match: `UnreadableRow`.
 */

import { createHash, createHmac } from 'node:crypto';
import { type Codec, PawlError, type SealedPlace } from '../../base/index.ts';
import { UnreadableRow } from './columns.ts';

const mark = '\u0001pawl';
const plainMark = `${mark}-`;
const keyPattern = /^[A-Za-z0-9._-]{1,64}$/;
const sealedPattern = new RegExp(`^${mark}\\+([A-Za-z0-9._-]{1,64}):`);

export class Sealing {
  readonly #codec: Codec | undefined;
  /** As it is named in messages. */
  readonly #file: string;
  /** What digests are made with: without it, who has the file could try what a digest is of. */
  secret: string | undefined;

  constructor(codec: Codec | undefined, file: string) {
    this.#codec = codec;
    this.#file = file;
  }

  /** The key that seals; undefined where texts stay as they are. */
  get current(): string | undefined {
    return this.#codec?.current;
  }

  seal(text: string, place: SealedPlace): string {
    if (this.#codec?.current === undefined) return text.startsWith(mark) ? `${plainMark}${text}` : text;
    const { key, text: sealed } = this.#codec.seal(text, place);
    if (!keyPattern.test(key))
      throw new TypeError(`the codec names its key ${JSON.stringify(key)}, which no key is named`);
    return `${mark}+${key}:${sealed}`;
  }

  /** True for a text that `open` gives as it is. */
  isPlain(stored: string): boolean {
    return !stored.startsWith(mark) && this.#codec?.refusesPlain !== true;
  }

  /** @throws UnreadableRow @throws PawlError `key_missing` */
  open(stored: string, place: SealedPlace): string {
    const key = stored.startsWith(mark) ? keyOf(stored) : undefined;
    if (key === undefined) {
      if (this.#codec?.refusesPlain === true) throw new UnreadableRow('it is not sealed, and what is not is refused');
      return stored.startsWith(plainMark) ? stored.slice(plainMark.length) : stored;
    }
    if (this.#codec === undefined) throw this.#missing(key);
    const opened = this.#codec.open({ key, text: stored.slice(mark.length + key.length + 2) }, place);
    if (opened.ok) return opened.text;
    if (opened.because === 'no_key') throw this.#missing(key);
    throw new UnreadableRow(`what is sealed with the key "${key}" was changed, or stands where it was not sealed for`);
  }

  /** As `open`; undefined where the key is not here. @throws UnreadableRow */
  tryOpen(stored: string, place: SealedPlace): string | undefined {
    try {
      return this.open(stored, place);
    } catch (error) {
      if (error instanceof PawlError && error.code === 'key_missing') return undefined;
      throw error;
    }
  }

  /** SHA-256 in hex; where there is a secret, one that only who has it can make again. */
  digest(text: string): string {
    return (this.secret === undefined ? createHash('sha256') : createHmac('sha256', this.secret))
      .update(text)
      .digest('hex');
  }

  newSecret(): string {
    if (this.#codec === undefined) throw new TypeError('there is no codec');
    return this.#codec.newSecret();
  }

  #missing(key: string): PawlError {
    const remedy = this.#codec === undefined ? 'no keys were given' : 'it is not among the keys that were given';
    return new PawlError(
      'key_missing',
      `What this needs of ${this.#file} is sealed with the key "${key}", and ${remedy}: give the codec that has it. Runs can be listed without.`,
      { details: { key, file: this.#file } },
    );
  }
}

/** The name of the key that a stored text is sealed with; undefined for one that is not sealed. */
export function keyOf(stored: string): string | undefined {
  return sealedPattern.exec(stored)?.[1];
}
