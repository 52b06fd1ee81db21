import { describe, expect, it } from 'vitest';
import { randomGraph } from '../../../test/graph-layout/random-graphs.ts';
import { fanOut, graphOf, hostileGraph, smallGraphs } from '../../../test/graph-layout/small-graphs.ts';
import { columnsOf } from '../layout/text-columns.ts';
import { toText } from './to-text.ts';

describe('given a diamond', () => {
  const diamond = graphOf('a>b a>c b>d c>d');

  it('when it is drawn, then boxes and lines show it', () => {
    expect(toText(diamond)).toBe(
      [
        '     ╭─────╮',
        '     │  a  │',
        '     ╰──┬──╯',
        '   ╭────┴────╮',
        '   ▼         ▼',
        '╭─────╮   ╭─────╮',
        '│  b  │   │  c  │',
        '╰──┬──╯   ╰──┬──╯',
        '   ╰────┬────╯',
        '        ▼',
        '     ╭─────╮',
        '     │  d  │',
        '     ╰─────╯',
        '',
      ].join('\n'),
    );
  });

  it('when only ASCII is wanted, then there is nothing else', () => {
    expect(toText(diamond, { ascii: true }).split('\n').slice(0, 5)).toEqual([
      '     +-----+',
      '     |  a  |',
      '     +--+--+',
      '   +----+----+',
      '   v         v',
    ]);
  });
});

describe('given a cycle of two and a self loop', () => {
  it('when it is drawn, then the edge back is dashed and points up, and the loop is a mark', () => {
    const text = toText(graphOf('a>b b>a b>b'));
    expect(text).toContain('▲');
    expect(text).toContain('b ⟲');
  });
});

describe('given a run with statuses', () => {
  const graph = {
    nodes: [
      { id: 'a', status: 'failed', detail: 'timeout' },
      { id: 'b', status: 'odd' },
    ],
    edges: [],
  };

  it('when it is drawn, then each box has a sign and its second line', () => {
    expect(toText(graph)).toContain('✗ a');
    expect(toText(graph)).toContain('timeout');
    expect(toText(graph)).toContain('? b');
  });

  it('when colours are painted, then runs of one status are painted and nothing else changes', () => {
    const painted = toText(graph, { paint: (status, text) => `<${status}>${text}</>` });
    expect(painted).toContain('<failed>');
    expect(painted).toContain('<unknown>');
    expect(painted.replace(/<\/?\w*>/g, '')).toBe(toText(graph));
  });
});

describe('given no nodes', () => {
  it('when it is drawn, then it says so', () => {
    expect(toText(graphOf(''))).toBe('(no tasks)\n');
  });
});

describe('given a fan-out too wide for the terminal', () => {
  it('when it may be collapsed, then it is drawn as one box', () => {
    expect(toText(fanOut(40))).toContain('✗ part … ×40');
  });

  it('when every part must be shown, then it is a list of stages with what needs eyes first', () => {
    const lines = toText(fanOut(40), { expand: 'all' }).split('\n');
    expect(lines.slice(0, 6)).toEqual([
      'stage 1: 1 task',
      '  split',
      'stage 2: 40 tasks: 1 failed, 39 succeeded',
      '  ✗ part 0 ← split',
      '  ✓ part 1 ← split',
      '  ✓ part 2 ← split',
    ]);
    expect(lines).toContain('  … and 28 more, succeeded');
    expect(lines).toContain('  merge ← part 0, part 1, part 2 +37');
  });
});

describe('given texts that a terminal would obey', () => {
  it.each([true, false])('when they are shown (ascii: %s), then no control character is', (ascii) => {
    const text = toText(hostileGraph, { ascii, columns: 100 });
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    if (ascii) expect(text).toMatch(/^[\n -~]*$/);
  });
});

describe.each(Object.entries(smallGraphs))('given %s', (_, graph) => {
  it.each([20, 40, 80, 200])('when the terminal has %i columns, then no line is longer', (columns) => {
    for (const ascii of [true, false]) {
      const lines = toText(graph, { columns, ascii }).split('\n');
      expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(columns);
    }
  });
});

describe('given random graphs', () => {
  it('when five hundred are drawn, then lines fit and every box is whole', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const graph = randomGraph(seed, 14);
      const text = toText(graph, { columns: 160, expand: 'all' });
      expect(Math.max(...text.split('\n').map(columnsOf)), `seed ${seed}`).toBeLessThanOrEqual(160);
      if (text.startsWith('stage') || graph.nodes.length === 0) continue;
      for (const { id, label } of graph.nodes) {
        if (label === undefined) expect(text, `seed ${seed}`).toMatch(new RegExp(`│ +(. )?${id}( ⟲)? +│`));
      }
    }
  });
});
