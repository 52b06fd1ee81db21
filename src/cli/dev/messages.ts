/** What `pawl dev` and the process it keeps say to each other. */

/** To the child: let what runs finish for so long, and leave. */
export interface Stop {
  readonly type: 'stop';
  readonly graceMs: number;
}

/** From the child: it drives the runs; or it cannot, and leaves. */
export type Told = { readonly type: 'driving' } | { readonly type: 'faulty'; readonly faults: readonly string[] };

export function isStop(message: unknown): message is Stop {
  return isTyped(message) && message.type === 'stop' && 'graceMs' in message && typeof message.graceMs === 'number';
}

export function isTold(message: unknown): message is Told {
  return isTyped(message) && (message.type === 'driving' || (message.type === 'faulty' && 'faults' in message));
}

function isTyped(message: unknown): message is { readonly type: unknown } {
  return typeof message === 'object' && message !== null && 'type' in message;
}
