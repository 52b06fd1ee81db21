/**
 * Workflows and the programs made of them: compiled once, kept while they are used, loaded from the store by their version
 * when a run needs one.
 *
 * A document is all in its text. Of a workflow defined in code the store keeps what is not code, and the code is registered
 * here by whoever opens the engine; a run whose code is not here, or has another shape, can be shown and not driven.
 */

import { type Hasher, type Json, PawlError, type WorkflowVersion, workflowVersion } from '../base/index.ts';
import {
  type CodeWorkflow,
  type Diagnostic,
  dagText,
  type FunctionDefinition,
  type FunctionWorkflow,
  functionDefinition,
  functionNameIn,
  functionText,
  inputFaultOf,
  inspectFlow,
  isDagText,
  ownAction,
  readDagText,
  type TaskHandler,
  type WorkflowDefinition,
} from '../definition/index.ts';
import { dagProgram, functionProgram, type Program, programOf } from '../kernel/index.ts';
import type { StoreReader } from '../store/index.ts';

/** A workflow that can be run: its text, what it says, and the program that reads it. */
export interface Workflow {
  readonly name: string;
  readonly version: WorkflowVersion;
  readonly text: string;
  readonly definition: WorkflowDefinition | FunctionDefinition;
  /** The durable function in code, where it is here. */
  readonly code?: FunctionWorkflow;
  /** Says what is wrong with the input of a start, before there is a run; undefined where nothing is. */
  readonly inputFault?: ((input: Json) => string | undefined) | undefined;
  readonly program: Program;
}

const keptMost = 1_000;

export class Programs {
  readonly #hasher: Hasher;
  /** Least recently used first. */
  readonly #kept = new Map<WorkflowVersion, Workflow>();
  /** Workflows defined in code; they stay. */
  readonly #registered = new Map<WorkflowVersion, Workflow>();
  /** Registered versions of which the store holds the same. */
  readonly #verified = new Set<WorkflowVersion>();
  /** The one of a name that was registered last. */
  readonly #byName = new Map<string, Workflow>();
  readonly #ofCode = new WeakMap<object, Workflow>();

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  /** The workflow that is kept under this version, if it is. */
  get(version: WorkflowVersion): Workflow | undefined {
    const workflow = this.#registered.get(version) ?? this.#kept.get(version);
    if (workflow !== undefined) this.keep(workflow);
    return workflow;
  }

  /**
   * Reads a document.
   *
   * @throws PawlError `bad_definition`; its details hold the diagnostics.
   */
  ofText(text: string, name: string): Workflow {
    const version = this.#versionOf(text);
    const kept = this.get(version);
    if (kept !== undefined) return kept;
    const { definition, errors } = inspectFlow(text);
    if (definition === undefined) throw badDefinition(name, errors);
    const workflow = { name, version, text, definition, program: programOf(definition) };
    this.keep(workflow);
    return workflow;
  }

  /**
   * Takes in a workflow that is defined in code.
   *
   * @throws PawlError `conflict`: another of that name and declared version is here, with another shape.
   */
  ofCode(code: CodeWorkflow | FunctionWorkflow): Workflow {
    const known = this.#ofCode.get(code);
    if (known !== undefined) return known;
    const { name, definition } = code;
    const text = isFunction(code) ? functionText(name) : dagText(name, code.definition);
    const version = code.version === undefined ? this.#versionOf(text) : workflowVersion(`${name}@${code.version}`);
    const same = this.#registered.get(version);
    if (same !== undefined && same.text !== text) {
      throw new PawlError('conflict', `${version} is registered with other tasks; declare another version for these`);
    }
    const workflow: Workflow = isFunction(code)
      ? { name, version, text, definition, program: functionProgram(), code, inputFault: inputFaultOfFunction(code) }
      : {
          name,
          version,
          text,
          definition,
          program: dagProgram(code.definition, { own: version }),
          inputFault: code.inputFault as Workflow['inputFault'],
        };
    this.#byName.set(name, workflow);
    this.#registered.set(version, workflow);
    this.#ofCode.set(code, workflow);
    return workflow;
  }

  /** The workflow of that version, from memory or from the store; undefined where neither has it. */
  async load(version: WorkflowVersion, store: StoreReader): Promise<Workflow | undefined> {
    const registered = this.#registered.get(version);
    const kept = registered ?? this.get(version);
    // What was registered may differ from what runs of that declared version began with.
    if (kept !== undefined && (kept !== registered || this.#verified.has(version))) return kept;
    const document = await store.document(version);
    if (document === undefined) return registered;
    if (document.text === registered?.text) {
      this.#verified.add(version);
      return registered;
    }
    const functionName = functionNameIn(document.text);
    if (functionName !== undefined) {
      const lacks = `the function "${functionName}", version ${version}, is not registered here`;
      const definition = functionDefinition(functionName);
      return { name: functionName, version, text: document.text, definition, program: functionProgram({ lacks }) };
    }
    if (!isDagText(document.text)) return this.ofText(document.text, document.name);
    return this.#withoutCode(document.name, version, document.text, registered !== undefined);
  }

  /** A workflow defined in code, read from what the store keeps of it. */
  #withoutCode(name: string, version: WorkflowVersion, text: string, isOther: boolean): Workflow {
    const read = readDagText(text);
    if (!read.ok)
      throw new PawlError('store_corrupt', `the definition of "${name}" (${version}) cannot be read: ${read.error}`);
    const { definition } = read.value;
    const lacks = isOther
      ? `the workflow "${name}" has other tasks here than version ${version} had when the run began; register that one, or declare another version for this one`
      : `the workflow "${name}", version ${version}, is defined in code that is not registered here`;
    return { name, version, text, definition, program: dagProgram(definition, { lacks, own: version }) };
  }

  /** The workflow in code that was registered last under that name. */
  named(name: string): Workflow | undefined {
    return this.#byName.get(name);
  }

  /** Remembers a workflow that was read elsewhere. */
  keep(workflow: Workflow): void {
    if (this.#registered.has(workflow.version)) return;
    this.#kept.delete(workflow.version);
    this.#kept.set(workflow.version, workflow);
    if (this.#kept.size <= keptMost) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }

  #versionOf(text: string): WorkflowVersion {
    return workflowVersion(this.#hasher.sha256(text).slice(0, 40));
  }
}

/** The handlers of a workflow's tasks by the names under which they are actions; `version` is that of the taken-in workflow. */
export function ownActions<Context>(
  code: Pick<CodeWorkflow<Context>, 'handlers'>,
  version: WorkflowVersion,
): Map<string, TaskHandler<Context>> {
  return new Map([...code.handlers].map(([task, handler]) => [`${version}${ownAction}${task}`, handler]));
}

function isFunction(code: CodeWorkflow | FunctionWorkflow): code is FunctionWorkflow {
  return code.definition.style === 'function';
}

function inputFaultOfFunction({ name, schemas }: FunctionWorkflow): Workflow['inputFault'] {
  return schemas?.input && inputFaultOf(schemas.input, name);
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
