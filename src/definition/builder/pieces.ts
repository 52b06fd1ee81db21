/** What was written, piece by piece, as it is kept until the graph is put together: the options with their types forgotten. */

import type { DagDefinition } from '../dag.ts';
import type { Schema } from '../schema-check.ts';
import type { ActionLike } from './known.ts';

/** A closure of a user: called with what it may see. */
export type Closure = (...seen: unknown[]) => unknown;

export interface GraphWritten extends Partial<Omit<DagDefinition, 'input' | 'vars'>> {
  readonly name: string;
  readonly version?: string;
  readonly input?: Schema;
  readonly vars?: { readonly [name: string]: unknown };
}

export interface WholeGraph extends GraphWritten {
  readonly pieces: readonly Piece[];
}

export type Piece =
  | { readonly kind: 'task' | 'map'; readonly name: string; readonly options: TaskWritten }
  | {
      readonly kind: 'include';
      readonly prefix: string;
      readonly segment: WholeGraph;
      readonly options: { readonly needs?: readonly NeedWritten[]; readonly input?: Closure };
    }
  | { readonly kind: 'output'; readonly names: readonly string[]; readonly give: Closure };

export type NeedWritten = string | { readonly task: string; readonly kind?: string };

export interface CallWritten {
  readonly action?: string | ActionLike;
  readonly input?: unknown;
  readonly run?: Closure;
}

export interface RetryWritten {
  readonly count: unknown;
  readonly delay?: unknown;
  readonly factor?: number;
  readonly maxDelay?: unknown;
  readonly jitter?: number;
  readonly when?: Closure;
}

export interface TaskWritten extends CallWritten {
  readonly needs?: readonly NeedWritten[];
  readonly trigger?: string;
  readonly when?: Closure;
  readonly over?: unknown;
  readonly width?: unknown;
  readonly delay?: unknown;
  readonly timeout?: unknown;
  readonly deadline?: unknown;
  readonly priority?: number;
  readonly retry?: RetryWritten;
  readonly fallback?: CallWritten;
  readonly intervention?: boolean;
  readonly compensate?: CallWritten & { readonly retry?: RetryWritten; readonly timeout?: unknown };
  readonly group?: string;
  readonly cache?: { readonly key?: Closure; readonly ttl?: unknown; readonly version?: string | number };
  readonly expand?: Closure;
  readonly secrets?: readonly string[];
  readonly title?: string;
  readonly type?: string;
  readonly workerType?: string;
  readonly resources?: { readonly [name: string]: unknown };
  readonly estimate?: unknown;
}
