/** The workflows that runs of a simulation are started with: random documents and functions, compiled once a process. */

import type { WorkflowVersion } from '../../src/base/index.ts';
import { type FunctionWorkflow, inspectFlow } from '../../src/definition/index.ts';
import { Programs, type Workflow } from '../../src/engine/index.ts';
import { SeededRandom, textHash } from '../../src/testing/simulation.ts';
import { type DocumentFacts, randomDocument } from './documents.ts';
import { functionOf } from './function-body.ts';
import { randomFunction } from './functions.ts';

/** Cheap, and the same on every machine; nothing in a simulation tries to find two texts of one hash. */
export const simulatedHasher = {
  sha256: (text: string): string =>
    [0, 1, 2, 3, 4]
      .map((part) =>
        textHash(text, part * 0x01234567)
          .toString(16)
          .padStart(8, '0'),
      )
      .join(''),
};

export interface KnownWorkflow {
  readonly workflow: Workflow;
  readonly facts: DocumentFacts;
  /** To be registered with every engine, where it is a durable function. */
  readonly code?: FunctionWorkflow;
}

/** Of each depth, how many documents there are. */
const poolSize = 160;

const programs = new Programs(simulatedHasher);
const known = new Map<string, KnownWorkflow>();
const byVersion = new Map<WorkflowVersion, KnownWorkflow>();

/** The workflow of that place in the pool; sub-workflows of it are at most `depth` levels deep. */
export function workflowAt(depth: number, place: number, isChild: boolean): KnownWorkflow {
  const key = `${depth}.${place % poolSize}.${isChild ? 'child' : 'root'}`;
  const kept = known.get(key);
  if (kept !== undefined) return kept;
  for (let attempt = 0; ; attempt += 1) {
    const document = randomDocument(new SeededRandom(`document/${key}/${attempt}`), depth);
    if (isChild && document.facts.from !== undefined) continue;
    const { definition, errors } = inspectFlow(document.text);
    if (definition === undefined || errors.length > 0) continue;
    const workflow = programs.ofText(document.text, isChild ? `child${depth + 1}` : `root${depth}.${place % poolSize}`);
    const one = { workflow, facts: document.facts };
    known.set(key, one);
    byVersion.set(workflow.version, one);
    return one;
  }
}

/** The durable function of that place in the pool; sub-workflows of it are at most `depth` levels deep. */
export function functionAt(depth: number, place: number): KnownWorkflow {
  const name = `function${depth}.${place % poolSize}`;
  const kept = known.get(name);
  if (kept !== undefined) return kept;
  const plan = randomFunction(new SeededRandom(name), name, depth);
  const code = functionOf(plan);
  const one = { workflow: programs.ofCode(code), code, facts: { joins: new Map(), from: undefined, plan } };
  known.set(name, one);
  byVersion.set(one.workflow.version, one);
  return one;
}

export function workflowOf(version: string): KnownWorkflow | undefined {
  return byVersion.get(version as WorkflowVersion);
}

/** Every workflow that was used so far, for a store's reader. */
export function allPrograms(): Programs {
  return programs;
}
