/**
 * Compares the kernel with itself: what is folded event by event as it becomes durable must be what a process shows, and
 * what a snapshot with its tail gives (I13), and must be a state that can move (I9).
 */

import { canonicalJson, type Json, type RunId } from '../../src/base/index.ts';
import { foldStored, type Programs } from '../../src/engine/index.ts';
import {
  assertConsistent,
  decodeEvents,
  evolve,
  freezeRun,
  newRun,
  type Program,
  type RunState,
} from '../../src/kernel/index.ts';
import type { Bundle, RunAppend, Store } from '../../src/store/index.ts';
import type { Oracle } from './oracle.ts';

interface ShadowRun {
  readonly state: RunState;
  readonly program: Program;
}

export class Shadow {
  readonly #oracle: Oracle;
  readonly #programs: Programs;
  readonly #runs = new Map<RunId, ShadowRun>();
  snapshots = 0;

  constructor(oracle: Oracle, programs: Programs) {
    this.#oracle = oracle;
    this.#programs = programs;
  }

  durable(bundle: Bundle): void {
    for (const append of bundle.appends) {
      try {
        this.#append(append);
      } catch (error) {
        this.#oracle.fault('I13', `the history of ${append.run} cannot be folded: ${String(error)}`);
      }
    }
  }

  #append(append: RunAppend): void {
    const { run, at, row, snapshot } = append;
    let shadow = this.#runs.get(run);
    if (shadow === undefined) {
      const version = row?.version;
      const workflow = version === undefined ? undefined : this.#programs.get(version);
      if (workflow === undefined) {
        this.#oracle.fault('I12', `${run} starts with a workflow that nobody brought`);
        return;
      }
      shadow = { state: newRun(run), program: workflow.program };
      this.#runs.set(run, shadow);
    }
    for (const event of decodeEvents(append, at)) evolve(shadow.state, event, shadow.program);
    assertConsistent(shadow.state, shadow.program);
    if (snapshot === undefined) return;
    this.snapshots += 1;
    if (plain(snapshot) !== frozen(shadow))
      this.#oracle.fault('I13', `the snapshot of ${run} at ${shadow.state.revision} is not the fold of its history`);
  }

  state(run: RunId): RunState | undefined {
    return this.#runs.get(run)?.state;
  }

  /** A process shows this state of a run. */
  shown(state: RunState): void {
    const shadow = this.#runs.get(state.id);
    if (shadow === undefined || shadow.state.revision !== state.revision) return;
    if (plain(freezeRun(state, shadow.program)) !== frozen(shadow))
      this.#oracle.fault('I13', `${state.id} at revision ${state.revision} is not the fold of its history`);
  }

  /** Reads the disk as a new process would: histories unchanged (I3), and snapshot and tail give the same state. */
  async compareWith(store: Store): Promise<void> {
    for (const [run, model] of this.#oracle.runs) {
      const history = await store.history(run);
      if (history === undefined || 'corrupt' in history) {
        this.#oracle.fault('I1', `${run} cannot be read any more`);
        continue;
      }
      const same =
        history.length === model.appends.length &&
        history.every(({ events, payloads, at }, place) => {
          const append = model.appends[place]!;
          return events === append.events && payloads === append.payloads && at === append.at;
        });
      if (!same) this.#oracle.fault('I3', `the history of ${run} is not what was committed`);
      const stored = await store.load(run);
      const shadow = this.#runs.get(run);
      if (stored === undefined || shadow === undefined) continue;
      if (!stored.corrupt)
        this.#compareRow(
          run,
          stored.row as unknown as { readonly [field: string]: Json },
          model.row as unknown as { readonly [field: string]: Json },
        );
      try {
        const { state, program } = await foldStored(run, stored, store, this.#programs);
        if (plain(freezeRun(state, program)) !== frozen(shadow))
          this.#oracle.fault('I13', `${run}: snapshot and tail do not give the fold of its history`);
      } catch (error) {
        this.#oracle.fault('I13', `${run} cannot be loaded: ${String(error)}`);
      }
    }
  }

  #compareRow(run: RunId, stored: { readonly [field: string]: Json }, told: { readonly [field: string]: Json }): void {
    for (const field of ['status', 'final', 'active', 'dueAt', 'endedAt', 'startHash']) {
      if (stored[field] !== told[field])
        this.#oracle.fault(
          'I12',
          `the row of ${run} says ${field}: ${String(stored[field])}; it was given ${String(told[field])}`,
        );
    }
  }
}

function frozen({ state, program }: ShadowRun): string {
  return plain(freezeRun(state, program));
}

/** Without the order in which fields were set. */
function plain(text: string): string {
  return canonicalJson(JSON.parse(text) as Json);
}
