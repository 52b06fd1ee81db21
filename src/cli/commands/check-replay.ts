/**
 * `pawl check-replay FILE…`: the deploy gate. Runs the durable functions of the files over recorded histories, and says which runs
 * could not go on with this code, at which call, and why. No step of theirs is executed, and nothing is written.
 */

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { isPawlError, PawlError, type RunId, type WorkflowVersion } from '../../base/index.ts';
import type { FunctionWorkflow } from '../../definition/index.ts';
import { Programs, type ReplayVerdict, replayFunction, type SeenCall } from '../../engine/index.ts';
import { systemHasher, systemTurn } from '../../host/index.ts';
import { parseHistory, type Recorded } from '../../kernel/index.ts';
import { loadCodeWorkflows } from '../code-file.ts';
import { exitCodes } from '../exit-code.ts';
import { read } from '../read-store.ts';
import { type StoredFunction, storedFunctions } from '../stored-functions.ts';
import type { Terminal } from '../terminal.ts';

export interface CheckReplayOptions {
  readonly db?: string;
  readonly history: readonly string[];
  readonly workflow?: string;
  readonly sample?: number;
  readonly ended?: boolean;
  readonly json?: boolean;
}

export async function checkReplay(
  files: readonly string[],
  options: CheckReplayOptions,
  terminal: Terminal,
): Promise<number> {
  return await withoutPrinting(terminal, async () => {
    const code = await loadFunctions(files);
    const { workflow } = options;
    if (workflow !== undefined && !code.names.has(workflow))
      throw new PawlError(
        'bad_input',
        `no file exports a function "${workflow}"; they export ${[...code.names].join(', ')}`,
      );
    const gate = new Gate(code, options, terminal);
    for (const path of options.history) await gate.file(path);
    const db = options.db ?? (options.history.length === 0 ? './pawl.db' : undefined);
    if (db !== undefined) {
      const { sample, ended = false } = options;
      await read(db, async (reader) => {
        for await (const stored of storedFunctions(reader, { ended, workflow, sample })) await gate.stored(stored);
      });
    }
    return gate.close();
  });
}

interface Functions {
  readonly byVersion: ReadonlyMap<WorkflowVersion, FunctionWorkflow>;
  readonly names: ReadonlySet<string>;
}

/** @throws PawlError `bad_input`: a file cannot be loaded or holds no function; two functions have one name and version. */
async function loadFunctions(files: readonly string[]): Promise<Functions> {
  const programs = new Programs(systemHasher());
  const byVersion = new Map<WorkflowVersion, FunctionWorkflow>();
  const names = new Set<string>();
  for (const file of files) {
    for (const workflow of await loadCodeWorkflows(file)) {
      if (!isFunction(workflow)) continue;
      const { version, name } = programs.ofCode(workflow);
      const other = byVersion.get(version);
      if (other !== undefined && other !== workflow)
        throw new PawlError(
          'bad_input',
          `${file} exports a function "${name}", and so does another of these files; give one of them a version of its own`,
        );
      byVersion.set(version, workflow);
      names.add(name);
    }
  }
  if (names.size === 0)
    throw new PawlError(
      'bad_input',
      `${files.join(', ')}: no durable function is exported, and only those are replayed`,
    );
  return { byVersion, names };
}

function isFunction(workflow: { readonly definition: { readonly style: string } }): workflow is FunctionWorkflow {
  return workflow.definition.style === 'function';
}

type Broken = ReplayVerdict & { readonly ok: false };

interface Group {
  readonly workflow: string | undefined;
  readonly lines: readonly string[];
  readonly runs: string[];
  count: number;
}

/** Runs of a group that are named; the others are counted. */
const namedMost = 3;

class Gate {
  readonly #code: Functions;
  readonly #options: CheckReplayOptions;
  readonly #terminal: Terminal;
  readonly #groups = new Map<string, Group>();
  /** Runs of functions that no file exports, by name. */
  readonly #without = new Map<string, number>();
  #checked = 0;
  #broken = 0;
  #unreadable = 0;

  constructor(code: Functions, options: CheckReplayOptions, terminal: Terminal) {
    this.#code = code;
    this.#options = options;
    this.#terminal = terminal;
  }

  /** Checks an exported history. @throws PawlError `bad_input`: there is none in the file, or it is of none of these functions. */
  async file(path: string): Promise<void> {
    const history = readHistoryFile(path);
    const [started] = history;
    if (started?.type !== 'RunStarted') throw new PawlError('bad_input', `${path}: a history begins with RunStarted`);
    const { workflow, style } = started;
    if (style !== 'function')
      throw new PawlError(
        'bad_input',
        `${path} is the history of a ${style}, "${workflow}"; only durable functions are replayed`,
      );
    if (this.#options.workflow !== undefined && workflow !== this.#options.workflow) return;
    if (!this.#code.names.has(workflow))
      throw new PawlError(
        'bad_input',
        `${path} is a history of "${workflow}", which no file exports; they export ${[...this.#code.names].join(', ')}`,
      );
    try {
      const renewed = history.findLast((event) => event.type === 'RunRenewed');
      await this.#check(path, { workflow, version: (renewed ?? started).version }, history);
    } catch (error) {
      if (!isPawlError(error) || error.code !== 'bad_input') throw error;
      throw new PawlError('bad_input', `${path}: ${error.message}`, { cause: error, details: error.details });
    }
  }

  async stored(stored: StoredFunction): Promise<void> {
    if ('fault' in stored) {
      const { run, fault } = stored;
      this.#unreadable += 1;
      this.#tell(run, undefined, { ok: false, error: fault }, [fault]);
      return;
    }
    const { row, history } = stored;
    if (!this.#code.names.has(row.workflow)) {
      this.#without.set(row.workflow, (this.#without.get(row.workflow) ?? 0) + 1);
      return;
    }
    await this.#check(row.run, row, history, row.run);
  }

  /** @param shown What it is called: a run, or the file of a history. */
  async #check(
    shown: string,
    { workflow, version }: { readonly workflow: string; readonly version: WorkflowVersion },
    history: readonly Recorded[],
    run?: RunId,
  ): Promise<void> {
    this.#checked += 1;
    const code = this.#code.byVersion.get(version);
    if (code === undefined) {
      this.#broken += 1;
      const message = `it began with version ${version}, which no file exports`;
      this.#tell(shown, workflow, { ok: false, message }, [message]);
      return;
    }
    const verdict = await replayFunction(code, history, { turn: systemTurn(), run });
    if (verdict.ok) return;
    this.#broken += 1;
    this.#tell(shown, workflow, { ...verdict, place: shownPlace(verdict) }, linesOf(verdict));
  }

  #tell(run: string, workflow: string | undefined, found: object, lines: readonly string[]): void {
    if (this.#options.json === true) {
      this.#terminal.out(JSON.stringify({ run, workflow, ...found }));
      return;
    }
    const key = JSON.stringify([workflow, lines]);
    const group = this.#groups.get(key) ?? { workflow, lines, runs: [], count: 0 };
    group.count += 1;
    if (group.runs.length < namedMost) group.runs.push(run);
    this.#groups.set(key, group);
  }

  /** Says what was found; answers the exit code. */
  close(): number {
    const { out, say, color } = this.#terminal;
    const [checked, broken, unreadable] = [this.#checked, this.#broken, this.#unreadable];
    const without = [...this.#without].map(([workflow, runs]) => ({ workflow, runs }));
    if (this.#options.json === true) out(JSON.stringify({ checked, broken, unreadable, withoutCode: without }));
    else {
      for (const group of this.#groups.values()) for (const line of groupLines(group, this.#terminal)) out(line);
      const runs = checked === 1 ? '1 run' : `${checked} runs`;
      if (unreadable > 0) out(color.red(`${unreadable} could not be read`));
      out(
        broken === 0 ? color.green(`${runs} checked: all go on`) : color.red(`${broken} of ${runs} would stand still`),
      );
      for (const { workflow, runs: count } of without)
        say(
          color.yellow(
            `not checked: ${count === 1 ? '1 run' : `${count} runs`} of "${workflow}", which no file exports`,
          ),
        );
    }
    return broken === 0 && unreadable === 0 ? exitCodes.succeeded : exitCodes.failed;
  }
}

function groupLines({ workflow, lines, runs, count }: Group, { color }: Terminal): string[] {
  const more = count > runs.length ? ` and ${count - runs.length} more` : '';
  return [`${color.bold(workflow ?? 'damaged')}  ${runs.join(', ')}${more}`, ...lines.map((line) => `  ${line}`), ''];
}

function linesOf(verdict: Broken): string[] {
  const { at, recorded, called, message } = verdict;
  const place = shownPlace(verdict);
  const where = place === undefined ? '' : `  ${place}`;
  if (recorded === undefined || called === undefined) {
    const [, why = message] = /do not agree: (.*)$/s.exec(message) ?? [];
    return [`call ${at}: ${why}${where}`];
  }
  return [
    `call ${at} was ${inWords(recorded)}`,
    `now it is ${inWords(called)}${where}`,
    'put the code back, or let it ask `run.patched` which way to go',
  ];
}

function inWords({ kind, name }: SeenCall): string {
  return kind === 'sleep' ? 'a sleep' : `the ${kind} "${name}"`;
}

/** As one would open it from here. */
function shownPlace({ place }: Broken): string | undefined {
  if (place === undefined) return undefined;
  const near = relative(process.cwd(), place);
  return near.startsWith('..') ? place : near;
}

function readHistoryFile(path: string): readonly Recorded[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : String(error);
    throw new PawlError('bad_input', `cannot read ${path}: ${reason}`, { cause: error });
  }
  const history = parseHistory(text);
  if (history.ok) return history.value;
  throw new PawlError('bad_input', `${path} holds no history: ${history.error.message}`, {
    details: { file: path, at: history.error.at },
  });
}

/** What functions print while they are replayed is not the result of this command. */
async function withoutPrinting<T>(terminal: Terminal, work: () => Promise<T>): Promise<T> {
  const { log, info, debug } = console;
  const aside = (...words: unknown[]): void => terminal.say(words.map(String).join(' '));
  Object.assign(console, { log: aside, info: aside, debug: aside });
  try {
    return await work();
  } finally {
    Object.assign(console, { log, info, debug });
  }
}
