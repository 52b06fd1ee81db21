/** What both rules can be told: from where `workflow` is imported, where that is not `pawl` itself. */

import type { Rule } from 'eslint';

export const optionsSchema: Rule.RuleMetaData['schema'] = [
  {
    type: 'object',
    properties: { modules: { type: 'array', items: { type: 'string' }, uniqueItems: true } },
    additionalProperties: false,
  },
];

export function modulesOf(context: Rule.RuleContext): readonly string[] {
  const [options] = context.options as readonly ({ readonly modules?: readonly string[] } | undefined)[];
  return ['pawl', ...(options?.modules ?? [])];
}
