/** `pawl dev`: a folder that is driven, changed, broken and mended, from one terminal and from another. */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRunning, processIdentity } from '../../src/host/index.ts';
import { readOwner } from '../../src/store/index.ts';
import { installPawl } from './installed.ts';
import { inFolder, pawl, type Running, startPawl, until } from './pawl-process.ts';

const greeting = (word: string, before = ''): string => `
import { workflow } from 'pawl';
import { say } from './say.ts';

export const greet = workflow('greet', async (run, { name }: { name: string }) => {
  const text = await run.task(say, { text: \`${word} \${name}\` });
  const end = await run.signal<string>('bye');
  return \`${before}\${text}, \${end}\`;
});
`;
const say = `
import { defineAction } from 'pawl';
export const say = defineAction<{ text: string }, string>({ name: 'say', handler: ({ text }) => text });
`;
const document = `
version: 1.0
tasks:
  hello: { action: core.echo message="hi" }
`;

class DevFolder {
  readonly cwd: string;
  readonly dev: Running;

  constructor(cwd: string, args: readonly string[]) {
    this.cwd = cwd;
    this.dev = startPawl(['dev', ...args], { cwd });
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.cwd, name), text);
  }

  pawl(...args: string[]) {
    return pawl(args, { cwd: this.cwd });
  }

  /** Waits until the terminal of `pawl dev` says so, that many times in all. */
  says(what: string | RegExp, times = 1): Promise<void> {
    const pattern = new RegExp(
      typeof what === 'string' ? what.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : what.source,
      'g',
    );
    return until(
      () => [...this.dev.text().matchAll(pattern)].length >= times,
      `${pattern} ${times} times in\n${this.dev.text()}`,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.dev.text()}`);
    });
  }

  /** The process that drives the runs. */
  get driver(): number {
    return readOwner(join(this.cwd, 'pawl.db'))?.pid ?? 0;
  }
}

function inDevFolder(work: (folder: DevFolder) => Promise<void>, args: readonly string[] = []): Promise<void> {
  return inFolder(async (cwd) => {
    installPawl(cwd);
    writeFileSync(join(cwd, 'greet.ts'), greeting('Hello'));
    writeFileSync(join(cwd, 'say.ts'), say);
    writeFileSync(join(cwd, 'hi.yaml'), document);
    const folder = new DevFolder(cwd, args);
    try {
      await folder.says('driving');
      await work(folder);
    } finally {
      folder.dev.child.kill('SIGINT');
      await folder.dev.finished;
    }
  });
}

describe('given a folder of workflows that pawl dev drives', () => {
  it('when a run is started, shown and given a signal from another terminal, then it ends, a line for each move', () =>
    inDevFolder(async (folder) => {
      expect((await folder.pawl('start', 'greet', 'name=Ada', '--id', 'one')).out).toBe('one\n');
      await folder.says('one waits for signal "bye"');
      expect((await folder.pawl('runs')).out).toMatch(/one +greet +waiting/);
      await folder.pawl('signal', 'one', 'bye', '"so long"');
      await folder.says(/one greet succeeded in .*"Hello Ada, so long"/);
      for (const line of [/one greet started \{"name":"Ada"\}/, /one say ✓/, /one signal bye/, /one bye ✓/])
        expect(folder.dev.text()).toMatch(line);
      expect((await folder.pawl('start', 'hi', '--wait')).code).toBe(0);
    }));

  it('when a source changes, then open runs go on with the new code, in a new process', () =>
    inDevFolder(async (folder) => {
      await folder.pawl('start', 'greet', 'name=Ada', '--id', 'one');
      await folder.says('one waits for signal "bye"');
      const before = processIdentity(folder.driver);
      folder.write('greet.ts', greeting('Hello', 'now '));
      await folder.says('greet.ts changed; starting again');
      await folder.says('driving', 2);
      expect(isRunning(before)).toBe('no');
      await folder.pawl('signal', 'one', 'bye', '"so long"');
      await folder.says(/one greet succeeded in .*"now Hello Ada, so long"/);
    }));

  it('when a source is broken, then it says where and drives nothing until it is mended', () =>
    inDevFolder(async (folder) => {
      folder.write('say.ts', `${say}\nexport const x = ;\n`);
      await folder.says(/say\.ts could not be loaded: .*\n.*say\.ts:5\n(?:.*\n)*.*export const x = ;/);
      expect(folder.dev.text()).not.toMatch(/greet\.ts could not/);
      await folder.says('nothing runs; it starts again when a file changes');
      expect((await folder.pawl('start', 'greet', 'name=Ada')).code).toBe(70);
      // What needs no code is taken meanwhile.
      expect((await folder.pawl('runs')).code).toBe(0);
      folder.write('say.ts', say);
      await folder.says('driving', 2);
      expect((await folder.pawl('start', 'greet', 'name=Ada')).code).toBe(0);
    }));

  it('when several things are wrong at once, then all are said', () =>
    inDevFolder(async (folder) => {
      mkdirSync(join(folder.cwd, 'more'));
      folder.write('more/again.ts', greeting('Again').replace('./say', '../say'));
      folder.write('more/wrong.yaml', 'version: 1.0\ntasks:\n  a: { action: core.noop, next: [{ do: nowhere }] }\n');
      folder.write('more/enum.ts', "import { workflow } from 'pawl';\nexport enum A { B }\n");
      await folder.says(/more\/again\.ts: the workflow "greet" is in greet\.ts as well/);
      await folder.says(/more\/wrong\.yaml:3:\d+: error: The task "nowhere" is not defined/);
      await folder.says(/more\/enum\.ts could not be loaded: .*enum/);
      rmSync(join(folder.cwd, 'more'), { recursive: true });
      await folder.says('driving', 2);
    }));

  it('when a file is written as it was, or one that is no source, then nothing starts again', () =>
    inDevFolder(async (folder) => {
      const before = folder.driver;
      folder.write('greet.ts', greeting('Hello'));
      folder.write('notes.txt', 'a note');
      // What a task writes may look like this.
      folder.write('rows.json', '[1, 2]');
      folder.write('report.yaml', 'rows: 2');
      folder.write('greet.test.ts', 'import "node:test";');
      mkdirSync(join(folder.cwd, 'node_modules/other'), { recursive: true });
      folder.write('node_modules/other/index.js', 'export {}');
      await folder.pawl('start', 'greet', 'name=Ada', '--id', 'one');
      await folder.pawl('signal', 'one', 'bye', '"x"');
      await folder.says('greet succeeded');
      expect(folder.driver).toBe(before);
      expect(folder.dev.text()).not.toMatch(/starting again/);
    }));

  it('when a source changes while a start is waited for, then the next process answers', () =>
    inDevFolder(async (folder) => {
      folder.write('nap.yaml', 'version: 1.0\ntasks:\n  nap: { action: core.sleep, input: { duration: 2s } }\n');
      await folder.says('driving', 2);
      const waiting = folder.pawl('start', 'nap', '--id', 'nap', '--wait');
      await folder.says('nap sleeps');
      folder.write('say.ts', `${say}\n// changed\n`);
      await folder.says('driving', 3);
      const { code, err } = await waiting;
      expect(err).toMatch(/succeeded/);
      expect(code).toBe(0);
    }));

  it('when a module of the project hands Pawl on, then what it makes is loaded', () =>
    inDevFolder(async (folder) => {
      folder.write('engine.ts', "export { dag, workflow } from 'pawl';\n");
      folder.write(
        'more.ts',
        "import { dag } from './engine.ts';\nexport const more = dag('more').task('a', { run: () => 7 }).output(['a'], ({ a }) => a);\n",
      );
      await until(async () => (await folder.pawl('start', 'more', '--wait')).out === '7\n', 'it is there');
    }));

  it('when JSON that code imports changes, then it starts again', () =>
    inDevFolder(async (folder) => {
      folder.write('words.json', '{"word": "Hello"}');
      folder.write(
        'say.ts',
        `import words from './words.json' with { type: 'json' };\n${say.replace('=> text', '=> [words.word, text].join(": ")')}`,
      );
      await folder.says('driving', 2);
      folder.write('words.json', '{"word": "Good day"}');
      await folder.says('words.json changed; starting again');
      await folder.says('driving', 3);
      await folder.pawl('start', 'greet', 'name=Ada', '--id', 'one');
      await folder.pawl('signal', 'one', 'bye', '"x"');
      await folder.says(/one greet succeeded in .*"Good day: Hello Ada, x"/);
    }));

  it('when another process holds the file for a moment, then it is waited for, and else that is said', () =>
    inFolder(async (cwd) => {
      writeFileSync(join(cwd, 'hi.yaml'), document);
      writeFileSync(
        join(cwd, 'nap.yaml'),
        'version: 1.0\ntasks:\n  nap: { action: core.sleep, input: { duration: 30s } }\n',
      );
      const holder = startPawl(['run', 'nap.yaml'], { cwd });
      await until(() => holder.text().includes('sleeps'), 'the file is held');
      const dev = startPawl(['dev'], { cwd });
      await until(() => /✗ .*in use by process \d+/.test(dev.text()), 'it says who holds the file');
      holder.child.kill('SIGKILL');
      await holder.finished;
      writeFileSync(join(cwd, 'hi.yaml'), `${document}\n# again\n`);
      await until(() => /driving hi .*nap/.test(dev.text()), 'it drives the folder');
      dev.child.kill('SIGINT');
      await dev.finished;
    }));

  it('when code of the folder ends its process, then that is said and the next change starts it', () =>
    inDevFolder(async (folder) => {
      folder.write('say.ts', `${say}\nsetTimeout(() => process.exit(3), 300);\n`);
      await folder.says(/the process that drives the runs is gone: it ended with exit code 3/);
      folder.write('say.ts', say);
      await folder.says('driving', 3);
    }));

  it('when a program of the folder opens an engine of its own, then it is not loaded', () =>
    inDevFolder(async (folder) => {
      folder.write(
        'main.ts',
        "import { createPawl } from 'pawl';\nexport const pawl = await createPawl({ path: './pawl.db' });\n",
      );
      await folder.says('main.ts is not loaded');
      expect((await folder.pawl('start', 'hi', '--wait')).code).toBe(0);
    }));

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'when pawl dev is ended by %s, then no process is left and the file is free',
    (signal) =>
      inDevFolder(async (folder) => {
        await folder.pawl('start', 'greet', 'name=Ada', '--id', 'one');
        await folder.says('one waits for signal "bye"');
        const driver = processIdentity(folder.driver);
        expect(isRunning(driver)).toBe('yes');
        folder.dev.child.kill(signal);
        const { code } = await folder.dev.finished;
        expect(code).toBe(signal === 'SIGKILL' ? null : 130);
        await until(() => isRunning(driver) === 'no', 'the driver is gone');
        // The file is free: what needs no code is done here.
        expect((await folder.pawl('signal', 'one', 'bye', '"late"')).code).toBe(0);
        const { out } = await folder.pawl('resume', 'one', '--workflows', 'greet.ts', '--actions', 'say.ts');
        expect(JSON.parse(out)).toBe('Hello Ada, late');
      }),
  );

  it('when a task ignores that it is to stop, then a second Ctrl-C ends it at once', () =>
    inDevFolder(async (folder) => {
      folder.write(
        'say.ts',
        say.replace('({ text }) => text', '({ text }) => new Promise(() => setInterval(() => {}, 1_000))'),
      );
      await folder.says('driving', 2);
      await folder.pawl('start', 'greet', 'name=Ada', '--id', 'one');
      await folder.says('greet started');
      const driver = processIdentity(folder.driver);
      folder.dev.child.kill('SIGINT');
      await folder.says('again to stop at once');
      folder.dev.child.kill('SIGINT');
      await folder.dev.finished;
      expect(isRunning(driver)).toBe('no');
    }));
});

describe('given a folder that cannot be driven', () => {
  it('when there is none, then that is said', () =>
    inFolder(async (cwd) => {
      const { code, err } = await pawl(['dev', 'nowhere'], { cwd });
      expect(err).toMatch(/there is no folder .*nowhere/);
      expect(code).toBe(2);
    }));

  it('when its file stands elsewhere and the folder is named, then both are as named', () =>
    inFolder(async (cwd) => {
      mkdirSync(join(cwd, 'flows'));
      writeFileSync(join(cwd, 'flows/hi.yaml'), document);
      const dev = startPawl(['dev', 'flows', '--db', 'store.db'], { cwd });
      await until(() => dev.text().includes('driving'), 'it drives');
      const { code } = await pawl(['start', 'hi', '--wait', '--db', 'store.db'], { cwd });
      dev.child.kill('SIGINT');
      await dev.finished;
      expect(code).toBe(0);
      expect(existsSync(join(cwd, 'flows/pawl.db'))).toBe(false);
      expect(readFileSync(join(cwd, 'store.db')).length).toBeGreaterThan(0);
    }));

  it('when it is empty, then it waits for the first workflow', () =>
    inFolder(async (cwd) => {
      installPawl(cwd);
      const dev = startPawl(['dev'], { cwd });
      await until(() => dev.text().includes('no workflow here yet'), 'it says so');
      writeFileSync(join(cwd, 'hi.yaml'), document);
      await until(() => dev.text().includes('driving hi (hi.yaml)'), 'it drives it');
      dev.child.kill('SIGINT');
      expect((await dev.finished).code).toBe(130);
    }));
});
