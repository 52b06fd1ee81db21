/** What code of a user threw, as a text that can be kept: anything can be thrown, also what has no text, and what has a very long one. */

const lengthMax = 8 * 1024;

export function thrownText(thrown: unknown): string {
  const text = textOf(thrown);
  return text.length <= lengthMax
    ? text
    : `${text.slice(0, lengthMax).toWellFormed()}… (cut: it was ${text.length} characters long)`;
}

function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return 'something was thrown whose message cannot be read';
  }
}
