/** What arrives in an engine's inbox. */

import type { Attributes, Json, JsonObject, RunId, TaskNumber } from '../base/index.ts';
import type {
  Command,
  EditedResult,
  HandedOver,
  Outcome,
  Parent,
  Recorded,
  Refusal,
  RunState,
} from '../kernel/index.ts';
import type { Workflow } from './programs.ts';
import type { StartPolicy } from './start-policy.ts';

/** What a run is started with. */
export interface StartRequest {
  readonly workflow: Workflow;
  readonly input?: JsonObject | undefined;
  /** Variables beside the input. */
  readonly context?: JsonObject | undefined;
  /** Names the run. Starting it again with the same workflow and input attaches; with others it is a conflict. Default: a new id. */
  readonly id?: RunId | undefined;
  /** By what it can be found. */
  readonly attributes?: Attributes | undefined;
  /** Tasks to begin with, instead of the workflow's entry points. */
  readonly from?: readonly string[] | undefined;
  /** Workflows it may start as sub-workflows, by the names it knows them under; kept with the run. */
  readonly pinned?: ReadonlyMap<string, Workflow> | undefined;
  /** Signals it is given as it begins; one that attaches is given them too. */
  readonly signals?: readonly StartSignal[] | undefined;
}

export interface StartSignal {
  readonly name: string;
  readonly payload: Json;
  /** The same signal counts once. */
  readonly id?: string | undefined;
}

export interface Started {
  readonly run: RunId;
  /** True where the run was there already. */
  readonly attached: boolean;
}

/** A command of a client, answered once what it saw and did is durable. */
export interface CommandMessage {
  readonly type: 'command';
  readonly run: RunId;
  readonly command: Command;
  readonly resolve: (refusal: Refusal | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** An attempt this engine dispatched is over. Kept until it is durable: it is never dropped for want of room. */
export interface CompletionMessage {
  readonly type: 'completion';
  readonly run: RunId;
  readonly task: TaskNumber;
  readonly item: number | undefined;
  readonly attempt: number;
  readonly outcome: Outcome | HandedOver;
}

export interface StartMessage {
  readonly type: 'start';
  readonly request: StartRequest;
  readonly run: RunId;
  readonly startHash: string;
  readonly policy: StartPolicy;
  /** With undefined where there is a run of that id by now that the policy does not let it attach to. */
  readonly resolve: (started: Started | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** A run that begins with the history of another. */
export interface ForkMessage {
  readonly type: 'fork';
  /** The new run. */
  readonly run: RunId;
  readonly workflow: Workflow;
  readonly history: readonly Recorded[];
  readonly from: { readonly run: RunId; readonly revision: number };
  readonly edited: EditedResult | undefined;
  readonly resolve: (run: RunId) => void;
  readonly reject: (error: unknown) => void;
}

/** The engine's own word to a run: time has passed, a parent has ended, there is more to do. */
export interface NudgeMessage {
  readonly type: 'nudge';
  readonly run: RunId;
  readonly command: Command;
}

/** A look at a run, answered once what it saw is durable. */
export interface LookMessage {
  readonly type: 'look';
  readonly run: RunId;
  readonly resolve: (state: RunState | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export type Message =
  | QueryMessage
  | UpdateMessage
  | EmitMessage
  | CommandMessage
  | CompletionMessage
  | StartMessage
  | ForkMessage
  | NudgeMessage
  | LookMessage;

/** A question to a durable function; it changes nothing. */
export interface QueryMessage {
  readonly type: 'query';
  readonly run: RunId;
  readonly name: string;
  readonly args: readonly Json[];
  readonly resolve: (answer: Json) => void;
  readonly reject: (error: unknown) => void;
}

/** A durable function is asked to change something, and to answer. */
export interface UpdateMessage {
  readonly type: 'update';
  readonly run: RunId;
  readonly name: string;
  readonly input: Json;
  /** Absent: nobody asks for its answer again. */
  readonly id: string | undefined;
  readonly resolve: (answer: Json) => void;
  readonly reject: (error: unknown) => void;
}

/** A step adds a piece to a stream. */
export interface EmitMessage {
  readonly type: 'emit';
  readonly run: RunId;
  readonly call: number;
  readonly stream: string;
  readonly value: Json;
}

/** How a child run is described to the kernel. */
export interface ChildStart {
  readonly parent: Parent;
  readonly workflow: Workflow;
  readonly input: JsonObject;
}

/** The input of `core.workflow`: `{workflow: NAME, input: …}`. */
export function readChildInput(input: Json): { readonly workflow: string; readonly input: Json } | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  const fields = input as JsonObject;
  const workflow = Object.hasOwn(fields, 'workflow') ? fields.workflow : undefined;
  const given = Object.hasOwn(fields, 'input') ? fields.input : {};
  if (typeof workflow !== 'string') return undefined;
  return { workflow, input: given ?? null };
}
