/** How large a file is now. One that is not there yet is empty. */

import { existsSync, readFileSync } from 'node:fs';

export default function measure({ file }: { file: string }): { bytes: number; lines: number } {
  if (!existsSync(file)) return { bytes: 0, lines: 0 };
  const text = readFileSync(file);
  return { bytes: text.length, lines: text.toString().split('\n').length - 1 };
}
