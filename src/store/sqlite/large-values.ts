/**
 * Large JSON values, cut out of a text and put back.
 *
 * A *cut* is a place in what is left of the text, and the name of what stood there. Values are told by where they begin and end in the
 * text, innermost first: a value is cut out where what is left of it is longer than the limit. So a value comes to the same pieces
 * wherever it stands, and is kept once under names that say what it is.
 *
 * V1. Putting back gives the text as it was, to the character, also where it is no JSON: nothing is parsed.
 * V2. The text itself is never one cut: only values in it.
 *
 * Time and space O(length); texts no longer than the limit are not looked at.
 */

/** Where a piece stood in what is left, and its name. In order of place. */
export type Cut = readonly [place: number, name: string];

/** A text without its large values. */
export interface CutText {
  readonly text: string;
  readonly cuts: readonly Cut[];
}

/** Says under which name a piece is kept; undefined where it is to stay in place. */
export type Keep = (piece: CutText) => string | undefined;

/** A piece of the original: from, to, name. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

interface Open {
  readonly from: number;
  readonly pieces: Piece[];
  cutLength: number;
}

const [quote, backslash, braceOpen, braceClose, bracketOpen, bracketClose] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

export function cutLargeValues(text: string, limit: number, keep: Keep): CutText {
  if (text.length <= limit) return { text, cuts: [] };
  const outermost: Open = { from: 0, pieces: [], cutLength: 0 };
  const open: Open[] = [outermost];
  const take = (piece: Piece, within: Open): void => {
    within.pieces.push(piece);
    within.cutLength += piece.to - piece.from;
  };
  const cut = (from: number, to: number, pieces: readonly Piece[]): Piece | undefined => {
    const name = keep(without(text, from, to, pieces));
    return name === undefined ? undefined : { from, to, name };
  };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      const end = endOfString(text, at);
      if (end === undefined) break;
      const piece = end - at > limit && open.length > 1 ? cut(at, end, []) : undefined;
      if (piece !== undefined) take(piece, open[open.length - 1]!);
      at = end - 1;
    } else if (code === braceOpen || code === bracketOpen) {
      open.push({ from: at, pieces: [], cutLength: 0 });
    } else if ((code === braceClose || code === bracketClose) && open.length > 1) {
      const { from, pieces, cutLength } = open.pop()!;
      const within = open[open.length - 1]!;
      const isLarge = at + 1 - from - cutLength > limit && open.length > 1;
      const piece = isLarge ? cut(from, at + 1, pieces) : undefined;
      for (const each of piece === undefined ? pieces : [piece]) take(each, within);
    }
  }
  // Of a text that breaks off, what was cut out of what is still open.
  const pieces = open.flatMap((each) => each.pieces).sort((a, b) => a.from - b.from);
  return without(text, 0, text.length, pieces);
}

/** Puts back what was cut out. */
export function putBack({ text, cuts }: CutText, pieceOf: (name: string) => string): string {
  if (cuts.length === 0) return text;
  let whole = '';
  let done = 0;
  for (const [place, name] of cuts) {
    whole += text.slice(done, place) + pieceOf(name);
    done = place;
  }
  return whole + text.slice(done);
}

function without(text: string, from: number, to: number, pieces: readonly Piece[]): CutText {
  if (pieces.length === 0) return { text: text.slice(from, to), cuts: [] };
  let left = '';
  let done = from;
  const cuts: Cut[] = [];
  for (const piece of pieces) {
    left += text.slice(done, piece.from);
    cuts.push([left.length, piece.name]);
    done = piece.to;
  }
  return { text: left + text.slice(done, to), cuts };
}

/** Behind the quote that ends the string which begins at `from`; undefined where none does. */
function endOfString(text: string, from: number): number | undefined {
  for (let end = text.indexOf('"', from + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return end + 1;
  }
  return undefined;
}
