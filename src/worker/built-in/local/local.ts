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
import { constants } from 'node:os';
import { resolve } from 'node:path';
import type { Json, JsonObject } from '../../../base/index.ts';
import { ActionError, type AnyAction, defineAction } from '../../action.ts';
import { type AttemptContext, attemptOf } from '../../attempt-context.ts';
import { InputFields, kindOf } from '../input-fields.ts';
import type { Machine } from '../machine.ts';
import { markOf } from './attempt-mark.ts';
import { KeptOutput } from './kept-output.ts';
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
      if (killed > 0)
        attempt.log(
          `killed ${killed} ${killed === 1 ? 'process' : 'processes'} that an earlier attempt had left running`,
        );
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

/** What a command writes, on its way to the log and into the result. */
class CommandOutput {
  readonly #attempt: AttemptContext;
  readonly #kept = { stdout: new KeptOutput(), stderr: new KeptOutput() };
  readonly #decoders = {
    stdout: new TextDecoder('utf-8', { ignoreBOM: true }),
    stderr: new TextDecoder('utf-8', { ignoreBOM: true }),
  };

  constructor(attempt: AttemptContext) {
    this.#attempt = attempt;
  }

  readonly take = (stream: 'stdout' | 'stderr', bytes: Buffer): void | Promise<void> => {
    const kept = this.#kept[stream];
    kept.count(bytes.length);
    if (kept.isFull && this.#attempt.isLogFull) return undefined;
    return this.#give(stream, this.#decoders[stream].decode(bytes, { stream: true }));
  };

  #give(stream: 'stdout' | 'stderr', text: string): void | Promise<void> {
    this.#kept[stream].add(text);
    return this.#attempt.write(stream, text);
  }

  result({ code, signal }: ShellEnd): JsonObject {
    const redact = (text: string): string => this.#attempt.redact(text);
    for (const stream of ['stdout', 'stderr'] as const) void this.#give(stream, this.#decoders[stream].decode());
    return {
      stdout: this.#kept.stdout.text(redact),
      stderr: this.#kept.stderr.text(redact),
      return_code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
      succeeded: code === 0,
      failed: code !== 0,
    };
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

/** Variables a command usually needs; what else this process was started with is not the command's business. */
const copied = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TERM)$/;
const pathDefault = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function readCommand(
  input: Json,
  attempt: AttemptContext,
  machine: Machine,
): ShellCommand & { readonly timeoutMs: number | undefined } {
  const fields = new InputFields(name, input, ['cmd', 'cwd', 'env', 'timeout', 'input']);
  if (machine.platform === 'win32') throw fields.fault('needs /bin/sh, which this system does not have');
  const command = {
    cmd: fields.requiredText('cmd'),
    cwd: resolve(machine.workingDirectory, fields.text('cwd') ?? '.'),
    env: { ...inherited(machine), ...readEnv(fields), ...attemptVariables(attempt) },
    input: fields.text('input'),
    timeoutMs: fields.durationMs('timeout'),
  };
  if (command.cmd.includes('\0')) throw fields.fault('"cmd" holds a null character, which no command can');
  if (command.cwd.includes('\0')) throw fields.fault('"cwd" holds a null character, which no path can');
  return command;
}

function inherited({ environment }: Machine): Record<string, string> {
  const variables: Record<string, string> = { PATH: pathDefault };
  for (const [variable, value] of Object.entries(environment)) {
    if (value !== undefined && copied.test(variable)) variables[variable] = value;
  }
  return variables;
}

function readEnv(fields: InputFields): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [variable, value] of Object.entries(fields.map('env') ?? {})) {
    if (variable === '' || /[=\0]/.test(variable))
      throw fields.fault(`${JSON.stringify(variable)} in "env" is not the name of a variable`);
    if (value === null) continue;
    if (typeof value === 'object')
      throw fields.fault(`"${variable}" in "env" is ${kindOf(value)}; write text, a number, true or false`);
    const text = String(value);
    if (text.includes('\0')) throw fields.fault(`"${variable}" in "env" holds a null character, which no variable can`);
    variables[variable] = text;
  }
  return variables;
}

function attemptVariables(attempt: AttemptContext): Readonly<Record<string, string>> {
  return { PAWL_RUN: attempt.run, PAWL_TASK: attempt.task, PAWL_ATTEMPT: String(attempt.attempt), ...markOf(attempt) };
}
