/**
 * `core.local`: runs a shell command on this machine.
 *
 * Input: `cmd` for `/bin/sh -c`; `cwd`; `env`, added to a small copy of this process's environment; `timeout`; `input` for
 * its standard input. Result: `stdout` and `stderr` (at most 1 MiB each, without the last line break), `return_code`
 * (128 + n after signal n, as in a shell), `succeeded`, `failed`. A code other than 0 fails the task with that result.
 *
 * The command sees who it works for in `PAWL_RUN`, `PAWL_TASK` and `PAWL_ATTEMPT`. Secrets belong in `env` or `input`:
 * every user of the machine can read a command line.
 */

import { stat } from 'node:fs/promises';
import type { Json, JsonObject } from '../../../base/index.ts';
import { ActionError, type AnyAction, defineAction } from '../../action.ts';
import { type AttemptContext, attemptOf } from '../../attempt-context.ts';
import type { Machine } from '../machine.ts';
import { readCommand } from './command-input.ts';
import { CommandOutput } from './command-output.ts';
import { killLeftovers } from './leftovers.ts';
import { type ShellCommand, type ShellEnd, ShellProcess } from './shell-process.ts';

const name = 'core.local';

export function localAction(machine: Machine): AnyAction {
  return defineAction<Json, JsonObject>({
    name,
    async handler(input, context) {
      const attempt = attemptOf(context);
      const { timeoutMs, ...command } = readCommand(input, attempt, machine);
      await requireFolder(command.cwd);
      const killed = await killLeftovers(attempt);
      if (killed > 0) attempt.log(`killed what an earlier attempt had left running: ${killed} of its processes`);
      attempt.signal.throwIfAborted();
      return await run(command, timeoutMs, attempt, machine);
    },
  });
}

async function run(
  command: ShellCommand,
  timeoutMs: number | undefined,
  attempt: AttemptContext,
  machine: Machine,
): Promise<JsonObject> {
  const output = new CommandOutput(attempt);
  const shell = started(command, output, machine);
  const stop = (): void => shell.stop();
  attempt.signal.addEventListener('abort', stop);
  let timedOut = false;
  const cancelTimeout =
    timeoutMs === undefined
      ? undefined
      : machine.after(timeoutMs, () => {
          timedOut = true;
          shell.stop();
        });
  try {
    const end = await shell.ended.catch(refuseStart);
    attempt.signal.throwIfAborted();
    const result = output.result(end);
    if (timedOut)
      throw new ActionError(`the command took longer than ${timeoutMs! / 1000} s and was stopped`, {
        kind: 'timeout',
        result,
      });
    if (end.code === 0) return result;
    throw new ActionError(failureText(end, result), { kind: 'exit_code', result });
  } finally {
    cancelTimeout?.();
    attempt.signal.removeEventListener('abort', stop);
  }
}

function started(command: ShellCommand, output: CommandOutput, machine: Machine): ShellProcess {
  try {
    return new ShellProcess(command, output.take, machine.after);
  } catch (error) {
    return refuseStart(error);
  }
}

function refuseStart(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error';
  if (code === 'E2BIG') {
    throw new ActionError(
      `${name}: the command with its environment is too long for this system; give long text as "input"`,
      {
        kind: 'invalid_input',
        retryable: false,
      },
    );
  }
  throw new ActionError(`${name}: the shell could not be started (${code})`, { kind: 'not_started' });
}

function failureText({ code, signal }: ShellEnd, { stderr }: JsonObject): string {
  const what = signal === null ? `the command ended with code ${code}` : `the command was ended by ${signal}`;
  const last = String(stderr).trimEnd().split('\n').pop()!.trim();
  return last === '' ? what : `${what}: ${last.slice(0, 500)}`;
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new ActionError(`${name}: "cwd" is no folder: ${folder}`, { kind: 'not_started' });
}
