import { type GraphError, isGraphError } from '../../src/graph/index.ts';

/** The `GraphError` that a call throws; anything else it throws is thrown on, and to return is an error. */
export function errorFrom(call: () => unknown): GraphError {
  try {
    call();
  } catch (error) {
    if (isGraphError(error)) return error;
    throw error;
  }
  throw new Error('the call was not refused');
}
