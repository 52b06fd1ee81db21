/**
 * One shell command as a process group, from its start to the end of its output.
 *
 * P1. It is over when the shell has exited and its output was read to the end. What it left running in the background and
 *     still holds its output is given `lingerMs`, then no longer listened to; it is not killed.
 * P2. Stopping sends the whole group SIGTERM, and SIGKILL to what is left of it after `graceMs`.
 * P3. Output is read only as fast as `onOutput` takes it: while its promise is open the pipe is not read, and the command
 *     waits where the pipe is full.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Machine } from '../machine.ts';
import { disown, own, signalGroup } from './process-group.ts';

export interface ShellCommand {
  readonly cmd: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Written to its standard input, which is empty otherwise. */
  readonly input: string | undefined;
}

export type OutputListener = (stream: 'stdout' | 'stderr', bytes: Buffer) => void | Promise<void>;

/** How the shell ended: by itself with a code, or by a signal. */
export interface ShellEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export const graceMs = 5_000;
const lingerMs = 1_000;

type Shell = ChildProcessByStdio<Writable | null, Readable, Readable>;

export class ShellProcess {
  /** Rejects where the shell could not be started. */
  readonly ended: Promise<ShellEnd>;
  readonly #after: Machine['after'];
  readonly #child: Shell;
  #stopping = false;
  #killed = false;
  #exited = false;
  #over = false;
  /** Streams whose listener is behind. */
  #behind = 0;
  #cancelKill: (() => void) | undefined;
  #cancelLinger: (() => void) | undefined;

  constructor(command: ShellCommand, onOutput: OutputListener, after: Machine['after']) {
    const { cmd, cwd, env, input } = command;
    this.#after = after;
    this.#child = spawn('/bin/sh', ['-c', cmd], {
      cwd,
      env: env as NodeJS.ProcessEnv,
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    }) as Shell;
    if (this.#child.pid !== undefined) own(this.#child.pid);
    this.#read('stdout', onOutput);
    this.#read('stderr', onOutput);
    // A command that ends without reading its input breaks the pipe; that is its business.
    this.#child.stdin?.on('error', () => {}).end(input);
    this.ended = this.#end();
  }

  /** Ends the group; `ended` resolves once it has. */
  stop(): void {
    const { pid } = this.#child;
    if (this.#stopping || pid === undefined) return;
    this.#stopping = true;
    signalGroup(pid, 'SIGTERM');
    this.#cancelKill = this.#after(graceMs, () => {
      this.#killed = true;
      signalGroup(pid, 'SIGKILL');
      if (this.#over) disown(pid);
      else if (this.#exited) this.#linger();
    });
  }

  #read(name: 'stdout' | 'stderr', onOutput: OutputListener): void {
    const stream = this.#child[name];
    stream.on('error', () => {});
    stream.on('data', (bytes: Buffer) => {
      const taken = onOutput(name, bytes);
      if (taken === undefined) return;
      stream.pause();
      this.#behind += 1;
      void taken.finally(() => {
        this.#behind -= 1;
        stream.resume();
      });
    });
  }

  async #end(): Promise<ShellEnd> {
    try {
      return await new Promise((resolve, reject) => {
        this.#child.once('error', reject);
        this.#child.once('exit', () => this.#onExit());
        this.#child.once('close', (code, signal) => resolve({ code, signal }));
      });
    } finally {
      this.#cancelLinger?.();
      this.#release();
    }
  }

  #onExit(): void {
    this.#exited = true;
    // While it is being stopped, members that tidy up have their grace.
    if (!this.#stopping || this.#killed) this.#linger();
  }

  #linger(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = this.#after(lingerMs, () => {
      if (this.#behind > 0) {
        this.#linger();
        return;
      }
      this.#child.stdout.destroy();
      this.#child.stderr.destroy();
    });
  }

  #release(): void {
    const { pid } = this.#child;
    this.#over = true;
    if (pid === undefined) return;
    // Members that have let go of the output but not ended still have the rest of their grace.
    if (this.#cancelKill !== undefined && !this.#killed && signalGroup(pid, 0)) return;
    this.#cancelKill?.();
    disown(pid);
  }
}
