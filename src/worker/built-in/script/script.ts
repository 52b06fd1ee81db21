/**
 * `core.script`: calls an export of a module of the project, in this process.
 *
 * Input: `module`, a path from the working directory of the process; `export` (`default`); `input`, handed to it. It is
 * called with that input and the attempt's context, and what it returns is the result. It runs on the thread of the
 * engine: a long computation holds up everything else, and belongs in a process of its own (`core.local`).
 */

import type { Json } from '../../../base/index.ts';
import { type AnyAction, defineAction } from '../../action.ts';
import { InputFields } from '../input-fields.ts';
import type { Machine } from '../machine.ts';
import { badScript, type Exports, loadScript } from './script-module.ts';

export function scriptAction(machine: Machine, load: typeof loadScript = loadScript): AnyAction {
  return defineAction<Json, unknown>({
    name: 'core.script',
    async handler(input, context) {
      const fields = new InputFields('core.script', input, ['module', 'export', 'input']);
      const module = fields.requiredText('module');
      const exports = await load(module, machine.workingDirectory);
      const call = functionOf(exports, fields.text('export') ?? 'default', module);
      context.signal.throwIfAborted();
      return await call(fields.value('input') ?? null, context);
    },
  });
}

type Script = (...args: readonly unknown[]) => unknown;

function functionOf(exports: Exports, name: string, module: string): Script {
  const found = Object.hasOwn(exports, name) ? exports[name] : undefined;
  if (typeof found === 'function') return found as Script;
  const functions = Object.keys(exports).filter((key) => typeof exports[key] === 'function');
  const what = functions.length === 0 ? 'it exports no function' : `it exports ${functions.join(', ')}`;
  const missing = found === undefined ? `has no export "${name}"` : `has an export "${name}" that is no function`;
  throw badScript(`${module} ${missing}; ${what}`);
}
