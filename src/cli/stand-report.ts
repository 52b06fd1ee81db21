/** Says how a run stands when its command leaves. */

import type { Json } from '../base/index.ts';
import type { RunResult, RunStand } from '../engine/index.ts';
import { remedyFor } from './progress.ts';
import { shownDuration } from './shown.ts';
import type { Terminal } from './terminal.ts';

const ended: ReadonlySet<string> = new Set(['succeeded', 'failed', 'canceled', 'terminated']);

export function reportStand(
  stand: RunStand,
  options: { readonly db: string; readonly json?: boolean },
  terminal: Terminal,
): void {
  const { id, status } = stand;
  if (options.json === true) {
    terminal.out(JSON.stringify(resultJson(stand)));
    return;
  }
  const { color } = terminal;
  const took = stand.endedAt === undefined ? '' : ` in ${shownDuration(stand.endedAt - stand.startedAt)}`;
  const paint = status === 'succeeded' ? color.green : status === 'failed' ? color.red : color.cyan;
  terminal.say(`${paint(color.bold(status))}${took}  ${color.dim(`run ${id} in ${options.db}`)}`);
  for (const error of stand.errors) {
    if (status === 'succeeded') break;
    terminal.say(`  ${color.red('✗')} ${error.task === undefined ? '' : `${error.task}: `}${error.message}`);
  }
  if (stand.blocked !== undefined) terminal.say(`  ${stand.blocked}${remedyFor(stand.blocked)}`);
  else if (!ended.has(status)) terminal.say(color.dim(`  pawl show ${id} says what it waits for`));
  if (stand.output !== null) terminal.out(JSON.stringify(stand.output, null, 2));
}

function resultJson({ id, workflow, status, output, errors }: RunStand): RunResult & { [key: string]: unknown } {
  const result: Json = output;
  return { id, run: id, workflow, status, output: result, errors };
}
