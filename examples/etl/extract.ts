/** Reads the file as it was published, and keeps its rows as JSON. Large data stay in files; the run keeps their paths. */

import { readFileSync } from 'node:fs';
import { parseCsv } from './csv.ts';
import { writeWhole } from './files.ts';

export default function extract({ csv, to }: { csv: string; to: string }): { rows: string; count: number } {
  const rows = parseCsv(readFileSync(csv, 'utf8'));
  writeWhole(to, JSON.stringify(rows));
  return { rows: to, count: rows.length };
}
