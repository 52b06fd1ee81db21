/** The input of `core.local`, read and checked, and the environment a command gets. */

import { resolve } from 'node:path';
import type { Json } from '../../../base/index.ts';
import type { AttemptContext } from '../../attempt-context.ts';
import { InputFields, kindOf } from '../input-fields.ts';
import type { Machine } from '../machine.ts';
import { markOf } from './attempt-mark.ts';
import type { ShellCommand } from './shell-process.ts';

/** @throws ActionError `invalid_input` */
export function readCommand(
  input: Json,
  attempt: AttemptContext,
  machine: Machine,
): ShellCommand & { readonly timeoutMs: number | undefined } {
  const fields = new InputFields('core.local', input, ['cmd', 'cwd', 'env', 'timeout', 'input']);
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

/** Variables a command usually needs; what else this process was started with is not the command's business. */
const copied = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TERM)$/;
const pathDefault = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

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
