/** One page of a CSV file: how many rows it has, the heaviest bird on it, and whether another page follows. */

import { readFileSync } from 'node:fs';
import { parseCsv } from '../etl/csv.ts';

interface Page {
  readonly count: number;
  readonly heaviest_g: number;
  readonly more: boolean;
}

export default function page({ csv, from, count }: { csv: string; from: number; count: number }): Page {
  const rows = parseCsv(readFileSync(csv, 'utf8'));
  const here = rows.slice(from, from + count);
  const masses = here.map((row) => Number(row['Body Mass (g)'])).filter((mass) => !Number.isNaN(mass));
  return { count: here.length, heaviest_g: Math.max(0, ...masses), more: from + count < rows.length };
}
