/** The points of a run's history at which it can be taken up again: the ends of its commits. */

import { type Instant, PawlError, type RunId, type WorkflowVersion } from '../base/index.ts';
import { decodeEvents, type Recorded } from '../kernel/index.ts';
import type { StoreReader } from '../store/index.ts';

export interface Checkpoint {
  /** Events up to here. */
  readonly revision: number;
  readonly at: Instant;
  /** What the commit held, in a few words: `fetch succeeded`, `run paused`. */
  readonly happened: readonly string[];
  /** True where the run had ended: such a point can be looked at and not gone on from. */
  readonly final: boolean;
}

const entriesAtOnce = 1_000;

/** Oldest first. @throws PawlError `not_found`, `store_corrupt` */
export async function checkpointsOf(run: RunId, store: StoreReader): Promise<Checkpoint[]> {
  const points: Checkpoint[] = [];
  const names = new Map<number, string>();
  let final = false;
  for (let after = 0; ; ) {
    const entries = await store.history(run, { after, limit: entriesAtOnce });
    if (entries === undefined) throw new PawlError('not_found', `there is no run "${run}"; \`pawl runs\` lists them`);
    if ('corrupt' in entries) throw new PawlError('store_corrupt', `run "${run}" cannot be read: ${entries.reason}`);
    for (const entry of entries) {
      const happened: string[] = [];
      for (const event of decodeEvents(entry, entry.at)) {
        if (event.type === 'TaskScheduled') names.set(event.task, event.spec.name);
        if (event.type === 'RunEnded') final = true;
        if (event.type === 'RunReopened') final = false;
        const words = wordsFor(event, names);
        if (words !== undefined) happened.push(words);
      }
      points.push({ revision: entry.to, at: entry.at, happened, final });
    }
    const last = entries[entries.length - 1];
    if (last === undefined || entries.length < entriesAtOnce) return points;
    after = last.to;
  }
}

function wordsFor(event: Recorded, names: ReadonlyMap<number, string>): string | undefined {
  const nameOf = (task: number): string => names.get(task) ?? String(task);
  switch (event.type) {
    case 'RunStarted':
      return 'run started';
    case 'TaskEnded':
      return `${nameOf(event.task)} ${event.dropped === true ? 'left' : event.outcome.status}`;
    case 'AttemptStarted':
      return event.item === undefined || event.item === 0 ? `${nameOf(event.task)} begins` : undefined;
    case 'WaitStarted':
      return `${nameOf(event.task)} waits`;
    case 'RetryScheduled':
      return `${nameOf(event.task)} is tried again`;
    case 'FallbackTaken':
      return `${nameOf(event.task)} falls back`;
    case 'DecisionTaken':
      return `${nameOf(event.task)} is decided: ${event.choice}`;
    case 'DecisionAsked':
      return `${nameOf(event.task)} waits for a decision`;
    case 'SignalReceived':
      return `signal "${event.name}"`;
    case 'RunPaused':
      return 'run paused';
    case 'RunResumed':
      return 'run resumed';
    case 'RunEnded':
      return `run ${event.status}`;
    case 'RunReopened':
      return 'run reopened';
    case 'RunForked':
      return `forked from ${event.run}`;
    default:
      return undefined;
  }
}

/** Why there is no point to fork at, and which there are. */
export function noForkAt(run: RunId, revision: number, points: readonly Checkpoint[]): PawlError {
  const usable = points.filter((point) => !point.final);
  const [first] = usable;
  const last = usable[usable.length - 1];
  const advice =
    first === undefined || last === undefined
      ? 'it has no point to go on from'
      : `it can be forked from event ${first.revision} to ${last.revision}; \`pawl checkpoints ${run}\` lists the points`;
  const isEarly = first !== undefined && revision < first.revision;
  const found = isEarly ? `its first commit ends at event ${first.revision}` : 'it had ended by then';
  return new PawlError('bad_input', `run "${run}" cannot be forked at event ${revision}: ${found}; ${advice}`);
}

/** The versions of the sub-workflows a history may start. */
export function pinnedIn(history: readonly Recorded[]): readonly WorkflowVersion[] {
  const [started] = history;
  return started?.type === 'RunStarted' ? Object.values(started.pinned ?? {}) : [];
}
