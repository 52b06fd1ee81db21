/** Holds the table of rooms: who may import whom, and what may stand where. Each failure names the file, the line and the mend. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');

/** Rooms by level, lowest first. A room imports only from levels below its own, and from there only the door. */
const levels: readonly (readonly string[])[] = [
  ['base'],
  ['graph', 'expression', 'calendar'],
  ['definition'],
  ['kernel'],
  ['store', 'schedule', 'api', 'host'],
  ['client'],
  ['engine', 'worker', 'chain', 'trigger', 'monitor', 'temporal'],
  ['index'],
  ['testing'],
  ['cli', 'ui', 'server', 'lint'],
];
/** Rooms that must run inside a sandbox: no Node, no packages but those named. */
const pure = new Set(['base', 'graph', 'expression', 'calendar', 'definition', 'kernel']);
const packagesOfPure: { readonly [room: string]: readonly string[] } = { expression: ['re2js'], definition: ['yaml'] };
/** Loose files of `src` that belong to the composition root. */
const compositionRoot = new Set([
  'bulk.ts',
  'index.ts',
  'create-pawl.ts',
  'own-file.ts',
  'retention-option.ts',
  'run-filter.ts',
  'version.ts',
]);
const vagueNames = /^(utils?|helpers?|common|types|misc|shared)\.ts$/;

interface Source {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly isTest: boolean;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

const sources: Source[] = filesBelow(source).map((path) => {
  const name = relative(source, path).replaceAll('\\', '/');
  const room = name.includes('/') ? name.slice(0, name.indexOf('/')) : 'index';
  return { path, room, text: readFileSync(path, 'utf8'), isTest: name.endsWith('.test.ts') };
});

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|import\('([^']+)'\)/g;

function importsOf(file: Source): { target: string; line: number }[] {
  return [...file.text.matchAll(importPattern)].map((match) => ({
    target: match[1] ?? match[2] ?? match[3] ?? '',
    line: file.text.slice(0, (match.index ?? 0) + match[0].length).split('\n').length,
  }));
}

function levelOf(room: string): number {
  return levels.findIndex((rooms) => rooms.includes(room));
}

function place(file: Source, line: number): string {
  return `${relative(root, file.path)}:${line}`;
}

/** Lines that match, outside comments. */
function linesWith(file: Source, pattern: RegExp): string[] {
  const lines = file.text.split('\n');
  return lines.flatMap((text, index) =>
    !/^\s*(\/?\*|\/\/)/.test(text) && pattern.test(text) ? [`${place(file, index + 1)}: ${text.trim()}`] : [],
  );
}

describe('given the rooms of the project', () => {
  it('when a file imports from another room, then that room is below and only its door is used', () => {
    const faults: string[] = [];
    for (const file of sources) {
      for (const { target, line } of importsOf(file)) {
        if (!target.startsWith('.')) continue;
        const path = relative(source, resolve(dirname(file.path), target)).replaceAll('\\', '/');
        if (path.startsWith('..')) {
          if (!file.isTest)
            faults.push(`${place(file, line)} imports ${target} from outside src; move what it needs into a room`);
          continue;
        }
        const room = path.includes('/') ? path.slice(0, path.indexOf('/')) : 'index';
        if (room === file.room) continue;
        if (file.isTest && levelOf(room) <= levelOf(file.room)) continue;
        if (levelOf(room) >= levelOf(file.room)) {
          faults.push(
            `${place(file, line)}: ${file.room} imports ${room}, which is not below it; turn the dependency round or move the thing down`,
          );
        } else if (room !== 'index' && path !== `${room}/index.ts`) {
          faults.push(`${place(file, line)} reaches into ${path}; export what it needs from ${room}/index.ts`);
        }
      }
    }
    expect(faults).toEqual([]);
  });

  it('when a file of a pure room imports a package, then it is one the room may use', () => {
    const faults = sources
      .filter((file) => pure.has(file.room) && !file.isTest)
      .flatMap((file) =>
        importsOf(file)
          .filter(({ target }) => !target.startsWith('.') && !(packagesOfPure[file.room] ?? []).includes(target))
          .map(
            ({ target, line }) =>
              `${place(file, line)} imports ${target}; a pure room takes it through a port or does without`,
          ),
      );
    expect(faults).toEqual([]);
  });

  it('when code needs time, randomness or the end of a turn, then it takes them from a port', () => {
    const clocks =
      /\b(Date\.now\(|new Date\(\)|performance\.now\(|Math\.random\(|setTimeout\(|setInterval\(|setImmediate\(|queueMicrotask\(|AbortSignal\.timeout\(|crypto\.randomUUID\()/;
    const faults = sources
      .filter((file) => !file.isTest && !['host', 'cli', 'testing'].includes(file.room))
      .filter((file) => !file.path.endsWith('conformance.ts') && !file.path.endsWith('slow-store.ts'))
      .flatMap((file) => linesWith(file, clocks));
    expect(faults).toEqual([]);
  });

  it('when a type is unknown, then it is unknown and not any', () => {
    const faults = sources
      .map((file) => ({ ...file, text: file.text.replace(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, "''") }))
      .flatMap((file) => linesWith(file, /:\s*any\b|\bas any\b|<any>|@ts-(ignore|nocheck|expect-error)/));
    expect(faults).toEqual([]);
  });

  it('when a file has a name, then it is the name of what is in it', () => {
    const faults = sources
      .filter((file) => vagueNames.test(file.path.split(/[/\\]/).pop() ?? ''))
      .map((file) => `${relative(root, file.path)}: a thing goes where its noun lives`);
    expect(faults).toEqual([]);
  });

  it('when a room exists, then it has a place in the table, a README and a door', () => {
    const rooms = [...new Set(sources.map((file) => file.room))].filter((room) => room !== 'index');
    const faults = rooms.flatMap((room) => [
      ...(levelOf(room) === -1 ? [`src/${room} is not in the table of rooms`] : []),
      ...(existsSync(join(source, room, 'README.md'))
        ? []
        : [`src/${room} has no README.md: what it is for, its words, its invariants, where to start`]),
      ...(existsSync(join(source, room, 'index.ts')) || room === 'cli' ? [] : [`src/${room} has no index.ts`]),
    ]);
    const loose = sources
      .filter((file) => file.room === 'index' && !file.isTest)
      .map((file) => relative(source, file.path))
      .filter((name) => !compositionRoot.has(name));
    expect([...faults, ...loose.map((name) => `src/${name} lies outside every room`)]).toEqual([]);
  });

  it('when a source file is not a test, then something imports it', () => {
    const entries = new Set(
      ['index.ts', 'cli/main.ts', ...[...levels.flat()].map((room) => `${room}/index.ts`)].map((name) =>
        join(source, name),
      ),
    );
    const others = filesBelow(join(root, 'test')).map((path) => ({
      path,
      room: 'test',
      text: readFileSync(path, 'utf8'),
      isTest: true,
    }));
    const imported = new Set(
      [...sources, ...others].flatMap((file) =>
        importsOf(file).map(({ target }) => resolve(dirname(file.path), target)),
      ),
    );
    const faults = sources
      .filter((file) => !file.isTest && !entries.has(file.path) && !imported.has(file.path))
      .map((file) => `nothing imports ${relative(root, file.path)}`);
    expect(faults).toEqual([]);
  });

  it('when a test runs, then it waits for events and not for time', () => {
    const faults = sources
      .filter((file) => file.isTest)
      .flatMap((file) => linesWith(file, /\bsetTimeout\(|timers\/promises/));
    expect(faults).toEqual([]);
  });
});
