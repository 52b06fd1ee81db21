/** Sums penguins up: one species on one island, and all of them by year. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Penguin } from './clean.ts';
import { readJson } from './files.ts';

export interface Spread {
  readonly mean: number;
  readonly sd: number;
  readonly least: number;
  readonly most: number;
}

export interface Group {
  readonly species: string;
  readonly island: string;
  readonly count: number;
  readonly females: number;
  readonly males: number;
  readonly bodyMassG: Spread;
  readonly bodyMassGOfFemales: number | null;
  readonly bodyMassGOfMales: number | null;
  readonly flipperLengthMm: Spread;
  readonly culmenLengthMm: Spread;
}

interface GroupInput {
  readonly rows: string;
  readonly species: string;
  readonly island: string;
  readonly pause: number;
}

export async function group({ rows, species, island, pause }: GroupInput): Promise<Group> {
  await delay(pause * 1000);
  const birds = readJson<Penguin[]>(rows).filter((bird) => bird.species === species && bird.island === island);
  const females = birds.filter(({ sex }) => sex === 'female').map(({ bodyMassG }) => bodyMassG);
  const males = birds.filter(({ sex }) => sex === 'male').map(({ bodyMassG }) => bodyMassG);
  return {
    species,
    island,
    count: birds.length,
    females: females.length,
    males: males.length,
    bodyMassG: spreadOf(birds.map(({ bodyMassG }) => bodyMassG)),
    bodyMassGOfFemales: females.length === 0 ? null : spreadOf(females).mean,
    bodyMassGOfMales: males.length === 0 ? null : spreadOf(males).mean,
    flipperLengthMm: spreadOf(birds.map(({ flipperLengthMm }) => flipperLengthMm)),
    culmenLengthMm: spreadOf(birds.map(({ culmenLengthMm }) => culmenLengthMm)),
  };
}

/** How many birds of each species were seen each year. */
export function years({ rows }: { rows: string }): { [year: string]: { [species: string]: number } } {
  const counts: { [year: string]: { [species: string]: number } } = {};
  for (const { year, species } of readJson<Penguin[]>(rows)) {
    const ofYear = counts[String(year)] ?? {};
    counts[String(year)] = { ...ofYear, [species]: (ofYear[species] ?? 0) + 1 };
  }
  return counts;
}

/** The standard deviation is that of a sample (n − 1). */
function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const sd = values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
  return { mean: rounded(mean), sd: rounded(sd), least: Math.min(...values), most: Math.max(...values) };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
