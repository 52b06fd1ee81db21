/** Carries out the `console` blocks of the documentation, page by page, and compares what comes of them. */

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { allPages, type Block, type Command, commandsOf, type Page, root } from '../page.ts';
import { installPawl } from './installed.ts';
import { inFolder } from './pawl-process.ts';

const pages = allPages().filter((page) => page.blocks.some(({ language }) => language === 'console'));

describe('given the pages of the documentation', () => {
  it.each(pages.map((page) => [page.path, page] as const))(
    'when %s is followed, then it is as it says',
    { timeout: 120_000 },
    (_path, page) =>
      inFolder(async (folder) => {
        const walk = new Walk(folder);
        try {
          await walk.through(page);
        } finally {
          walk.stop();
        }
      }),
  );
});

class Walk {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #background: ChildProcess[] = [];
  /** The number that stands as 12345 on the page. */
  #process = '12345';

  constructor(folder: string) {
    this.#folder = folder;
    const bin = join(folder, '.bin');
    mkdirSync(bin);
    const command = `exec "${process.execPath}" "${join(root, 'bin/pawl.js')}" "$@"\n`;
    this.#write(join(bin, 'pawl'), `#!/bin/sh\n${command}`);
    this.#write(join(bin, 'npx'), `#!/bin/sh\nshift\n${command}`);
    installPawl(folder);
    this.#env = {
      ...process.env,
      NO_COLOR: '1',
      PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
    };
  }

  async through({ path, text, blocks }: Page): Promise<void> {
    if (text.includes('examples/')) this.#copyExamples();
    for (const block of blocks) {
      if (block.file !== undefined) this.#place(block.file, block.text);
      if (block.language !== 'console') continue;
      for (const command of commandsOf(block)) await this.#carryOut(command, block, `${path}:${block.line}`);
    }
  }

  stop(): void {
    // A shell is killed with what it began.
    for (const { pid } of this.#background) if (pid !== undefined) killGroup(pid);
  }

  #copyExamples(): void {
    cpSync(join(root, 'examples'), join(this.#folder, 'examples'), {
      recursive: true,
      filter: (path) => !/[\\/]out([\\/]|$)/.test(path.slice(root.length)),
    });
  }

  #place(name: string, text: string): void {
    const path = join(this.#folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  async #carryOut(command: Command, block: Block, place: string): Promise<void> {
    if (block.mark === 'background') {
      this.#background.push(this.#start(command.line).child);
      return;
    }
    const end = performance.now() + 10_000;
    for (;;) {
      const { code, text } = await this.#start(command.line).ended;
      const missing = this.#missing(command, text);
      if (missing === undefined && code === command.code) return;
      // What runs in the background may need a moment until a reading command sees what it did.
      const mayChange = this.#background.length > 0 && /pawl (show|runs|history|start)/.test(command.line);
      if (mayChange && performance.now() < end) {
        await delay(50);
        continue;
      }
      const what =
        missing === undefined ? `exit code ${code}, not ${command.code}` : `nowhere after what went before: ${missing}`;
      expect.fail(`${place}: $ ${command.line}\n${what}\n\n${text}`);
    }
  }

  #start(line: string): { child: ChildProcess; ended: Promise<{ code: number | null; text: string }> } {
    const child = spawn(
      '/bin/sh',
      ['-c', `exec 2>&1\n${line.replaceAll('12345', this.#process).replaceAll('20s', '4s')}`],
      {
        cwd: this.#folder,
        env: this.#env,
        stdio: ['ignore', 'pipe', 'ignore'],
        detached: true,
      },
    );
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    return { child, ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, text }))) };
  }

  /** The first expected line that does not come, after those before it. */
  #missing({ expected }: Command, text: string): string | undefined {
    const lines = text.split('\n').map(comparable);
    let at = 0;
    for (const one of expected) {
      const pattern = patternOf(comparable(one.replaceAll('20s', '4s')));
      const found = lines.findIndex((line, index) => index >= at && pattern.test(line));
      if (found === -1) return one;
      this.#process = pattern.exec(lines[found]!)?.[1] ?? this.#process;
      at = found + 1;
    }
    return undefined;
  }

  #write(path: string, text: string): void {
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Without what differs each time: instants, durations, widths. */
function comparable(line: string): string {
  return line
    .replace(/\b\d\d:\d\d:\d\d(\.\d+)?\b/g, 'TIME')
    .replace(/\b\d+(\.\d+)? (ms|s|min)\b( \d+ s\b)?/g, 'DURATION')
    .replace(/\s+/g, ' ')
    .trim();
}

function patternOf(line: string): RegExp {
  const escaped = line
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('…', '.*')
    .replaceAll('12345', '(\\d+)');
  return new RegExp(`^${escaped}$`);
}
