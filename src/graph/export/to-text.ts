/**
 * A graph for a terminal: boxes and lines where they fit the columns, first with whole labels, then with short ones; else
 * a list of its layers. Fan-outs are collapsed. No line is longer than `columns`, colours not counted.
 *
 * Texts of the graph lose control characters, so that a label cannot send escapes to the terminal.
 */

import { assert } from '../../base/index.ts';
import type { DrawnGraph } from '../layout/drawn-graph.ts';
import { numbered } from '../layout/numbered-graph.ts';
import { partsOf } from '../layout/parts.ts';
import { type CollapseOptions, collapse } from './collapse.ts';
import { statusWord } from './status-look.ts';
import { type Paint, TextCanvas } from './text-canvas.ts';
import { type Sketch, sketch, textContent } from './text-sketch.ts';
import { stagesText } from './text-stages.ts';

export interface TextOptions extends CollapseOptions {
  /** Width of the terminal, 20 at least. Default 80. */
  readonly columns?: number;
  /** Only ASCII characters. Default false. */
  readonly ascii?: boolean;
  /** Puts colours around a text; gets one of the known words for a status. Default: none. */
  readonly paint?: Paint;
}

/** From what reads best to what may still fit. */
const attempts = [
  { labelColumnsMax: 32, isNarrow: false },
  { labelColumnsMax: 32, isNarrow: true },
  { labelColumnsMax: 16, isNarrow: true },
  { labelColumnsMax: 10, isNarrow: true },
] as const;
const listLabelColumnsMax = 40;
const drawnNodesMax = 300;
const gap = 3;

/** @throws AssertionError An id stands twice, or an edge names a node that is not there. */
export function toText(graph: DrawnGraph, options: TextOptions = {}): string {
  const { columns = 80, ascii: isAscii = false, paint = (_, text) => text } = options;
  assert(columns >= 20, 'a terminal has 20 columns at least');
  const shown = collapse(graph, options);
  if (shown.nodes.length === 0) return '(no tasks)\n';
  const paintWord: Paint = (status, text) => paint(statusWord(status), text);
  const lines =
    drawing(shown, columns, isAscii, paintWord) ??
    stagesText(shown, { columns, paint: paintWord, style: { isAscii, labelColumnsMax: listLabelColumnsMax } });
  return `${lines.join('\n')}\n`;
}

/** Undefined when it does not fit. */
function drawing(graph: DrawnGraph, columns: number, isAscii: boolean, paint: Paint): string[] | undefined {
  if (graph.nodes.length > drawnNodesMax) return undefined;
  const parts = partsOf(numbered(graph));
  for (const { labelColumnsMax, isNarrow } of attempts) {
    const content = textContent(graph, { isAscii, labelColumnsMax }, isNarrow);
    const sketches: Sketch[] = [];
    for (const part of parts) {
      const drawn = sketch(part, content, isAscii);
      if (drawn === undefined) return undefined;
      if (drawn.width > columns) break;
      sketches.push(drawn);
    }
    if (sketches.length === parts.length) return sheet(sketches, columns, isAscii, paint);
  }
  return undefined;
}

/** Components beside each other while they fit, then in a new row. */
function sheet(sketches: readonly Sketch[], columns: number, isAscii: boolean, paint: Paint): string[] {
  const places: { sketch: Sketch; row: number; column: number }[] = [];
  let row = 0;
  let column = 0;
  let height = 0;
  for (const next of sketches) {
    if (column > 0 && column + next.width > columns) {
      row += height + 1;
      column = 0;
      height = 0;
    }
    places.push({ sketch: next, row, column });
    column += next.width + gap;
    height = Math.max(height, next.height);
  }
  const canvas = new TextCanvas(columns, row + height, isAscii);
  for (const placed of places) placed.sketch.draw(canvas, placed.row, placed.column);
  return canvas.lines(paint);
}
