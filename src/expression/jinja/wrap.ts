/** Jinja's `wordwrap`: each line of a text broken into lines no longer than a width. */

import { spend } from '../budget.ts';
import { stop } from '../failure.ts';
import { lines } from '../python/strings.ts';

export interface WrapOptions {
  readonly width: number;
  readonly breakWords: boolean;
  readonly breakHyphens: boolean;
  readonly between: string;
}

export function wrap(text: string, options: WrapOptions): string {
  if (options.width <= 0) stop('ValueError', `invalid width ${options.width} (must be > 0)`);
  return lines(text)
    .map((line) => wrapLine(line, options).join(options.between))
    .join(options.between);
}

/** Words and the spaces between them; a word also ends after a hyphen between letters. */
function chunksOf(line: string, breakHyphens: boolean): string[] {
  const words = line.split(/([\t\n\v\f\r ]+)/).filter((chunk) => chunk !== '');
  if (!breakHyphens) return words;
  return words.flatMap((word) =>
    /^\s/.test(word)
      ? [word]
      : word
          .split(/(?<=[^\d\W][^\s-]*-)(?=[^\d\W])|(?<=[\w!"'&.,?])(?=-{2,}\w)|(?<=-{2,})(?=\w)/)
          .filter((part) => part !== ''),
  );
}

function wrapLine(line: string, { width, breakWords, breakHyphens }: WrapOptions): string[] {
  const chunks = chunksOf(line, breakHyphens).reverse();
  const out: string[] = [];
  while (chunks.length > 0) {
    spend();
    const current: string[] = [];
    let length = 0;
    if (out.length > 0 && (chunks.at(-1) as string).trim() === '') chunks.pop();
    while (chunks.length > 0 && length + (chunks.at(-1) as string).length <= width) {
      const chunk = chunks.pop() as string;
      current.push(chunk);
      length += chunk.length;
    }
    const next = chunks.at(-1);
    if (next !== undefined && next.length > width) {
      if (breakWords) {
        const room = Math.max(1, width - length);
        current.push(next.slice(0, room));
        chunks[chunks.length - 1] = next.slice(room);
      } else if (current.length === 0) current.push(chunks.pop() as string);
    }
    if (current.length > 0 && (current.at(-1) as string).trim() === '') current.pop();
    if (current.length > 0) out.push(current.join(''));
  }
  return out;
}
