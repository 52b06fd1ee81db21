/** Writes the report, in Markdown. */

import type { Group } from './aggregate.ts';
import { writeWhole } from './files.ts';

interface ReportInput {
  readonly to: string;
  readonly source: string;
  readonly read: number;
  readonly kept: number;
  readonly dropped: { readonly [reason: string]: number };
  readonly groups: readonly Group[];
  readonly years: { readonly [year: string]: { readonly [species: string]: number } };
}

interface Written {
  readonly file: string;
  readonly heaviest: { readonly species: string; readonly island: string; readonly mean_body_mass_g: number };
}

export default function report(input: ReportInput): Written {
  const heaviest = extreme(input.groups, (group) => group.bodyMassG.mean);
  writeWhole(input.to, textOf(input, heaviest));
  const { species, island, bodyMassG } = heaviest;
  return { file: input.to, heaviest: { species, island, mean_body_mass_g: bodyMassG.mean } };
}

function textOf({ source, read, kept, dropped, groups, years }: ReportInput, heaviest: Group): string {
  const lightest = extreme(groups, (group) => -group.bodyMassG.mean);
  const species = [...new Set(groups.map((group) => group.species))];
  const left = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
  return `# Penguins of the Palmer Archipelago

${kept} of the ${read} birds in \`${source}\` were measured (left out: ${left.join(', ') || 'none'}).
The heaviest are the ${heaviest.species} penguins of ${heaviest.island}, ${grams(heaviest.bodyMassG.mean)} on average; the
lightest the ${lightest.species} penguins of ${lightest.island}, ${grams(lightest.bodyMassG.mean)}.

## By species and island

${table(
  ['Species', 'Island', 'Birds', 'Body mass (g)', 'Flipper (mm)', 'Culmen (mm)'],
  groups.map((group) => [
    group.species,
    group.island,
    group.count,
    `${group.bodyMassG.mean} ± ${group.bodyMassG.sd}`,
    `${group.flipperLengthMm.mean} ± ${group.flipperLengthMm.sd}`,
    `${group.culmenLengthMm.mean} ± ${group.culmenLengthMm.sd}`,
  ]),
)}

Mean ± standard deviation.

## Females and males

${table(
  ['Species', 'Island', 'Females', 'Males', 'Females (g)', 'Males (g)', 'Males weigh more by'],
  groups.map((group) => [
    group.species,
    group.island,
    group.females,
    group.males,
    group.bodyMassGOfFemales ?? '–',
    group.bodyMassGOfMales ?? '–',
    shareMore(group),
  ]),
)}

## By year

${table(
  ['Year', ...species],
  Object.entries(years)
    .sort()
    .map(([year, counts]) => [year, ...species.map((name) => counts[name] ?? 0)]),
)}

Data: Palmer Station, Antarctica LTER and K. Gorman (2014), CC0.
`;
}

function extreme(groups: readonly Group[], of: (group: Group) => number): Group {
  return groups.reduce((best, group) => (of(group) > of(best) ? group : best));
}

function grams(value: number): string {
  return `${value.toFixed(0)} g`;
}

function shareMore({ bodyMassGOfFemales: females, bodyMassGOfMales: males }: Group): string {
  return females === null || males === null ? '–' : `${Math.round((males / females - 1) * 100)} %`;
}

function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
