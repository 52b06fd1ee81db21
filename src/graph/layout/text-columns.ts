/**
 * How many columns of equal width a text takes, and how to make it fit: wide East Asian letters and emoji take two, marks
 * that combine take none. Texts come from users' documents, so what a terminal or a browser would obey (control
 * characters, escapes, changes of direction, lone surrogates) is taken out before anything is drawn. O(length).
 */

const wide =
  /[\u{1100}-\u{115f}\u{2e80}-\u{303e}\u{3041}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const combining = /\p{M}/u;
const plain = /^[ -~]*$/;

/** 0, 1 or 2 for one code point. */
export function columnsOfLetter(letter: string): number {
  if (combining.test(letter)) return 0;
  return wide.test(letter) ? 2 : 1;
}

export function columnsOf(text: string): number {
  if (plain.test(text)) return text.length;
  let columns = 0;
  for (const letter of text) columns += columnsOfLetter(letter);
  return columns;
}

/** The text on one line: each run of white space and of characters that are not for reading becomes one space. */
export function oneLine(text: string): string {
  if (plain.test(text) && !text.includes('  ')) return text.trim();
  return text
    .toWellFormed()
    .replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** The text on one line and in at most `columnsMax` columns, with `mark` at the end when some of it is left out. */
export function shortened(text: string, columnsMax: number, mark = '…'): string {
  const line = oneLine(text);
  if (columnsOf(line) <= columnsMax) return line;
  let kept = '';
  let columns = columnsOf(mark);
  for (const letter of line) {
    columns += columnsOfLetter(letter);
    if (columns > columnsMax) break;
    kept += letter;
  }
  return `${kept.trimEnd()}${mark}`;
}

/** The same with the middle left out: of long names in a row, the ends tell them apart. */
export function shortenedInside(text: string, columnsMax: number, mark = '…'): string {
  const line = oneLine(text);
  if (columnsOf(line) <= columnsMax) return line;
  const room = columnsMax - columnsOf(mark);
  const tail = lettersWithin(Array.from(line).reverse(), Math.floor(room * 0.4))
    .reverse()
    .join('');
  const head = lettersWithin(Array.from(line), room - columnsOf(tail)).join('');
  return `${head}${mark}${tail}`;
}

function lettersWithin(letters: readonly string[], columnsMax: number): string[] {
  let columns = 0;
  const end = letters.findIndex((letter) => {
    columns += columnsOfLetter(letter);
    return columns > columnsMax;
  });
  return end === -1 ? [...letters] : letters.slice(0, end);
}
