/** Reads comma-separated values (RFC 4180): quoted fields may hold commas, line breaks and doubled quotes. */

export type Row = { readonly [column: string]: string };

/** The rows below the header, by column. */
export function parseCsv(text: string): Row[] {
  const [header = [], ...rows] = fieldsOf(text);
  return rows.map((fields) => Object.fromEntries(header.map((column, index) => [column, fields[index] ?? ''])));
}

function fieldsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/y;
  while (field.lastIndex < text.length) {
    const [, raw = '', end = ''] = field.exec(text) ?? [];
    row.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
