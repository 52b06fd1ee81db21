/** The text of `with`: names, ` in ` and an expression, or the expression alone. */

export interface ItemsText {
  /** The names before `in`, if there are any. */
  readonly keys?: readonly string[];
  readonly expression: string;
}

const pattern = /^\s*((?:[\p{L}\p{N}_]+,\s*)*[\p{L}\p{N}_]+)\s+in\s+((?:<%|\{\{)[\s\S]*)$/u;

/** Takes `x, y in <% … %>` apart. Text of another form is an expression as a whole. */
export function splitItems(text: string): ItemsText {
  const match = pattern.exec(text);
  if (!match) return { expression: text.trim() };
  return { keys: match[1]!.split(',').map((key) => key.trim()), expression: match[2]!.trim() };
}
