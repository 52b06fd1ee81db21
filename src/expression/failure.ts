/**
 * Why an evaluation stopped, thrown inside this room only: `evaluate` turns it into an `ExpressionError`.
 * Not an `Error`, because a stack trace per failed condition would cost more than the evaluation.
 */
export class Failure {
  /** The name Orquesta's languages have for it (`TypeError`, `NoMatchingFunctionException` …), or `limit_exceeded`. */
  readonly cause: string;
  readonly message: string;

  constructor(cause: string, message: string) {
    this.cause = cause;
    this.message = message;
  }
}

/** Throws a `Failure`; typed so that it can close an expression. */
export function stop(cause: string, message: string): never {
  throw new Failure(cause, message);
}
