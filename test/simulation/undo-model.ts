/** What a history may say of undoing: what can be undone is, once, the latest first, when its run or its group failed. */

import type { TaskSpec } from '../../src/kernel/index.ts';

interface Armed {
  readonly task: number;
  readonly group: string | undefined;
}

export class UndoModel {
  #armed: Armed[] = [];
  readonly #owed = new Set<number>();
  readonly failedGroups = new Set<string>();
  readonly #failing = new Set<string>();

  /** A task has succeeded that says how it is undone: that must be recorded with it. */
  owed(task: number): void {
    this.#owed.add(task);
  }

  armed(task: number, spec: TaskSpec): string | undefined {
    this.#armed.push({ task, group: spec.group });
    return this.#owed.delete(task) ? undefined : `task ${task} can be undone and has not succeeded`;
  }

  /** A task of the group failed for good: that must be recorded with it, unless it was before. */
  memberFailed(group: string): void {
    if (!this.failedGroups.has(group)) this.#failing.add(group);
  }

  groupFailed(group: string): string | undefined {
    this.failedGroups.add(group);
    return this.#failing.delete(group) ? undefined : `the group ${group} failed, and no task of it did`;
  }

  /** What should have been recorded by now; undefined where nothing is missing. */
  missing(): string | undefined {
    const [task] = this.#owed;
    const [group] = this.#failing;
    this.#owed.clear();
    this.#failing.clear();
    if (group !== undefined) return `the group ${group} failed and that was not recorded`;
    return task === undefined ? undefined : `how to undo task ${task} was not recorded`;
  }

  /** `others`: tasks open beside it. */
  scheduled(undoes: number, status: string, others: readonly TaskSpec[]): string | undefined {
    const found = this.#armed.find(({ task }) => task === undoes);
    if (found === undefined) return `task ${undoes} is undone and had nothing to undo, or was undone before`;
    const ofRun = status === 'failing' || status === 'canceling';
    const candidates = ofRun ? this.#armed : this.#armed.filter(({ group }) => group === found.group);
    this.#armed = this.#armed.filter((one) => one !== found);
    if (candidates[candidates.length - 1] !== found) return `task ${undoes} is undone before a later one`;
    if (!ofRun && (found.group === undefined || !this.failedGroups.has(found.group)))
      return `task ${undoes} is undone while the run is ${status}`;
    const beside = others.filter((spec) => ofRun || (spec.undoes !== undefined && spec.group === found.group));
    return beside.length === 0 ? undefined : `task ${undoes} is undone while ${beside[0]!.name} is open`;
  }

  ended(status: string): string | undefined {
    if (status === 'succeeded' || status === 'terminated') {
      const failed = this.#armed.find(({ group }) => group !== undefined && this.failedGroups.has(group));
      this.failedGroups.clear();
      const isOwed = status === 'succeeded' && failed !== undefined;
      return isOwed ? `it succeeded and task ${failed.task} of a failed group was not undone` : undefined;
    }
    const left = this.#armed;
    this.#armed = [];
    this.#owed.clear();
    this.failedGroups.clear();
    return left.length === 0 ? undefined : `it ended ${status} and task ${left[0]!.task} was not undone`;
  }
}
