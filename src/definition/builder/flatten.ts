/**
 * The tasks of a graph and of the segments in it, in one row: each with its full name, what it needs by full names, and what
 * its closures see.
 *
 * A segment's closures know nothing of where it was included. What they see is worked out from the variables of the whole run:
 * as `input` what the include gives, and their own tasks by their short names.
 *
 * S1. A task of a segment that needs nothing there waits for what the include needs.
 * S2. Where the include's `input` reads results, every task of the segment can read them: those that do not wait for them
 *     themselves have them as preferred needs. They come after tasks that wait, so the results are there.
 */

import { type Json, type JsonObject, ownProperty, setOwn } from '../../base/index.ts';
import { checkedAtOnce } from '../schema-check.ts';
import type { FaultList } from './faults.ts';
import type { NeedWritten, TaskWritten, WholeGraph } from './pieces.ts';
import { isClosure } from './value-sources.ts';

/** What a closure sees, by name. */
export type SeenValues = { [name: string]: unknown };

export interface FlatNeed {
  /** As the closures of the task know it; absent: they do not see it. */
  readonly short?: string;
  readonly task: string;
  readonly kind: string;
}

export interface FlatTask {
  readonly kind: 'task' | 'map';
  readonly name: string;
  /** Its name in the graph it was written in. */
  readonly short: string;
  readonly options: TaskWritten;
  readonly needs: readonly FlatNeed[];
  readonly frame: Frame;
}

/** A graph at the place where it stands: the whole, or a segment under its prefix. */
export interface Frame {
  /** Before each name: empty, or ends with a dot. */
  readonly prefix: string;
  readonly vars: readonly string[];
  /** `input` and variables, as closures of this graph see them. */
  readonly look: (variables: JsonObject) => SeenValues;
  /** What tasks that need nothing wait for. */
  readonly gates: readonly FlatNeed[];
  /** Tasks whose results `look` reads. */
  readonly reads: readonly FlatNeed[];
}

export function rootFrame(graph: WholeGraph): Frame {
  const vars = Object.keys(graph.vars ?? {});
  const look = (variables: JsonObject): SeenValues => {
    const seen: SeenValues = { input: variables.input };
    for (const name of vars) setOwn(seen, name, ownProperty(variables, name) ?? null);
    return seen;
  };
  return { prefix: '', vars, look, gates: [], reads: [] };
}

/** What a closure that reads these needs sees. */
export function seenOf(frame: Frame, needs: readonly FlatNeed[], variables: JsonObject): SeenValues {
  const seen = frame.look(variables);
  for (const { short, task } of needs) {
    if (short !== undefined) setOwn(seen, short, ownProperty(variables, task) ?? (null as Json));
  }
  return seen;
}

/** Every task of the graph. Frames of segments that are themselves at fault are reported. */
export function flatten(graph: WholeGraph, frame: Frame, faults: FaultList): FlatTask[] {
  return graph.pieces.flatMap((piece): FlatTask[] => {
    if (piece.kind === 'output') return [];
    if (piece.kind !== 'include') {
      const { kind, name, options } = piece;
      const needs = allNeeds(options.needs, frame);
      return [{ kind, name: frame.prefix + name, short: name, options, needs, frame }];
    }
    const { prefix, segment, options } = piece;
    if (!segment.pieces.some(({ kind }) => kind !== 'output'))
      faults.add(
        'no_tasks',
        undefined,
        `The segment "${frame.prefix}${prefix}" has no tasks: add one, or leave it out.`,
      );
    return flatten(segment, segmentFrame(segment, frame, prefix, options), faults);
  });
}

function segmentFrame(
  segment: WholeGraph,
  outer: Frame,
  prefix: string,
  { needs: written, input }: { readonly needs?: readonly NeedWritten[]; readonly input?: (seen: unknown) => unknown },
): Frame {
  const own = ownNeeds(written, outer);
  const full = `${outer.prefix}${prefix}`;
  const vars = Object.entries(segment.vars ?? {});
  const look = (variables: JsonObject): SeenValues => {
    const seenOutside = seenOf(outer, own, variables);
    const given = input === undefined ? seenOutside.input : input(seenOutside);
    const what = `the input of the segment "${full}"`;
    const seen: SeenValues = {
      input: segment.input === undefined ? given : checkedAtOnce(segment.input, given, what),
    };
    for (const [name, value] of vars) setOwn(seen, name, isClosure(value) ? value({ input: seen.input }) : value);
    return seen;
  };
  return {
    prefix: `${full}.`,
    vars: vars.map(([name]) => name),
    look,
    gates: allNeeds(written, outer).map(unseen),
    reads: distinct([...outer.reads, ...(input === undefined ? [] : own)].map(unseen)),
  };
}

/** The needs of a task as they were written, by full names. */
function ownNeeds(written: readonly NeedWritten[] | undefined, { prefix }: Frame): FlatNeed[] {
  return (Array.isArray(written) ? (written as readonly NeedWritten[]) : []).map((need) => {
    const { task, kind = 'blocking' } = isWritten(need) ? need : { task: String(need) };
    return { short: task, task: prefix + task, kind };
  });
}

function isWritten(need: NeedWritten): need is Exclude<NeedWritten, string> {
  return typeof need === 'object' && need !== null && typeof need.task === 'string';
}

function allNeeds(written: readonly NeedWritten[] | undefined, frame: Frame): FlatNeed[] {
  const own = ownNeeds(written, frame);
  if (!own.some(({ kind }) => kind === 'blocking')) return [...own, ...frame.gates];
  return [...own, ...frame.reads.map((need) => ({ ...need, kind: 'preferred' }))];
}

function unseen({ task, kind }: FlatNeed): FlatNeed {
  return { task, kind };
}

function distinct(needs: readonly FlatNeed[]): FlatNeed[] {
  return [...new Map(needs.map((need) => [need.task, need])).values()];
}
