/** `pawl graph FILE|RUN`: draws a workflow, or a run as it went. */

import { existsSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { PawlError, parseRunId } from '../../base/index.ts';
import { drawnWorkflow } from '../../definition/index.ts';
import {
  type CollapseOptions,
  collapse,
  type DrawnGraph,
  type DrawnNode,
  type Paint,
  type Theme,
  toDot,
  toJson,
  toMermaid,
  toSvg,
  toText,
} from '../../graph/index.ts';
import { exitCodes } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { readDefinition } from '../workflow-file.ts';

export interface GraphOptions {
  readonly db: string;
  readonly format?: string;
  readonly out?: string;
  readonly theme: string;
  readonly direction: string;
  readonly workflow?: string;
  readonly expand?: boolean;
  readonly ascii?: boolean;
}

const formats = ['text', 'svg', 'mermaid', 'dot', 'json'] as const;
type Format = (typeof formats)[number];

const formatOfExtension: { readonly [extension: string]: Format } = {
  '.svg': 'svg',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.dot': 'dot',
  '.gv': 'dot',
  '.json': 'json',
  '.txt': 'text',
};

interface Drawing extends CollapseOptions {
  readonly format: Format;
  readonly theme: Theme;
  readonly direction: 'down' | 'right';
  readonly ascii: boolean;
}

export async function graph(subject: string, options: GraphOptions, terminal: Terminal): Promise<number> {
  const drawing = drawingOf(options);
  const text = written(await drawn(subject, options), drawing, options.out === undefined ? terminal : undefined);
  if (options.out === undefined) {
    terminal.write(text);
    return exitCodes.succeeded;
  }
  try {
    writeFileSync(options.out, text);
  } catch (error) {
    throw new PawlError('bad_input', `--out ${options.out}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  terminal.say(`${drawing.format} written to ${options.out}`);
  return exitCodes.succeeded;
}

/** A file where there is one of that name, or where the name is that of a file; else a run. */
async function drawn(subject: string, { db, workflow }: GraphOptions): Promise<DrawnGraph> {
  if (existsSync(subject) || /\.(ya?ml|json|m?[jt]s)$/.test(subject)) {
    const { name, definition } = await readDefinition(subject, workflow);
    return { name, ...drawnWorkflow(definition) };
  }
  const run = parseRunId(subject);
  if (run === undefined)
    throw new PawlError('bad_input', `there is no file "${subject}", and it is not the id of a run`);
  if (!existsSync(db)) {
    throw new PawlError(
      'bad_input',
      `there is no file "${subject}" to draw; and if that is a run, there is no store file ${db}: name it with --db`,
    );
  }
  if (workflow !== undefined)
    throw new PawlError('bad_input', '--workflow chooses among the workflows of a file, and a run has one');
  const { readDrawnRun } = await import('../read-run.ts');
  const { drawnRun } = await import('../drawn-run.ts');
  const { definition, view, history } = await readDrawnRun(db, run);
  return drawnRun(definition, view, history);
}

function drawingOf({ format, out, theme, direction, expand, ascii }: GraphOptions): Drawing {
  const implied = out === undefined ? 'text' : formatOfExtension[extname(out).toLowerCase()];
  if (format === undefined && implied === undefined)
    throw new PawlError(
      'bad_input',
      `--out ${out}: the name does not say which format; add --format, one of ${formats.join(', ')}`,
    );
  const chosen = oneOf('--format', format ?? implied ?? 'text', formats);
  if (chosen === 'text' && direction === 'right')
    throw new PawlError(
      'bad_input',
      '--direction right: text is drawn downwards; choose another --format, such as svg',
    );
  return {
    format: chosen,
    theme: oneOf('--theme', theme, ['auto', 'light', 'dark'] as const),
    direction: oneOf('--direction', direction, ['down', 'right'] as const),
    ascii: ascii === true,
    ...(expand === true ? { expand: 'all' as const } : {}),
  };
}

function oneOf<T extends string>(option: string, given: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === given);
  if (found !== undefined) return found;
  throw new PawlError('bad_input', `${option} ${given}: write one of ${allowed.join(', ')}`);
}

/** Without a terminal the text has no colours, and is as wide as a page. */
function written(
  shown: DrawnGraph,
  { format, theme, direction, ascii, ...rest }: Drawing,
  terminal?: Terminal,
): string {
  switch (format) {
    case 'svg':
      return toSvg(shown, { theme, direction, ...rest });
    case 'mermaid':
      return toMermaid(collapse(shown, rest), { direction });
    case 'dot':
      return toDot(collapse(shown, rest), { direction });
    case 'json':
      return `${JSON.stringify(toJson(shown, { direction, ...rest }))}\n`;
    case 'text':
      return toText(loopsTold(shown), {
        ...rest,
        ascii,
        columns: Math.max(20, terminal?.width ?? 100),
        ...(terminal === undefined ? {} : { paint: painter(terminal.color) }),
      });
  }
}

/** Text has no room for the label of an edge from a node to itself: the node says it. */
function loopsTold(shown: DrawnGraph): DrawnGraph {
  const labels = new Map(
    shown.edges.flatMap(({ from, to, label }) => (from === to && label !== undefined ? [[from, label]] : [])),
  );
  const told = ({ id, detail }: DrawnNode): string =>
    [detail ?? '', `again: ${labels.get(id)}`].filter((text) => text !== '').join(', ');
  return { ...shown, nodes: shown.nodes.map((node) => (labels.has(node.id) ? { ...node, detail: told(node) } : node)) };
}

function painter(color: Terminal['color']): Paint {
  const paints: { readonly [status: string]: (text: string) => string } = {
    failed: color.red,
    retrying: color.yellow,
    running: color.cyan,
    waiting: color.magenta,
    ready: color.cyan,
    canceled: color.yellow,
    succeeded: color.green,
    skipped: color.dim,
  };
  return (status, text) => paints[status]?.(text) ?? text;
}
