/**
 * Takes secret values out of text: what an attempt wrote, the words of its error, the strings of its result.
 *
 * D1. Every occurrence of a value becomes `***`, also where two values overlap, and where a stream is cut inside of one.
 * D2. Found are the value itself, its beginning and end without white space, each of its longer lines, and how the value
 *     looks inside JSON, in a URL and in base64. A program that transforms a secret in another way can show it.
 * D3. A stream holds back no more than the longest value: the end of a chunk that could be the beginning of a secret.
 */

export const mask = '***';

/** A stretch of text, from `start` up to `end`. */
interface Stretch {
  readonly start: number;
  end: number;
}

/** Lines of a secret that are shorter than this are found only as part of the whole. */
const lineLengthMin = 8;

export class Redactor {
  readonly #needles: readonly string[];
  /** The longest text that is looked for. */
  readonly #longest: number;

  constructor(values: Iterable<string> = []) {
    const needles = new Set([...values].flatMap(formsOf));
    needles.delete('');
    this.#needles = [...needles];
    this.#longest = Math.max(0, ...this.#needles.map((needle) => needle.length));
  }

  get isEmpty(): boolean {
    return this.#needles.length === 0;
  }

  /** `text` without secrets. */
  text(text: string): string {
    if (this.isEmpty) return text;
    const stream = this.stream();
    return stream.push(text) + stream.end();
  }

  /** For text that comes in pieces. */
  stream(): RedactedStream {
    return new RedactedStream(this);
  }

  /** Where values stand in `text`, in order; those that overlap are one. */
  find(text: string): Stretch[] {
    const found: Stretch[] = [];
    for (const needle of this.#needles) {
      for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + 1)) {
        found.push({ start: at, end: at + needle.length });
      }
    }
    return merged(found);
  }

  /** Where the last part of `text` begins that could go on as a value; its length where there is none. */
  partialFrom(text: string): number {
    for (let at = Math.max(0, text.length - this.#longest + 1); at < text.length; at += 1) {
      const rest = text.length - at;
      for (const needle of this.#needles) {
        if (needle.length > rest && needle[0] === text[at] && needle.startsWith(text.slice(at))) return at;
      }
    }
    return text.length;
  }
}

/** Redacts one stream, whatever its pieces are. */
export class RedactedStream {
  readonly #redactor: Redactor;
  #held = '';
  /** How much of the beginning of `#held` a mask that was given out already stands for. */
  #masked = 0;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** What can be shown after this piece. */
  push(piece: string): string {
    if (this.#redactor.isEmpty) return piece;
    const text = this.#held + piece;
    return this.#giveOut(text, this.#redactor.partialFrom(text));
  }

  /** What was held back; nothing follows. */
  end(): string {
    return this.#giveOut(this.#held, this.#held.length);
  }

  #giveOut(text: string, until: number): string {
    const before = this.#masked > 0 ? [{ start: 0, end: this.#masked }] : [];
    const secrets = merged([...before, ...this.#redactor.find(text)]);
    let shown = '';
    let at = 0;
    for (const { start, end } of secrets) {
      const isShown = start === 0 && before.length > 0;
      if (start >= until && !isShown) break;
      shown += text.slice(at, start);
      if (!isShown) shown += mask;
      at = end;
    }
    if (at < until) shown += text.slice(at, until);
    this.#held = text.slice(until);
    this.#masked = Math.max(0, at - until);
    return shown;
  }
}

function merged(stretches: Stretch[]): Stretch[] {
  const result: Stretch[] = [];
  for (const stretch of stretches.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result[result.length - 1];
    if (last !== undefined && stretch.start < last.end) last.end = Math.max(last.end, stretch.end);
    else result.push({ ...stretch });
  }
  return result;
}

function formsOf(value: string): string[] {
  const trimmed = value.trim();
  const lines = trimmed.split(/\r?\n/).map((line) => line.trim());
  const texts = [value, trimmed, ...lines.filter((line) => line.length >= lineLengthMin)];
  return texts.flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURI(text.toWellFormed()),
    encodeURIComponent(text.toWellFormed()),
    new URLSearchParams([['', text]]).toString().slice(1),
    Buffer.from(text).toString('base64'),
  ]);
}
