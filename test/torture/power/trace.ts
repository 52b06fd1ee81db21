/** What the recorder wrote down: everything that processes did to the files of one folder, in order. */

import { readFileSync } from 'node:fs';

export type Operation =
  | { readonly op: 'write'; readonly name: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly op: 'cut'; readonly name: string; readonly size: number }
  | { readonly op: 'create' | 'sync' | 'remove'; readonly name: string }
  | { readonly op: 'syncFolder' };

const headBytes = 15;

export function readTrace(path: string): Operation[] {
  const record = readFileSync(path);
  const names = new Map<number, string>();
  const operations: Operation[] = [];
  for (let at = 0; at + headBytes <= record.length; ) {
    const op = String.fromCharCode(record[at]!);
    const file = record.readUInt16LE(at + 1);
    const offset = Number(record.readBigUInt64LE(at + 3));
    const length = record.readUInt32LE(at + 11);
    at += headBytes;
    if (op === 'N') {
      // Each process numbers its files anew.
      names.set(file, record.toString('utf8', at, at + length));
      at += length;
      continue;
    }
    const name = names.get(file) ?? '';
    if (op === 'W') {
      operations.push({ op: 'write', name, offset, bytes: record.subarray(at, at + length) });
      at += length;
    } else if (op === 'T') operations.push({ op: 'cut', name, size: offset });
    else if (op === 'C') operations.push({ op: 'create', name });
    else if (op === 'S') operations.push({ op: 'sync', name });
    else if (op === 'U') operations.push({ op: 'remove', name });
    else if (op === 'D') operations.push({ op: 'syncFolder' });
    else throw new Error(`the record holds an operation "${op}" that nobody knows`);
  }
  return operations;
}
