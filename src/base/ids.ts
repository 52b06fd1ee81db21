declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Names one run while it is retained: letters, digits, `.`, `_`, `-`, `:`, `/`; 1 to 200 characters. */
export type RunId = Branded<'RunId'>;

/** The content hash of a workflow document: `sha256:` and hex, or a declared version of code. */
export type WorkflowVersion = Branded<'WorkflowVersion'>;

/** A task's identity within its run: 0, 1, 2 … in the order the kernel made them. */
export type TaskNumber = number;

const runIdPattern = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$/;

/** The text as a run id, or undefined where it is not one. */
export function parseRunId(text: string): RunId | undefined {
  return runIdPattern.test(text) ? (text as RunId) : undefined;
}

/** Marks text that a store or hasher made as a workflow version. */
export function workflowVersion(text: string): WorkflowVersion {
  return text as WorkflowVersion;
}
