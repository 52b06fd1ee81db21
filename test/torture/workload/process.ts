/** Starts the workload as a process, and tells how it went. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorkloadOptions } from './main.ts';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

export interface WorkloadProcess {
  readonly child: ChildProcess;
  /** Resolves once it serves, or has ended without. */
  readonly ready: Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly done: boolean; readonly errors: string }>;
}

export function startWorkload(options: WorkloadOptions, env: NodeJS.ProcessEnv = {}): WorkloadProcess {
  return startProgram(program, options, env);
}

/** Starts a program that takes its options as JSON, says `ready` once it serves, and `done` once it is through. */
export function startProgram(file: string, options: object, env: NodeJS.ProcessEnv = {}): WorkloadProcess {
  const child = spawn(process.execPath, [file, JSON.stringify(options)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  const ready = Promise.withResolvers<void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (out.includes('ready')) ready.resolve();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<{ code: number | null; done: boolean; errors: string }>((resolve) => {
    child.once('close', (code) => {
      ready.resolve();
      resolve({ code, done: out.includes('done'), errors });
    });
  });
  return { child, ready: ready.promise, ended };
}
