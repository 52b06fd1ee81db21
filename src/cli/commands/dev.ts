/**
 * `pawl dev`: keeps a process that drives the workflows of a folder, and starts it anew when a source changes.
 *
 * V1. At most one driver runs at a time; the next starts once the one before is gone.
 * V2. A driver that ended by itself stays down until the next change: what it said stands on the screen.
 * V3. Nothing outlives this command: the driver leaves when it is told to, is killed when it does not, and leaves by itself when this
 *     process is killed.
 */

import { join, relative, resolve } from 'node:path';
import type { DriverOptions } from '../dev/driver.ts';
import { DriverProcess } from '../dev/driver-process.ts';
import { SourceWatch } from '../dev/source-watch.ts';
import { exitCodes } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';

export interface DevOptions extends Omit<DriverOptions, 'db'> {
  readonly db?: string;
}

export interface DevPlace {
  readonly folder: string;
  /** The file that a process of the command line is started with. */
  readonly bin: string;
}

/** A restart is wanted at once; what it cuts off is repeated. Whoever leaves may want to see the end of what runs. */
const restartGraceMs = 1_000;
const leaveGraceMs = 10_000;

export async function dev({ folder, bin }: DevPlace, options: DevOptions, terminal: Terminal): Promise<number> {
  const keeper = new Keeper(driverArguments(bin, folder, options), folder, terminal);
  const interrupted = onInterrupt(() => keeper.kill());
  try {
    keeper.begin();
    await interrupted;
    terminal.say('stopping: running tasks have 10 s to finish; again to stop at once');
  } finally {
    await keeper.close();
  }
  return exitCodes.interrupted;
}

class Keeper {
  readonly #args: readonly string[];
  readonly #folder: string;
  readonly #terminal: Terminal;
  readonly #watch: SourceWatch;
  #driver: DriverProcess | undefined;
  /** The restart under way, if one is; another change meanwhile is part of it, or asks for one more. */
  #restarting: Promise<void> | undefined;
  #isStale = false;
  #isClosed = false;

  constructor(args: readonly string[], folder: string, terminal: Terminal) {
    this.#args = args;
    this.#folder = folder;
    this.#terminal = terminal;
    this.#watch = new SourceWatch(resolve(folder), (files) => this.#onChange(files));
  }

  begin(): void {
    if (this.#watch.isLooking)
      this.#terminal.say(this.#terminal.color.dim('this system cannot watch the folder; it is looked at every second'));
    this.#start();
  }

  kill(): void {
    this.#driver?.kill();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch.close();
    await this.#driver?.stop(leaveGraceMs);
    await this.#restarting;
  }

  #start(): void {
    const driver = new DriverProcess(this.#args);
    this.#driver = driver;
    void driver.ended.then((ending) => {
      if (this.#driver !== driver) return;
      this.#driver = undefined;
      const { color } = this.#terminal;
      if (ending.kind === 'stopped') return;
      const faults =
        ending.kind === 'faulty' ? ending.faults : [`the process that drives the runs is gone: ${ending.how}`];
      for (const fault of faults) this.#terminal.say(`${color.red('✗')} ${fault}`);
      this.#terminal.say(color.dim('nothing runs; it starts again when a file changes'));
    });
  }

  #onChange(files: readonly string[]): void {
    const { color } = this.#terminal;
    const shown = files.slice(0, 3).map((file) => relative(this.#folder, file));
    const more = files.length > shown.length ? ` and ${files.length - shown.length} more` : '';
    this.#terminal.say(color.cyan(`${shown.join(', ')}${more} changed; starting again`));
    this.#isStale = true;
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = undefined;
    });
  }

  async #restart(): Promise<void> {
    while (this.#isStale && !this.#isClosed) {
      this.#isStale = false;
      await this.#driver?.stop(restartGraceMs);
      this.#driver = undefined;
      if (!this.#isStale && !this.#isClosed) this.#start();
    }
  }
}

/** Resolves at the first of Ctrl-C, a request to end, or a terminal that is closed; at the second, `again` is called. */
function onInterrupt(again: () => void): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const listener = (): void => {
      count += 1;
      if (count === 1) resolve();
      else again();
    };
    process.on('SIGINT', listener).on('SIGTERM', listener).on('SIGHUP', listener);
  });
}

function driverArguments(bin: string, folder: string, options: DevOptions): string[] {
  const { db = join(folder, 'pawl.db'), allowShell, allowPrivateNetwork, concurrency } = options;
  return [
    ...process.execArgv,
    bin,
    'dev-driver',
    folder,
    '--db',
    db,
    ...(allowShell === true ? ['--allow-shell'] : []),
    ...(allowPrivateNetwork === true ? ['--allow-private-network'] : []),
    ...(concurrency === undefined ? [] : ['--concurrency', String(concurrency)]),
  ];
}
