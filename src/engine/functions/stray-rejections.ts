/**
 * Promises of a function's code that are rejected while nobody waits for them: not yet, as in `const paid = pay(run); …; await paid`,
 * or never. Node ends the process of whoever leaves one, and with it all other runs, again each time the run is taken up (N5).
 *
 * Such a rejection is the function's own business: what it awaits later rejects there. Any other goes the way it goes without Pawl.
 */

import { scopeNow } from './scopes.ts';

let isListening = false;

/** From now on, for the life of the process. */
export function bearStrayRejections(): void {
  if (isListening) return;
  isListening = true;
  process.on('unhandledRejection', (reason) => {
    // The listener is called in the context in which the promise was made.
    if (scopeNow() !== undefined) return;
    // Where nobody else listens, Node would have thrown it.
    if (process.listenerCount('unhandledRejection') === 1) throw reason;
  });
}
