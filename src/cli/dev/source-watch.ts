/**
 * Tells when the sources of a folder have changed: once for each burst of changes, with the files.
 *
 * The system says that something happened in a folder; what it was is found by looking again, so an event that is lost, doubled or
 * wrongly named does no harm, and a file that was written as it was before is no change. Where the system cannot watch (no more
 * watches, a network file system), the folder is looked at every second.
 */

import { type FSWatcher, watch } from 'node:fs';
import { changesBetween, readTree, type SourceTree } from './source-folder.ts';

/** Editors write a file in several steps, and tools write several files. */
const quietForMs = 80;
const lookEveryMs = 1_000;

export class SourceWatch {
  readonly #folder: string;
  readonly #onChange: (files: readonly string[]) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #tree: SourceTree;
  #pending: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;

  /** @throws PawlError as `readTree`. */
  constructor(folder: string, onChange: (files: readonly string[]) => void) {
    this.#folder = folder;
    this.#onChange = onChange;
    this.#tree = readTree(folder);
    this.#watchFolders();
  }

  /** True where changes are seen up to a second late. */
  get isLooking(): boolean {
    return this.#looking !== undefined;
  }

  close(): void {
    clearTimeout(this.#pending);
    clearInterval(this.#looking);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watchFolders(): void {
    const folders = new Set(this.#tree.folders);
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, () => this.#soon());
        watcher.on('error', () => this.#soon());
        this.#watchers.set(folder, watcher);
      } catch {
        this.#looking ??= setInterval(() => this.#look(), lookEveryMs);
      }
    }
  }

  #soon(): void {
    clearTimeout(this.#pending);
    this.#pending = setTimeout(() => this.#look(), quietForMs);
  }

  #look(): void {
    let tree: SourceTree;
    try {
      tree = readTree(this.#folder, this.#tree);
    } catch {
      // The folder itself is gone, or is being replaced: what comes in its place is seen when it is there.
      this.#looking ??= setInterval(() => this.#look(), lookEveryMs);
      return;
    }
    const changed = changesBetween(this.#tree, tree);
    this.#tree = tree;
    this.#watchFolders();
    if (changed.length > 0) this.#onChange(changed);
  }
}
