/**
 * The errors of the outside world: one base class, a stable code each, and one table that says what a code means at
 * every face of the program. Recognise an error by `code`, never by class or text.
 */

/** What each code means: HTTP status, exit code of the command line, and whether trying again can help. */
export const errorCodes = {
  bad_input: { status: 400, exit: 2, retryable: false },
  bad_definition: { status: 400, exit: 2, retryable: false },
  not_found: { status: 404, exit: 2, retryable: false },
  conflict: { status: 409, exit: 2, retryable: false },
  refused: { status: 409, exit: 2, retryable: false },
  not_allowed: { status: 403, exit: 2, retryable: false },
  file_in_use: { status: 409, exit: 2, retryable: true },
  file_unreadable: { status: 500, exit: 2, retryable: false },
  key_missing: { status: 403, exit: 2, retryable: false },
  file_too_new: { status: 500, exit: 2, retryable: false },
  failed: { status: 500, exit: 1, retryable: false },
  limit_exceeded: { status: 413, exit: 2, retryable: false },
  busy: { status: 503, exit: 70, retryable: true },
  store_full: { status: 507, exit: 70, retryable: true },
  store_failed: { status: 500, exit: 70, retryable: false },
  store_corrupt: { status: 500, exit: 70, retryable: false },
  timeout: { status: 504, exit: 70, retryable: true },
  closed: { status: 503, exit: 70, retryable: true },
  unsupported_runtime: { status: 500, exit: 2, retryable: false },
  node_not_found: { status: 404, exit: 2, retryable: false },
  node_exists: { status: 409, exit: 2, retryable: false },
  edge_not_found: { status: 404, exit: 2, retryable: false },
  edge_exists: { status: 409, exit: 2, retryable: false },
  self_loop: { status: 400, exit: 2, retryable: false },
  cycle: { status: 400, exit: 2, retryable: false },
  not_connected: { status: 400, exit: 2, retryable: false },
  invalid_operation: { status: 400, exit: 2, retryable: false },
  internal: { status: 500, exit: 70, retryable: false },
} as const satisfies Record<string, { status: number; exit: number; retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

/**
 * An error with a stable `code`. The message is one sentence: what was found, what was expected, what to do.
 * `details` are plain data (positions, witnesses, ids), never secrets.
 */
export class PawlError extends Error {
  override readonly name: string = 'PawlError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}

/** True for a `PawlError` of this or any other copy of the package. */
export function isPawlError(value: unknown): value is PawlError {
  return (
    value instanceof Error && 'code' in value && typeof value.code === 'string' && Object.hasOwn(errorCodes, value.code)
  );
}
