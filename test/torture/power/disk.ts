/**
 * A disk that can lose its power: it plays a trace, and says what would be left of the files.
 *
 * Q1. What was synced is there. Everything since the last sync of a file may be there or not, each write for itself, and
 *     of a write each sector of 512 bytes for itself; a truncation likewise.
 * Q2. That a name is made or removed is kept once the folder was synced; before, it may be kept or not, for each name
 *     up to some point of what happened to it. Syncing a file does not keep its name: stricter than most file systems.
 */

import type { Chance } from '../random.ts';
import type { Operation } from './trace.ts';

type Change = Extract<Operation, { op: 'write' | 'cut' }>;

/** The content of one file; a name that is removed and made again is another. */
interface Content {
  bytes: Buffer;
  size: number;
  unsynced: Change[];
}

const sectorBytes = 512;

export class Disk {
  /** By name, as processes see them. */
  readonly #live = new Map<string, Content>();
  /** By name, as the folder was when it was last synced. */
  #kept = new Map<string, Content>();
  /** What happened to each name since the folder was synced: another content, or none. */
  #unsynced = new Map<string, (Content | undefined)[]>();

  play(operation: Operation): void {
    switch (operation.op) {
      case 'create':
        this.#rename(operation.name, { bytes: Buffer.alloc(0), size: 0, unsynced: [] });
        return;
      case 'remove':
        this.#rename(operation.name, undefined);
        return;
      case 'write':
      case 'cut':
        this.#content(operation.name).unsynced.push(operation);
        return;
      case 'sync': {
        const content = this.#content(operation.name);
        for (const change of content.unsynced) apply(content, change);
        content.unsynced = [];
        return;
      }
      case 'syncFolder':
        this.#kept = new Map(this.#live);
        this.#unsynced = new Map();
    }
  }

  /** Cuts the power: the files that are found afterwards. The disk itself goes on. */
  cutPower(chance: Chance): Map<string, Buffer> {
    const found = new Map(this.#kept);
    for (const [name, contents] of this.#unsynced) {
      const reached = chance.below(contents.length + 1);
      const content = reached === 0 ? this.#kept.get(name) : contents[reached - 1];
      if (content === undefined) found.delete(name);
      else found.set(name, content);
    }
    const mood = chance.pick(['all', 'none', 'some', 'some', 'some'] as const);
    return new Map([...found].map(([name, content]) => [name, leftOf(content, mood, chance)]));
  }

  #rename(name: string, content: Content | undefined): void {
    if (content === undefined) this.#live.delete(name);
    else this.#live.set(name, content);
    const history = this.#unsynced.get(name) ?? [];
    history.push(content);
    this.#unsynced.set(name, history);
  }

  #content(name: string): Content {
    const content = this.#live.get(name);
    if (content === undefined) throw new Error(`the record writes to ${name} before it was made`);
    return content;
  }
}

function leftOf({ bytes, size, unsynced }: Content, mood: 'all' | 'none' | 'some', chance: Chance): Buffer {
  const left = { bytes: Buffer.from(bytes.subarray(0, size)), size };
  if (mood === 'none') return left.bytes;
  for (const change of unsynced) {
    if (mood === 'all') apply(left, change);
    else if (chance.next() < 0.5) applySome(left, change, chance);
  }
  return left.bytes.subarray(0, left.size);
}

function apply(content: { bytes: Buffer; size: number }, change: Change): void {
  if (change.op === 'cut') {
    if (change.size > content.size) grow(content, change.size);
    else content.bytes.fill(0, change.size, content.size);
    content.size = change.size;
    return;
  }
  const end = change.offset + change.bytes.length;
  grow(content, end);
  change.bytes.copy(content.bytes, change.offset);
  content.size = Math.max(content.size, end);
}

/** The whole change, or some sectors of it. */
function applySome(content: { bytes: Buffer; size: number }, change: Change, chance: Chance): void {
  if (change.op === 'cut' || change.bytes.length <= sectorBytes || chance.next() < 0.6) {
    apply(content, change);
    return;
  }
  for (let at = 0; at < change.bytes.length; ) {
    // A sector of the disk, not of the write.
    const length = Math.min(sectorBytes - ((change.offset + at) % sectorBytes), change.bytes.length - at);
    if (chance.next() < 0.5) {
      apply(content, { ...change, offset: change.offset + at, bytes: change.bytes.subarray(at, at + length) });
    }
    at += length;
  }
}

function grow(content: { bytes: Buffer }, size: number): void {
  if (content.bytes.length >= size) return;
  const grown = Buffer.alloc(Math.max(size, content.bytes.length * 2));
  content.bytes.copy(grown);
  content.bytes = grown;
}
