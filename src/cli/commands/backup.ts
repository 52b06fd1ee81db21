/** `pawl backup FILE`: a whole, checked copy of the store file, while its owner works. */

import { exitCodes } from '../exit-code.ts';
import { read } from '../read-store.ts';
import type { Terminal } from '../terminal.ts';

export async function backup(
  file: string,
  options: { readonly db: string; readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  await read(options.db, (reader) => reader.backup(file));
  if (options.json === true) terminal.out(JSON.stringify({ backup: file, of: options.db }));
  else terminal.out(`${options.db} is backed up to ${file}`);
  return exitCodes.succeeded;
}
