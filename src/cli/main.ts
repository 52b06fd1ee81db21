/** The command line: reads arguments, carries out one command, answers with an exit code. */

import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { isPawlError, PawlError } from '../base/index.ts';
import { version } from '../version.ts';
import type { CheckOptions } from './commands/check.ts';
import type { CheckReplayOptions } from './commands/check-replay.ts';
import type { ControlOptions, RunRequest } from './commands/control.ts';
import type { DevOptions } from './commands/dev.ts';
import type { GraphOptions } from './commands/graph.ts';
import type { PlanCommandOptions } from './commands/plan.ts';
import type { DriveOptions, RunOptions } from './commands/run.ts';
import type { ReadOptions, RunsOptions } from './commands/show.ts';
import type { StartCommandOptions } from './commands/start.ts';
import type { DriverOptions } from './dev/driver.ts';
import { exitCodeOfError, exitCodes } from './exit-code.ts';
import { readJsonArgument } from './run-input.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Where bin, templates and package.json lie: two folders up, in the sources as in what is published. */
const packageFolder = fileURLToPath(new URL('../../', import.meta.url));

/** Carries out the command; answers the exit code. Never throws. */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const answer = { code: exitCodes.succeeded as number };
  const program = commandLine(terminal, answer);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return answer.code;
  } catch (error) {
    return fail(error, argv.includes('--json'), terminal);
  }
}

function fail(error: unknown, json: boolean, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.succeeded : exitCodes.badInput;
  const code = exitCodeOfError(error);
  const message = error instanceof Error ? error.message : String(error);
  if (json) terminal.out(JSON.stringify({ error: { code: isPawlError(error) ? error.code : 'internal', message } }));
  else terminal.say(`${terminal.color.red('error:')} ${message}`);
  if (!isPawlError(error) && error instanceof Error && error.stack !== undefined) {
    terminal.say(error.stack);
    terminal.say('this is a fault of pawl itself; the runs in the file are as they were at the last commit');
  }
  return code;
}

function commandLine(terminal: Terminal, answer: { code: number }): Command {
  const program = new Command('pawl')
    .description('Runs workflows that survive a crash, on one SQLite file.')
    .version(version)
    .showHelpAfterError('(`pawl --help` lists the commands, `pawl COMMAND --help` its options)')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.say(text.replace(/\n$/, '')),
      getOutHasColors: () => terminal.color.isColorSupported,
      getErrHasColors: () => terminal.color.isColorSupported,
    })
    .addHelpText(
      'after',
      `
Exit codes: 0 succeeded, 1 run failed, 2 bad input, 3 canceled or terminated, 4 waits for a signal or a person,
70 internal error, 130 interrupted.

  $ pawl run workflow.yaml --input name=World
  $ pawl runs
  $ pawl resume`,
    );
  const add = (name: string, description: string): Command =>
    program.command(name).description(description).copyInheritedSettings(program);
  const withDb = (command: Command): Command =>
    command.option('--db <path>', 'the store file', './pawl.db').option('--json', 'answer in JSON, for machines');
  const withWorkers = (command: Command): Command =>
    withDb(command)
      .option('--actions <module>', 'a module that exports actions; may be given again', collect, [])
      .option('--allow-shell', 'let workflows run shell commands (core.local)')
      .option('--allow-private-network', 'let core.http reach loopback and private addresses')
      .option('--concurrency <n>', 'attempts at once (default: 100)', positive)
      .option('--keep <period>', 'how long ended runs stay in the file: 12h, 90d, forever (default: 30d)');
  const carryOut = async (work: Promise<number> | number): Promise<void> => {
    answer.code = await work;
  };
  // Each command loads what it needs when it is called: a signal needs no YAML.
  const control = async (request: RunRequest, options: ControlOptions): Promise<number> =>
    (await import('./commands/control.ts')).control(request, options, terminal);
  const handOver = async (runs: readonly string[], options: ControlOptions): Promise<number | undefined> =>
    (await import('./commands/control.ts')).handOver(
      runs,
      options,
      terminal,
      (await import('./store-access.ts')).askLiveOwner,
    );
  const reading = () => import('./commands/show.ts');
  const driving = () => import('./commands/run.ts');

  add('new <folder>', 'make a project from a template')
    .option('--template <name>', 'function, approval or etl', 'function')
    .option('--json', 'answer in JSON, for machines')
    .action((folder: string, options: { template: string; json?: boolean }) =>
      carryOut(
        import('./commands/new.ts').then(({ newProject }) =>
          newProject({ folder, packageFolder, ...options }, terminal),
        ),
      ),
    );

  add('check <file...>', 'say everything that is wrong with workflow files')
    .option('--json', 'answer in JSON, for machines')
    .option('--strict', 'warnings count as errors')
    .action((files: string[], options: CheckOptions) =>
      carryOut(import('./commands/check.ts').then(({ check }) => check(files, options, terminal))),
    );

  add('check-replay <file...>', 'say which runs could not go on with the durable functions of these files')
    .option('--store, --db <path>', 'the store file whose open runs are checked (default: ./pawl.db)')
    .option('--history <file>', 'a history that `pawl history RUN --json` printed; may be given again', collect, [])
    .option('--workflow <name>', 'only runs of this workflow')
    .option('--sample <n>', 'so many runs of the store, chosen at random', positive)
    .option('--ended', 'runs that have ended as well')
    .option('--json', 'answer in JSON, for machines')
    .action((files: string[], options: CheckReplayOptions) =>
      carryOut(import('./commands/check-replay.ts').then(({ checkReplay }) => checkReplay(files, options, terminal))),
    );
  const driver = (command: Command): Command =>
    command
      .option('--db <path>', 'the store file (default: pawl.db in the folder)')
      .option('--allow-shell', 'let workflows run shell commands (core.local)')
      .option('--allow-private-network', 'let core.http reach loopback and private addresses')
      .option('--concurrency <n>', 'attempts at once (default: 100)', positive);
  driver(add('dev [folder]', 'drive the workflows of a folder, and start again when one of its files changes')).action(
    (folder: string | undefined, options: DevOptions) =>
      carryOut(
        import('./commands/dev.ts').then(({ dev }) =>
          dev({ folder: folder ?? '.', bin: join(packageFolder, 'bin/pawl.js') }, options, terminal),
        ),
      ),
  );
  // What `dev` starts.
  driver(program.command('dev-driver <folder>', { hidden: true }).copyInheritedSettings(program)).action(
    (folder: string, options: DriverOptions) =>
      carryOut(import('./dev/driver.ts').then(({ drive }) => drive(resolve(folder), options, terminal))),
  );

  const chooses = 'of a code file that exports several workflows, the one of this name';
  add('plan <file>', 'say how a workflow will run: stages, critical path, duration, what it takes at once')
    .option('--db <path>', 'take estimates from earlier runs in this store file')
    .option('--workers <n>', 'with so many tasks at once', positive)
    .option('--quantile <q>', 'which of the earlier durations to plan with: p50, p90 or p99', 'p50')
    .option('--workflow <name>', chooses)
    .option('--json', 'answer in JSON, for machines')
    .action((file: string, options: PlanCommandOptions) =>
      carryOut(import('./commands/plan.ts').then(({ plan }) => plan(file, options, terminal))),
    );

  add('graph <file|run>', 'draw a workflow file, or a run and how its tasks stand')
    .option('--format <format>', 'text, svg, mermaid, dot or json (default: as --out is named, else text)')
    .option('--out <file>', 'write there; .svg, .mmd, .dot and .json say the format')
    .option('--db <path>', 'the store file of the run', './pawl.db')
    .option('--theme <theme>', 'of an SVG: auto, light or dark', 'auto')
    .option('--direction <way>', 'down or right', 'down')
    .option('--expand', 'draw each of many alike')
    .option('--ascii', 'text without other characters')
    .option('--workflow <name>', chooses)
    .action((subject: string, options: GraphOptions) =>
      carryOut(import('./commands/graph.ts').then(({ graph }) => graph(subject, options, terminal))),
    );

  withWorkers(add('run <file> [input...]', 'start a run of a workflow file and drive it'))
    .option('--workflow <name>', chooses)
    .option(
      '--input <name=value>',
      'an input, JSON, or @file.json; may be given again, or without --input',
      collect,
      [],
    )
    .option('--id <id>', 'name the run; the same id with the same input attaches to it')
    .option('--attribute <name=value>', 'by what the run can be found; may be given again', collect, [])
    .option('--from <task>', 'begin with this task; may be given again', collect)
    .option('--detach', 'commit the start, print the id and leave')
    .action((file: string, inputs: string[], options: RunOptions) =>
      carryOut(driving().then(({ run }) => run(file, inputs, options, terminal))),
    );

  withDb(add('start <workflow> [input...]', 'have the process that drives the file start a workflow that it knows'))
    .option('--id <id>', 'name the run; the same id with the same input attaches to it')
    .option('--from <task>', 'begin with this task; may be given again', collect)
    .option('--attribute <name=value>', 'by what the run can be found; may be given again', collect, [])
    .option('--wait', 'stay until the run has ended or waits for someone')
    .action((name: string, inputs: string[], options: StartCommandOptions) =>
      carryOut(import('./commands/start.ts').then(({ start }) => start(name, inputs, options, terminal))),
    );

  withWorkers(
    add('resume [run...]', 'drive the open runs of the file, or those named; a paused run that is named goes on'),
  )
    .option(
      '--workflows <file>',
      'a file that exports workflows in code, whose runs may go on; may be given again',
      collect,
      [],
    )
    .action((names: string[], options: DriveOptions) =>
      carryOut(
        handOver(names, options).then(async (told) => told ?? (await driving()).resume(names, options, terminal)),
      ),
    );

  withDb(add('runs', 'list runs, newest first'))
    .option('--status <status>', 'only runs that stand so; may be given again', collect)
    .option('--workflow <name>', 'only runs of that workflow')
    .option(
      '--where <condition>',
      'only runs with such an attribute: customer=c1, amount>=10, region, !region; may be given again',
      collect,
    )
    .option('--started-after <time>', 'only runs started then or later, as 2030-01-31T12:00Z')
    .option('--started-before <time>', 'only runs started before that')
    .option('--parent <run>', 'only sub-workflows of that run')
    .option('--limit <n>', 'at most so many', positive, 50)
    .action((options: RunsOptions) => carryOut(reading().then(({ runs }) => runs(options, terminal))));

  withDb(add('show <run>', 'say how a run stands: tasks, output, errors, what it waits for')).action(
    (name: string, options: ReadOptions) => carryOut(reading().then(({ show }) => show(name, options, terminal))),
  );

  withDb(add('history <run>', 'list the events of a run')).action((name: string, options: ReadOptions) =>
    carryOut(reading().then(({ history }) => history(name, options, terminal))),
  );

  withDb(add('logs <run> <task>', 'print what a task wrote'))
    .option('--attempt <n>', 'only this attempt', positive)
    .option('--item <n>', 'only this item, from 0', whole)
    .action((name: string, task: string, options: ReadOptions & { attempt?: number; item?: number }) =>
      carryOut(reading().then(({ logs }) => logs(name, task, options, terminal))),
    );

  withDb(add('signal <run> <name> [json]', 'give a run a signal'))
    .option('--id <id>', 'the same id twice is one signal')
    .action((name: string, signal: string, json: string | undefined, options: ControlOptions & { id?: string }) =>
      carryOut(
        control(
          {
            op: 'signal',
            run: name,
            name: signal,
            payload: json === undefined ? null : readJsonArgument(json, 'the payload of the signal'),
            ...(options.id === undefined ? {} : { id: options.id }),
          },
          options,
        ),
      ),
    );

  withDb(add('answer <run> <task> <json>', 'answer a task that asks a person')).action(
    (name: string, task: string, json: string, options: ControlOptions) =>
      carryOut(control({ op: 'answer', run: name, task, answer: readJsonArgument(json, 'the answer') }, options)),
  );

  withDb(add('query <run> <name> [args...]', 'ask a durable function that is under way; nothing changes')).action(
    (name: string, query: string, args: string[], options: ControlOptions) =>
      carryOut(
        control(
          { op: 'query', run: name, name: query, args: args.map((one) => readJsonArgument(one, 'an argument')) },
          options,
        ),
      ),
  );

  withDb(
    add(
      'update <run> <name> [json]',
      'ask a durable function that is under way to change something, and print its answer',
    ),
  )
    .option('--id <id>', 'the same id asks once')
    .action((name: string, update: string, json: string | undefined, options: ControlOptions & { id?: string }) =>
      carryOut(
        control(
          {
            op: 'update',
            run: name,
            name: update,
            input: json === undefined ? null : readJsonArgument(json, 'the input of the update'),
            ...(options.id === undefined ? {} : { id: options.id }),
          },
          options,
        ),
      ),
    );

  withDb(add('complete <token> [json]', 'say what a task that was handed over, or a callback, came to')).action(
    (token: string, json: string | undefined, options: ControlOptions) =>
      carryOut(
        control(
          { op: 'complete', token, output: json === undefined ? null : readJsonArgument(json, 'the output') },
          options,
        ),
      ),
  );

  withDb(add('fail <token> <message>', 'say that a task that was handed over, or a callback, failed'))
    .option('--no-retry', 'no further attempt can help')
    .action((token: string, message: string, options: ControlOptions & { retry: boolean }) =>
      carryOut(control({ op: 'fail', token, message, ...(options.retry ? {} : { retryable: false }) }, options)),
    );

  withDb(add('pause <run>', 'start nothing new; what runs may finish')).action(
    (name: string, options: ControlOptions) => carryOut(control({ op: 'pause', run: name }, options)),
  );

  for (const [op, description] of [
    ['cancel', 'ask a run to stop: what runs is told and has its say'],
    ['terminate', 'stop a run now'],
  ] as const) {
    withDb(add(`${op} <run>`, description))
      .option('--reason <text>', 'kept with the run')
      .action((name: string, options: ControlOptions & { reason?: string }) =>
        carryOut(
          control({ op, run: name, ...(options.reason === undefined ? {} : { reason: options.reason }) }, options),
        ),
      );
  }

  withDb(add('decide <run> <task> <choice>', 'retry, skip or fail a task that failed for good and waits for a person'))
    .option('--output <json>', 'what a skipped task gives; default null')
    .option('--reason <text>', 'kept with the run')
    .action(
      (name: string, task: string, choice: string, options: ControlOptions & { output?: string; reason?: string }) =>
        carryOut(
          control(
            {
              op: 'decide',
              run: name,
              task,
              choice: decisionOf(choice),
              ...(options.output === undefined ? {} : { output: readJsonArgument(options.output, '--output') }),
              ...(options.reason === undefined ? {} : { reason: options.reason }),
            },
            options,
          ),
        ),
    );

  withDb(add('checkpoints <run>', 'list the events at which a run can be forked')).action(
    (name: string, options: ReadOptions) =>
      carryOut(reading().then(({ checkpoints }) => checkpoints(name, options, terminal))),
  );

  withDb(add('fork <run>', 'begin a new run with the history of this one up to an event; `pawl resume` drives it'))
    .option('--at <event>', 'up to this event, or the last commit before it', positive)
    .option('--call <call>', 'of a durable function: up to this call, by number or name, which is made again')
    .option('--output <json>', 'with --call: what the call has come to instead')
    .option('--id <id>', 'name the new run')
    .action((name: string, options: ControlOptions & ForkOptions) =>
      carryOut(control(forkRequest(name, options), options)),
    );

  withDb(
    add('rerun <run>', 'run tasks of an ended run again: those that failed, or those named; `pawl resume` drives it'),
  )
    .option('--task <name>', 'this task (NAME, NAME__rROUTE, NAME! for all items); may be given again', collect)
    .action((name: string, options: ControlOptions & { task?: string[] }) =>
      carryOut(
        control({ op: 'rerun', run: name, ...(options.task === undefined ? {} : { tasks: options.task }) }, options),
      ),
    );

  withDb(add('backup <file>', 'copy the store file, also while it is in use')).action(
    (file: string, options: ControlOptions) =>
      carryOut(import('./commands/backup.ts').then(({ backup }) => backup(file, options, terminal))),
  );
  return program;
}

interface ForkOptions {
  readonly at?: number;
  readonly call?: string;
  readonly output?: string;
  readonly id?: string;
}

function forkRequest(run: string, { at, call, output, id }: ForkOptions): RunRequest {
  const named = id === undefined ? {} : { id };
  if ((at === undefined) === (call === undefined))
    throw new PawlError('bad_input', 'a fork needs --at EVENT or --call CALL, and not both');
  if (call === undefined) return { op: 'fork', run, at: at ?? 0, ...named };
  const given = output === undefined ? {} : { output: readJsonArgument(output, '--output') };
  return { op: 'fork_call', run, call: /^\d+$/.test(call) ? Number(call) : call, ...given, ...named };
}

function collect(value: string, all: readonly string[] = []): string[] {
  return [...all, value];
}

function decisionOf(text: string): 'retry' | 'skip' | 'fail' {
  if (text === 'retry' || text === 'skip' || text === 'fail') return text;
  throw new PawlError('bad_input', `"${text}" is no decision; write retry, skip or fail`);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('write a whole number from 1');
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('write a whole number from 0');
  return value;
}
