/**
 * The ETL example as a graph in code: reads a public data set, cleans it, sums it up group by group, and writes a report.
 *
 * Shows: plain functions as tasks, a condition, a task over many items, a `none_failed` trigger that brings two ways together.
 *
 *   pawl run examples/graphs/etl.ts
 *   pawl run examples/graphs/etl.ts --input csv=examples/data/penguins-raw.csv
 *
 * The same as a flow is examples/etl.yaml, over the same functions.
 */

import { z } from 'zod';
// In a project of your own: from 'pawl'.
import { dag } from '../../src/index.ts';
import { group, years } from '../etl/aggregate.ts';
import clean from '../etl/clean.ts';
import extract from '../etl/extract.ts';
import report from '../etl/report.ts';

export const etl = dag('penguins-etl', {
  description: 'From penguins-raw.csv to a report',
  input: z.object({
    csv: z.string().default('examples/data/penguins-raw.csv'),
    out: z.string().default('examples/out'),
  }),
})
  .task('extract', {
    type: 'io',
    run: ({ input }) => extract({ csv: input.csv, to: `${input.out}/graph-rows.json` }),
  })
  .task('clean', {
    needs: ['extract'],
    run: ({ extract, input }) => clean({ rows: extract.rows, to: `${input.out}/graph-clean.json` }),
  })
  // A file that is mostly gaps is not worth a report.
  .task('usable', {
    needs: ['extract', 'clean'],
    run: ({ extract, clean }) => clean.kept * 10 >= extract.count * 9,
  })
  .map('groups', {
    needs: ['clean', 'usable'],
    when: ({ usable }) => usable,
    over: ({ clean }) => [...clean.groups],
    width: 2,
    input: (item, { clean }) => ({ rows: clean.rows, ...item, pause: 0 }),
    run: group,
  })
  .task('years', {
    needs: ['clean', 'usable'],
    when: ({ usable }) => usable,
    run: ({ clean }) => years({ rows: clean.rows }),
  })
  .task('report', {
    needs: ['extract', 'clean', 'groups', 'years'],
    run: ({ extract, clean, groups, years, input }) =>
      report({
        to: `${input.out}/graph-penguins.md`,
        source: input.csv,
        read: extract.count,
        kept: clean.kept,
        dropped: clean.dropped,
        groups: groups ?? [],
        years: years ?? {},
      }),
  })
  .task('refuse', {
    needs: ['usable', 'clean', 'extract'],
    when: ({ usable }) => !usable,
    run: ({ clean, extract }) => `only ${clean.kept} of ${extract.count} rows could be used`,
  })
  .output(['report', 'refuse', 'clean'], ({ report, refuse, clean }) => ({
    report: report?.file ?? null,
    heaviest: report?.heaviest ?? null,
    kept: clean.kept,
    problem: refuse ?? null,
  }));
