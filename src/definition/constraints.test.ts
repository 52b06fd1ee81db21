import { describe, expect, it } from 'vitest';
import { inspectFlow } from './inspect.ts';

const graph = (constraints: string): string =>
  `version: 1.0\nconstraints: ${constraints}\ntasks:\n  a: { action: core.noop }\n  b: { action: core.noop, needs: [a] }\n`;

describe('given a graph in YAML with rules for its scheduler', () => {
  it('when they are rules, then they are in its definition', () => {
    const { definition, errors } = inspectFlow(
      graph('[{ type: apart, tasks: [a, b] }, { type: window, value: { from: 8 } }]'),
    );
    expect(errors).toEqual([]);
    expect(definition?.style === 'dag' ? definition.constraints : undefined).toEqual([
      { type: 'apart', tasks: ['a', 'b'] },
      { type: 'window', value: { from: 8 } },
    ]);
  });

  it.each([
    ['no list', 'nonsense', 14],
    ['a number among them', '[{ type: apart }, 5]', 32],
    ['a type that is none', '[{ type: beside }]', 23],
    ['no type', '[{ tasks: [a] }]', 15],
    ['tasks that are no names', '[{ type: apart, tasks: [[a]] }]', 38],
    ['a key that is none', '[{ type: apart, when: never }]', 30],
  ])('when there is %s, then it is told with its place', (_what, constraints, column) => {
    const { definition, errors } = inspectFlow(graph(constraints));
    expect(definition).toBeUndefined();
    expect(errors[0]).toMatchObject({ position: { line: 2, column } });
  });
});
