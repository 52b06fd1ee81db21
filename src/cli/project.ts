/**
 * A new project from a template: the template's files, and what every project has (package.json, tsconfig.json, .gitignore).
 *
 * Versions are those of this package and of what it is itself developed with, so a project fits the Pawl that made it. A Node that npm
 * brought is brought along: the machine's own is then too old, or there is none.
 */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve, sep } from 'node:path';
import { PawlError } from '../base/index.ts';

/** What may lie in a folder that counts as empty: a repository that was just made, and what file managers leave. */
const notCounted: ReadonlySet<string> = new Set(['.git', '.DS_Store', 'Thumbs.db']);
/** Files that hold the project's name. */
const named = ['README.md'];
/** What every project has lies under this name among the templates. */
const base = 'base';

export interface NewProject {
  readonly folder: string;
  readonly template: string;
  /** The folder of the package, where `templates` and `package.json` lie. */
  readonly packageFolder: string;
}

/** The names of the templates, the first of them the default. */
export function templatesIn(packageFolder: string): readonly string[] {
  const names = readdirSync(join(packageFolder, 'templates')).filter((name) => name !== base);
  return names.sort((a, b) => Number(b === 'function') - Number(a === 'function') || a.localeCompare(b));
}

/**
 * Makes the project; answers its name.
 *
 * @throws PawlError `bad_input`: there is no such template, the folder holds something already, or it cannot be written.
 */
export function makeProject(project: NewProject): string {
  const { folder, template, packageFolder } = project;
  const templates = templatesIn(packageFolder);
  if (!templates.includes(template))
    throw new PawlError('bad_input', `there is no template "${template}"; there are ${templates.join(', ')}`);
  refuseFull(folder);
  const name = projectName(folder);
  try {
    mkdirSync(folder, { recursive: true });
    for (const from of [base, template]) cpSync(join(packageFolder, 'templates', from), folder, { recursive: true });
    // npm leaves files of that name out of packages.
    renameSync(join(folder, 'gitignore'), join(folder, '.gitignore'));
    for (const file of named) {
      const path = join(folder, file);
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('{{name}}', name));
    }
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifestOf(name, project), null, 2)}\n`);
  } catch (error) {
    throw new PawlError('bad_input', `cannot write to ${folder}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  return name;
}

function refuseFull(folder: string): void {
  const info = statSync(folder, { throwIfNoEntry: false });
  if (info === undefined) return;
  if (!info.isDirectory()) throw new PawlError('bad_input', `${folder} is a file; name a folder that is new or empty`);
  const found = readdirSync(folder).filter((name) => !notCounted.has(name));
  if (found.length === 0) return;
  const shown = found.slice(0, 3).join(', ');
  const more = found.length > 3 ? ` and ${found.length - 3} more` : '';
  throw new PawlError(
    'bad_input',
    `${folder} is not empty (${shown}${more}); nothing was written: name a folder that is new or empty`,
  );
}

/** The folder's name as npm takes it. */
function projectName(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-._]+|[-._]+$/g, '');
  return name === '' || name === 'pawl' || name === 'node_modules' ? 'my-workflows' : name.slice(0, 214);
}

function manifestOf(name: string, { folder, packageFolder }: NewProject): object {
  const { version, devDependencies } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
    devDependencies: { [name: string]: string };
  };
  const isFromNpm = process.execPath.includes(`${sep}node_modules${sep}`);
  const versionOf = (dependency: string): { [name: string]: string } => ({
    [dependency]: devDependencies[dependency] ?? 'latest',
  });
  return {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    scripts: {
      dev: 'pawl dev',
      test: 'node --test',
      check: 'tsc',
      ...(existsSync(join(folder, 'src/main.ts')) ? { start: 'node src/main.ts' } : {}),
    },
    ...(isFromNpm ? { allowScripts: { node: true } } : {}),
    dependencies: { pawl: version, ...(isFromNpm ? { node: process.versions.node } : {}) },
    devDependencies: { ...versionOf('@types/node'), ...versionOf('typescript') },
  };
}
