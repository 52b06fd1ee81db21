/** Dependency graphs in a few words, for tests of plans. */

import { type DagDefinition, type DagTask, inspectFlow, type WorkflowDefinition } from '../../src/definition/index.ts';

type Fields = Partial<Omit<DagTask, 'name' | 'needs'>> & { readonly needs?: readonly string[] };

/** By name; a need that begins with `~` only orders. A task calls something, so that without an estimate it may take any time. */
export function graphOf(tasks: { readonly [name: string]: Fields }, more: Partial<DagDefinition> = {}): DagDefinition {
  const action = { source: 'some.action', constant: true } as NonNullable<DagTask['action']>;
  return {
    style: 'dag',
    name: 'g',
    tags: [],
    input: [],
    vars: [],
    limits: {},
    failure: 'stop',
    hasEntryPoint: true,
    tasks: new Map(
      Object.entries(tasks).map(([name, { needs = [], ...fields }]) => [
        name,
        {
          name,
          action,
          trigger: 'all_succeeded',
          needs: needs.map((need) =>
            need.startsWith('~') ? { task: need.slice(1), kind: 'preferred' } : { task: need, kind: 'blocking' },
          ),
          ...fields,
        },
      ]),
    ),
    ...more,
  };
}

export function definitionOf(text: string): WorkflowDefinition {
  const { definition, errors } = inspectFlow(text);
  if (definition === undefined) throw new Error(errors.map(({ message }) => message).join('\n'));
  return definition;
}
