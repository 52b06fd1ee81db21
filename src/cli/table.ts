/** Rows in columns as wide as their widest cell. Escape codes of colours count for nothing. */

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => shownLength(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, column) => {
        const cell = cells[column] ?? '';
        return cell + ' '.repeat(Math.max(0, width - shownLength(cell)));
      })
      .join('  ')
      .trimEnd();
  return [line(heads), ...rows.map(line)];
}

function shownLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with the escape character
  return text.replace(/\u001B\[[0-9;]*m/g, '').length;
}
