import { describe, expect, it } from 'vitest';
import type { Json } from '../base/index.ts';
import { inspectFlow } from './inspect.ts';
import { LineIndex } from './position.ts';
import { languageSchema } from './schema.ts';
import { readYaml } from './yaml-document.ts';
import { jsonOf } from './yaml-node.ts';

/** Documents as people write them: no check may find fault with one. */
const ordinaryDocuments: readonly { name: string; text: string }[] = [
  {
    name: 'one task',
    text: `version: 1.0
tasks:
  greet:
    action: core.echo message="hello"
`,
  },
  {
    name: 'a sequence with input and output',
    text: `version: 1.0
description: Fetches a page and counts its words.
input:
  - url
  - tries: 2
vars:
  - words: 0
tasks:
  fetch:
    action: core.http
    input:
      url: <% ctx().url %>
    retry:
      count: <% ctx().tries %>
      delay: 1
      factor: 2
      max_delay: 30s
      jitter: 0.5
    timeout: 10s
    next:
      - when: <% succeeded() %>
        publish:
          - body: <% result().body %>
        do: count
      - when: <% failed() %>
        do: report_failure
  count:
    action: text.count text=<% ctx().body %>
    priority: 80
    next:
      - when: <% succeeded() %>
        publish: words=<% result() %>
  report_failure:
    action: core.echo message="could not fetch <% ctx().url %>"
    next:
      - do: fail
output:
  - words: <% ctx().words %>
`,
  },
  {
    name: 'a fork and a join',
    text: `version: 1.0
match: first
limits:
  duration: 1h
  iterations: 1000
tasks:
  begin:
    action: core.noop
    next:
      - do: left, right
  left:
    action: core.noop
    next:
      - when: <% succeeded() %>
        do: meet
  right:
    action: core.noop
    next:
      - when: <% succeeded() %>
        do:
          - meet
  meet:
    join: all
    action: core.noop
`,
  },
  {
    name: 'a loop with a counter',
    text: `version: 1.0
vars:
  - round: 0
tasks:
  prepare:
    action: core.noop
    next:
      - do: work
  work:
    action: core.noop
    next:
      - when: <% succeeded() and ctx().round < 3 %>
        publish:
          - round: <% ctx().round + 1 %>
        do: work
      - when: <% succeeded() and ctx().round >= 3 %>
        do: done
  done:
    action: core.noop
output:
  - rounds: <% ctx().round %>
`,
  },
  {
    name: 'items',
    text: `version: '1.0'
input:
  - hosts
  - ports: [80, 443]
tasks:
  ping:
    with:
      items: host, port in <% zip(ctx(hosts), ctx(ports)) %>
      concurrency: 2
    action: net.ping host=<% item(host) %> port=<% item(port) %>
    next:
      - when: <% succeeded() %>
        publish:
          - answers: <% result() %>
  trace:
    with: host in <% ctx(hosts) %>
    action: net.trace
    input:
      host: <% item(host) %>
`,
  },
  {
    name: 'Jinja',
    text: `version: 1.0
input:
  - people
tasks:
  list:
    action: core.echo
    input:
      message: "{% for name in ctx().people %}{{ name }} {% endfor %}"
    next:
      - when: "{{ succeeded() }}"
        publish:
          - text: "{{ result() }}"
        do: noop
output:
  - text: "{{ ctx('text') }}"
`,
  },
  {
    name: 'a long block scalar full of brackets',
    text: `version: 1.0
tasks:
  run:
    action: core.local
    input:
      cmd: |
${'        [[[[[[{{{{{{ if [[ "$a" ]]; then date; fi\n'.repeat(50)}`,
  },
];

describe('given ordinary documents', () => {
  it.each(ordinaryDocuments)('when $name is inspected, then there is nothing to say', ({ text }) => {
    const { errors, warnings, definition } = inspectFlow(text);

    expect([...errors, ...warnings]).toEqual([]);
    expect(definition?.hasEntryPoint).toBe(true);
  });
});

describe('given the table of the language', () => {
  it('when it is published as JSON Schema, then it is the file that the package ships', async () => {
    await expect(`${JSON.stringify(languageSchema(), null, 2)}\n`).toMatchFileSnapshot('../../schema/flow.schema.json');
  });

  it('when an editor shows a key, then the key has a description', () => {
    expect(keysWithout(languageSchema(), 'description')).toEqual([]);
  });

  it.each(ordinaryDocuments)('when $name is held against the schema, then it fits', ({ text }) => {
    expect(faultOf(dataOf(text), languageSchema())).toBeUndefined();
  });

  it.each([
    ['no tasks', 'version: 1.0'],
    ['tasks as a list', 'tasks: [a]'],
    ['no task at all', 'tasks: {}'],
    ['an empty task', 'tasks: {a: {}}'],
    ['an unknown key', 'tasks: {a: {action: x}}\nflow: 1'],
    ['an unknown key of a task', 'tasks: {a: {acton: x}}'],
    ['a reserved task name', 'tasks: {noop: {action: x}}'],
    ['a malformed task name', 'tasks: {a-b: {action: x}}'],
    ['a join of words', 'tasks: {a: {join: some}}'],
    ['items without in', 'tasks: {a: {action: x, with: abc}}'],
    ['items as a list', 'tasks: {a: {action: x, with: [1]}}'],
    ['a concurrency without items', 'tasks: {a: {action: x, with: {concurrency: 1}}}'],
    ['a retry without count', 'tasks: {a: {action: x, retry: {delay: 1}}}'],
    ['a jitter above 1', 'tasks: {a: {action: x, retry: {count: 1, jitter: 2}}}'],
    ['a factor below 1', 'tasks: {a: {action: x, retry: {count: 1, factor: 0.5}}}'],
    ['a priority above 100', 'tasks: {a: {action: x, priority: 101}}'],
    ['a match of another word', 'match: last\ntasks: {a: {action: x}}'],
    ['a duration without unit', 'limits: {duration: "5"}\ntasks: {a: {action: x}}'],
    ['an empty transition', 'tasks: {a: {next: [{}]}}'],
    ['next as a map', 'tasks: {a: {next: {do: a}}}'],
    ['two names in one entry', 'vars: [{a: 1, b: 2}]\ntasks: {a: {action: x}}'],
    ['vars as a map', 'vars: {a: 1}\ntasks: {a: {action: x}}'],
    ['another version', 'version: 2.0\ntasks: {a: {action: x}}'],
  ])('when a document with %s is held against it, then it does not fit', (_, text) => {
    expect(faultOf(dataOf(text), languageSchema())).toBeDefined();
  });
});

function dataOf(text: string): Json {
  const { root, faults } = readYaml(text, new LineIndex(text));
  expect(faults).toEqual([]);
  return jsonOf(root!);
}

type Schema = { readonly [key: string]: Json };

/** A validator of the few keywords that the schema uses. */
function faultOf(value: Json, schema: Schema, path = '$'): string | undefined {
  const is = (type: Json | undefined) =>
    type === undefined ||
    (type === 'object' && typeof value === 'object' && value !== null && !Array.isArray(value)) ||
    (type === 'array' && Array.isArray(value)) ||
    (type === 'integer' && Number.isInteger(value)) ||
    (type !== 'object' && type === typeof value);
  const all = (key: string) => (schema[key] ?? []) as readonly Schema[];
  if (!is(schema.type)) return `${path} is no ${schema.type}`;
  if (schema.enum && !(schema.enum as Json[]).includes(value)) return `${path} is none of the values`;
  if (schema.not && !faultOf(value, schema.not as Schema)) return `${path} is excluded`;
  if (schema.oneOf && all('oneOf').filter((one) => !faultOf(value, one, path)).length !== 1)
    return `${path} fits not one`;
  if (typeof value === 'string') {
    if (value.length < Number(schema.minLength ?? 0)) return `${path} is empty`;
    if (schema.pattern && !new RegExp(String(schema.pattern), 'u').test(value)) return `${path} has another form`;
  }
  if (typeof value === 'number') {
    if (value < Number(schema.minimum ?? value) || value > Number(schema.maximum ?? value))
      return `${path} is out of range`;
  }
  if (Array.isArray(value)) {
    if (value.length < Number(schema.minItems ?? 0)) return `${path} is too short`;
    for (const [index, item] of value.entries()) {
      const fault = schema.items && faultOf(item, schema.items as Schema, `${path}[${index}]`);
      if (fault) return fault;
    }
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value as Schema);
  if (entries.length < Number(schema.minProperties ?? 0)) return `${path} is empty`;
  if (entries.length > Number(schema.maxProperties ?? entries.length)) return `${path} has several keys`;
  for (const key of (schema.required ?? []) as string[]) if (!Object.hasOwn(value, key)) return `${path} has no ${key}`;
  for (const [key, member] of entries) {
    const known = (schema.properties as { [key: string]: Schema } | undefined)?.[key];
    const rest = schema.additionalProperties;
    if (!known && rest === false) return `${path}.${key} is unknown`;
    const name = schema.propertyNames && faultOf(key, schema.propertyNames as Schema, `${path}.${key}`);
    const fault =
      name || faultOf(member, known ?? (typeof rest === 'object' ? (rest as Schema) : {}), `${path}.${key}`);
    if (fault) return fault;
  }
  return undefined;
}

function keysWithout(schema: Schema, keyword: string, path = ''): string[] {
  const members = Object.entries((schema.properties ?? {}) as { [key: string]: Schema });
  const inner = [schema.items, schema.additionalProperties, ...((schema.oneOf ?? []) as Schema[])].filter(
    (one): one is Schema => typeof one === 'object' && one !== null,
  );
  return [
    ...members.filter(([, member]) => !(keyword in member)).map(([key]) => `${path}.${key}`),
    ...members.flatMap(([key, member]) => keysWithout(member, keyword, `${path}.${key}`)),
    ...inner.flatMap((one) => keysWithout(one, keyword, path)),
  ];
}
