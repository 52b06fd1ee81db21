/**
 * Workflow texts and the programs made of them: compiled once, kept while they are used, loaded from the store by their
 * version when a run needs one.
 */

import { type Hasher, PawlError, type WorkflowVersion, workflowVersion } from '../base/index.ts';
import { type Diagnostic, type FlowDefinition, inspectFlow } from '../definition/index.ts';
import { flowProgram, type Program } from '../kernel/index.ts';
import type { StoreReader } from '../store/index.ts';

/** A workflow that can be run: its text, what it says, and the program that reads it. */
export interface Workflow {
  readonly name: string;
  readonly version: WorkflowVersion;
  readonly text: string;
  readonly definition: FlowDefinition;
  readonly program: Program;
}

const keptMost = 1_000;

export class Programs {
  readonly #hasher: Hasher;
  /** Least recently used first. */
  readonly #kept = new Map<WorkflowVersion, Workflow>();

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  /** The workflow that is kept under this version, if it is. */
  get(version: WorkflowVersion): Workflow | undefined {
    const workflow = this.#kept.get(version);
    if (workflow !== undefined) this.keep(workflow);
    return workflow;
  }

  /**
   * Reads a flow document.
   *
   * @throws PawlError `bad_definition`; its details hold the diagnostics.
   */
  ofText(text: string, name: string): Workflow {
    const version = workflowVersion(this.#hasher.sha256(text).slice(0, 40));
    const kept = this.get(version);
    if (kept !== undefined) return kept;
    const { definition, errors } = inspectFlow(text);
    if (definition === undefined) throw badDefinition(name, errors);
    const workflow = { name, version, text, definition, program: flowProgram(definition) };
    this.keep(workflow);
    return workflow;
  }

  /** The workflow of that version, from memory or from the store; undefined where neither has it. */
  async load(version: WorkflowVersion, store: StoreReader): Promise<Workflow | undefined> {
    const kept = this.get(version);
    if (kept !== undefined) return kept;
    const document = await store.document(version);
    return document === undefined ? undefined : this.ofText(document.text, document.name);
  }

  /** Remembers a workflow that was read elsewhere. */
  keep(workflow: Workflow): void {
    this.#kept.delete(workflow.version);
    this.#kept.set(workflow.version, workflow);
    if (this.#kept.size <= keptMost) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}

function badDefinition(name: string, errors: readonly Diagnostic[]): PawlError {
  const first = errors[0];
  const where =
    first === undefined ? '' : ` (line ${first.position.line}, column ${first.position.column}: ${first.message})`;
  const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  return new PawlError('bad_definition', `the workflow "${name}" has ${count}${where}`, {
    details: { diagnostics: errors },
  });
}
