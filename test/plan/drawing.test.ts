import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { gantt } from '../../src/cli/gantt.ts';
import { drawnWorkflow, plan } from '../../src/definition/index.ts';
import { definitionOf, graphOf } from './graphs.ts';

const plain = createColors(false);

describe('given a plan as bars', () => {
  it('when all is known, then bars stand where tasks start, critical ones full, slack as dots', () => {
    const made = plan(
      graphOf({ a: { estimateMs: 10 }, b: { needs: ['a'], estimateMs: 30 }, c: { needs: ['a'], estimateMs: 10 } }),
    );

    expect(gantt(made, 43, plain)).toEqual([
      'a  ██████████',
      'b            ██████████████████████████████',
      'c            ▒▒▒▒▒▒▒▒▒▒····················',
      '   0                 20 ms            40 ms',
    ]);
  });

  it('when an estimate is missing, then its bar is a question mark', () => {
    const made = plan(graphOf({ a: { estimateMs: 10 }, b: { needs: ['a'] }, c: { needs: ['b'], estimateMs: 10 } }));

    expect(gantt(made, 23, plain).slice(0, 3)).toEqual(['a  ██████████', 'b            ?', 'c            ██████████']);
  });

  it('when none is known, then bars stand by stages', () => {
    const made = plan(graphOf({ a: {}, b: { needs: ['a'] }, c: { needs: ['a'] } }));

    expect(gantt(made, 40, plain)).toEqual([
      'a  ███████████',
      'b              ███████████',
      'c              ▒▒▒▒▒▒▒▒▒▒▒',
      '   stage 1     2',
    ]);
  });

  it.each([20, 40, 80, 200])('when a terminal has %s columns, then no line is longer', (columns) => {
    const tasks = Array.from({ length: 150 }, (_, at) => [
      `a_rather_long_name_of_a_task_${at}`,
      { estimateMs: at * 1_000, needs: at === 0 ? [] : [`a_rather_long_name_of_a_task_${at - 1}`] },
    ]);
    const lines = gantt(plan(graphOf(Object.fromEntries(tasks))), columns, plain);

    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines.at(-2)).toBe('… and 90 more');
  });
});

describe('given a workflow to draw', () => {
  it('when it is a dependency graph, then needs are edges of their kind, and nodes say what is unusual of them', () => {
    const drawn = drawnWorkflow(
      definitionOf(
        'version: 1.0\nname: g\ntasks:\n  a: {action: core.noop}\n  b: {needs: [a], trigger: all_done, when: "<% ctx(deep) %>"}\n  c: {needs: [b, {task: a, kind: preferred}]}\ninput: [deep: false]\n',
      ),
    );

    expect(drawn).toEqual({
      name: 'g',
      nodes: [{ id: 'a', detail: 'core.noop' }, { id: 'b', detail: 'when all are over, if deep' }, { id: 'c' }],
      edges: [
        { from: 'a', to: 'b', kind: 'blocking' },
        { from: 'b', to: 'c', kind: 'blocking' },
        { from: 'a', to: 'c', kind: 'preferred' },
      ],
    });
  });

  const flow = (next: string, more = ''): string =>
    `version: 1.0\n${more}tasks:\n  a: {action: core.noop, next: [${next}]}\n  b: {action: core.noop}\n  c: {action: core.noop}\n`;
  const labels = (text: string): (string | undefined)[] =>
    drawnWorkflow(definitionOf(text)).edges.map(({ label }) => label);

  it.each([
    ['{when: <% succeeded() %>, do: b}', [undefined]],
    ['{do: b}', ['always']],
    ['{when: <% completed() %>, do: b}', ['always']],
    ['{when: <% failed() %>, do: b}', ['failed']],
    ['{when: "{{ failed() }}", do: b}', ['failed']],
    ['{when: <% succeeded() and result().ok %>, do: b}', ['result.ok']],
    ['{when: <% succeeded() %>, do: b}, {when: <% failed() %>, do: b}', ['succeeded or failed']],
    [
      '{when: "<% result().first = 1 and result().second = 2 and result().third = 3 %>", do: b}',
      ['result.first = 1 and result.s…'],
    ],
  ])('when its transitions are %s, then the edges say %j', (next, expected) => {
    expect(labels(flow(next))).toEqual(expected);
  });

  it('when the first condition that holds decides, then the last is "else"', () => {
    const next = '{when: <% succeeded() and result().ok %>, do: b}, {when: <% succeeded() %>, do: c}';

    expect(labels(flow(next, 'match: first\n'))).toEqual(['result.ok', 'else']);
  });

  it('when a transition fails the run, then it leads to an end of its own; other commands lead nowhere', () => {
    const drawn = drawnWorkflow(
      definitionOf(flow('{when: <% failed() %>, do: fail}, {when: <% succeeded() %>, do: noop}')),
    );

    expect(drawn.edges).toEqual([{ from: 'a', to: 'fail after a', kind: 'transition', label: 'failed' }]);
    expect(drawn.nodes.find(({ id }) => id === 'fail after a')).toMatchObject({ label: 'fail', kind: 'fail' });
  });
});
