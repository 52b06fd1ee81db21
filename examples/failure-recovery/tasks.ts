import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Price {
  readonly item: string;
  readonly price: number;
  readonly count: number;
}

export function readPrices({ file }: { file: string }): Price[] {
  return JSON.parse(readFileSync(file, 'utf8')) as Price[];
}

export function total({ prices }: { prices: readonly Price[] }): number {
  const cents = prices.reduce((sum, { price, count }) => sum + Math.round(price * 100) * count, 0);
  return cents / 100;
}

/** The name of the file is the same each time: delivering twice is delivering once. */
export function deliver({ outbox, total }: { outbox: string; total: number }): string {
  if (!existsSync(outbox)) throw new Error(`there is no folder ${outbox}; make it and run this task again`);
  const file = join(outbox, 'total.txt');
  writeFileSync(file, `${total.toFixed(2)}\n`);
  return file;
}
