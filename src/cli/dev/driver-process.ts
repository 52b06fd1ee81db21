/** One process that drives a folder, from its start to its end. */

import { type ChildProcess, spawn } from 'node:child_process';
import { isTold, type Stop } from './messages.ts';

/** What is allowed beyond the grace: closing the file, and leaving. */
const leavingMs = 3_000;

/** How a driver ended: as it was told to, because of faults in the folder, or for reasons of its own. */
export type Ending =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] }
  | { readonly kind: 'crashed'; readonly how: string };

export class DriverProcess {
  /** Resolves once the process is gone. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  #isStopping = false;
  #faults: readonly string[] | undefined;

  /** @param args What Node is started with. */
  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message) => {
      if (isTold(message) && message.type === 'faulty') this.#faults = message.faults;
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve({ kind: 'crashed', how: error.message }));
      this.#child.once('exit', (code, signal) => resolve(this.#ending(code, signal)));
    });
  }

  /** Tells it to stop, and kills it where it has not after its grace and a little more. Resolves once it is gone. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    const stop: Stop = { type: 'stop', graceMs };
    if (this.#child.connected) this.#child.send(stop, () => {});
    const patience = setTimeout(() => this.kill(), graceMs + leavingMs);
    await this.ended;
    clearTimeout(patience);
  }

  kill(): void {
    this.#isStopping = true;
    this.#child.kill('SIGKILL');
  }

  #ending(code: number | null, signal: NodeJS.Signals | null): Ending {
    if (this.#faults !== undefined) return { kind: 'faulty', faults: this.#faults };
    if (this.#isStopping) return { kind: 'stopped' };
    if (code === 13) return { kind: 'crashed', how: 'a module awaits something at its top level that never comes' };
    return { kind: 'crashed', how: signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}` };
  }
}
