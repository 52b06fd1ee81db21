/** `pawl new DIR`: a project from a template. */

import { relative } from 'node:path';
import { exitCodes } from '../exit-code.ts';
import { makeProject, type NewProject } from '../project.ts';
import type { Terminal } from '../terminal.ts';

export function newProject(project: NewProject & { readonly json?: boolean }, terminal: Terminal): number {
  const { folder, template } = project;
  const name = makeProject(project);
  if (project.json === true) {
    terminal.out(JSON.stringify({ name, folder, template }));
    return exitCodes.succeeded;
  }
  const there = relative(process.cwd(), folder);
  terminal.out(`made ${name} from the template "${template}". Next:\n`);
  if (there !== '') terminal.out(`  cd ${there}`);
  terminal.out('  npm install\n  npm test\n  npm run dev\n');
  return exitCodes.succeeded;
}
