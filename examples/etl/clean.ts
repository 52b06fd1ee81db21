/** Makes penguins of rows: numbers and dates are read, gaps are null, birds that nobody measured are left out. */

import type { Row } from './csv.ts';
import { readJson, writeWhole } from './files.ts';

export interface Penguin {
  readonly species: string;
  readonly island: string;
  readonly sex: 'female' | 'male' | null;
  readonly year: number;
  readonly culmenLengthMm: number;
  readonly culmenDepthMm: number;
  readonly flipperLengthMm: number;
  readonly bodyMassG: number;
}

interface Cleaned {
  readonly rows: string;
  readonly kept: number;
  /** How many rows were left out, by reason. */
  readonly dropped: { readonly [reason: string]: number };
  readonly groups: readonly { readonly species: string; readonly island: string }[];
}

export default function clean({ rows, to }: { rows: string; to: string }): Cleaned {
  const penguins: Penguin[] = [];
  const dropped: { [reason: string]: number } = {};
  for (const row of readJson<Row[]>(rows)) {
    const penguin = penguinOf(row);
    if (typeof penguin === 'string') dropped[penguin] = (dropped[penguin] ?? 0) + 1;
    else penguins.push(penguin);
  }
  writeWhole(to, JSON.stringify(penguins));
  return { rows: to, kept: penguins.length, dropped, groups: groupsOf(penguins) };
}

/** The penguin of a row, or why it is left out. */
function penguinOf(row: Row): Penguin | string {
  const measured = {
    culmenLengthMm: numberIn(row['Culmen Length (mm)']),
    culmenDepthMm: numberIn(row['Culmen Depth (mm)']),
    flipperLengthMm: numberIn(row['Flipper Length (mm)']),
    bodyMassG: numberIn(row['Body Mass (g)']),
  };
  const { culmenLengthMm, culmenDepthMm, flipperLengthMm, bodyMassG } = measured;
  const [species = ''] = (row.Species ?? '').split(' ');
  const year = Number((row['Date Egg'] ?? '').slice(0, 4));
  if (species === '' || row.Island === undefined || !(year > 0)) return 'no species, island or year';
  if (culmenLengthMm === null || culmenDepthMm === null || flipperLengthMm === null || bodyMassG === null) {
    return 'not measured';
  }
  const island = row.Island;
  return { species, island, sex: sexIn(row.Sex), year, culmenLengthMm, culmenDepthMm, flipperLengthMm, bodyMassG };
}

function numberIn(text: string | undefined): number | null {
  const value = Number(text);
  return text === undefined || text === '' || Number.isNaN(value) ? null : value;
}

/** One bird's sex is written as a dot; some have none. */
function sexIn(text: string | undefined): Penguin['sex'] {
  if (text === 'FEMALE') return 'female';
  return text === 'MALE' ? 'male' : null;
}

function groupsOf(penguins: readonly Penguin[]): Cleaned['groups'] {
  const names = new Set(penguins.map(({ species, island }) => `${species}\n${island}`));
  return [...names].sort().map((name) => {
    const [species = '', island = ''] = name.split('\n');
    return { species, island };
  });
}
