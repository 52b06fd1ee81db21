/** A pipeline over readings of temperatures, as a graph: read, clean, sum up each city, write the report. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { dag } from 'pawl';

interface Reading {
  city: string;
  day: string;
  celsius: number;
}

interface Input {
  csv?: string;
  report?: string;
}

export const readings = dag('readings')
  .task('extract', {
    type: 'io',
    run: async ({ input }) => {
      const text = await readFile((input as Input).csv ?? 'data/readings.csv', 'utf8');
      return text.trim().split('\n').slice(1);
    },
    // A file that is just being written is there a moment later.
    retry: { count: 3, delay: '1s', factor: 2 },
  })
  .task('clean', {
    needs: ['extract'],
    run: ({ extract }) => {
      const rows: Reading[] = [];
      for (const line of extract) {
        const [city = '', day = '', celsius = ''] = line.split(',');
        if (celsius.trim() !== '' && Number.isFinite(Number(celsius)))
          rows.push({ city, day, celsius: Number(celsius) });
      }
      return { rows, dropped: extract.length - rows.length, cities: [...new Set(rows.map((row) => row.city))] };
    },
  })
  // One for each city, four at a time.
  .map('cities', {
    needs: ['clean'],
    over: ({ clean }) => clean.cities,
    width: 4,
    input: (city, { clean }) => ({ city, rows: clean.rows.filter((row) => row.city === city) }),
    run: ({ city, rows }) => {
      const all = rows.map((row) => row.celsius);
      return { city, days: all.length, mean: all.reduce((sum, one) => sum + one, 0) / all.length };
    },
  })
  .task('load', {
    needs: ['clean', 'cities'],
    type: 'io',
    run: async ({ clean, cities, input }) => {
      const file = (input as Input).report ?? 'out/report.md';
      const lines = cities.map(({ city, days, mean }) => `| ${city} | ${days} | ${mean.toFixed(1)} |`);
      const head = ['| city | days | mean |', '| --- | --- | --- |'];
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${[...head, ...lines].join('\n')}\n\n${clean.dropped} rows could not be used.\n`);
      return { file, cities: cities.length, dropped: clean.dropped };
    },
  })
  .output(['load'], ({ load }) => load);
