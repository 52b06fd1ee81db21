/** The program that reads a definition. */

import type { WorkflowDefinition } from '../definition/index.ts';
import { dagProgram } from './dag/program.ts';
import { flowProgram } from './flow/program.ts';
import type { Program } from './program.ts';
import type { TaskKind } from './task.ts';

/** The program of a document, flow or dependency graph. `native`: which actions the kernel carries out; default `nativeActions`. */
export function programOf(
  definition: WorkflowDefinition,
  options: { readonly native?: ReadonlyMap<string, TaskKind> } = {},
): Program {
  return definition.style === 'dag' ? dagProgram(definition, options) : flowProgram(definition, options);
}
