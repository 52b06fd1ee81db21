/**
 * The language as a table: which keys a document may have, what each may hold, and what each is for.
 *
 * The table is JSON Schema, so that one source gives the syntax check (`syntax.ts`) and the schema that editors complete
 * from (`schema/flow.schema.json`, written by `languageSchema`). Its shape up to the members marked as additions is that of
 * Orquesta's own schema: the path of a broken rule is the same in both.
 */

import type { Json } from '../base/index.ts';

export type JsonType = 'array' | 'boolean' | 'integer' | 'null' | 'number' | 'object' | 'string';

/** A rule of the table. `title` says what the value must be, in words that fit after "expected". */
export interface Rule {
  readonly title?: string;
  readonly description?: string;
  readonly type?: JsonType;
  readonly enum?: readonly Json[];
  readonly oneOf?: readonly Rule[];
  readonly anyOf?: readonly Rule[];
  readonly minLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: { readonly [key: string]: Rule };
  readonly patternProperties?: { readonly [pattern: string]: Rule };
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: Rule;
  readonly minItems?: number;
  readonly uniqueItems?: true;
  readonly examples?: readonly Json[];
  /** Every key must be text as YAML reads it: `no: 1` has the key false. */
  readonly textKeys?: true;
}

/** Names of tasks and variables: letters, digits and underscores of any script. */
export const namePattern = '^\\w+$';

/** `<% … %>`, `{{ … }}`, or names and `in` before one of them. */
export const itemsPattern =
  '^\\s*(?:(?:[\\p{L}\\p{N}_]+,\\s*)*[\\p{L}\\p{N}_]+\\s+in\\s+)?(?:<%.*%>|\\{\\{.*\\}\\})\\s*$';

/** Names with a meaning of their own in `do`; no task may have one. */
export const commands: readonly string[] = ['continue', 'fail', 'noop', 'retry'];

export function isCommand(name: string): boolean {
  return commands.includes(name);
}

const text: Rule = { type: 'string', minLength: 1, title: 'text that is not empty' };
const wholeNumber: Rule = { type: 'integer', minimum: 0, title: 'a whole number from 0' };
const wholeOrExpression: Rule = { oneOf: [text, wholeNumber], title: 'a whole number from 0, or an expression' };
const oneValue: Rule = {
  type: 'object',
  title: 'a map of one name and its value',
  minProperties: 1,
  maxProperties: 1,
  textKeys: true,
};

const bindings: Rule = {
  type: 'array',
  title: 'a list of one-key maps such as "- name: value"',
  items: oneValue,
  uniqueItems: true,
  minItems: 1,
};

const duration: Rule = {
  title: 'seconds as a number from 0, or text such as "500ms", "30s", "5m", "2h", "1d"',
  oneOf: [
    { type: 'string', minLength: 1, pattern: '^\\s*[0-9]{1,15}(?:\\.[0-9]{1,6})?\\s?(?:ms|s|m|h|d)\\s*$' },
    { type: 'number', minimum: 0 },
  ],
};

const durationOrExpression: Rule = {
  title: 'seconds as a number from 0, text such as "30s" or "5m", or an expression',
  oneOf: [
    {
      type: 'string',
      minLength: 1,
      // One look at the first sign that opens an expression, so that it takes linear time.
      pattern:
        '^(?:\\s*[0-9]{1,15}(?:\\.[0-9]{1,6})?\\s?(?:ms|s|m|h|d)\\s*|(?:[^<{]|<(?!%)|\\{(?![{%]))*(?:<%.*%>|\\{\\{.*\\}\\}|\\{%.*%\\})[\\s\\S]*)$',
    },
    { type: 'number', minimum: 0 },
  ],
};

const match: Rule = {
  enum: ['all', 'first'],
  title: '"all" or "first"',
  description:
    'Which transitions fire when a task completes: `all` whose `when` holds (the default), or only the `first` of them in the order of the document.',
};

const transition: Rule = {
  type: 'object',
  title: 'a map with "when", "publish" or "do"',
  minProperties: 1,
  description: 'What happens when the task has completed, whatever its outcome, and `when` holds.',
  additionalProperties: false,
  properties: {
    when: {
      ...text,
      title: 'an expression',
      description:
        'The condition, for example `<% succeeded() %>`. Without it the transition fires after success and after failure.',
      examples: ['<% succeeded() %>', '<% failed() %>', '<% completed() %>'],
    },
    publish: {
      title: 'a list of one-key maps such as "- name: <% result() %>", or text such as "name=<% result() %>"',
      description:
        'Variables to set for the tasks that follow. Maps are merged into what is there; lists and single values replace it.',
      oneOf: [text, bindings],
    },
    do: {
      title: 'the name of a task, several separated by commas, or a list of names',
      description:
        'The tasks to start next, or one of the commands `noop` (count a failure as handled), `fail` (fail the workflow), `continue` (the default) and `retry` (run the task again, up to three times).',
      oneOf: [text, { type: 'array', items: { ...text, title: 'the name of a task' }, uniqueItems: true, minItems: 1 }],
    },
  },
};

const retry: Rule = {
  type: 'object',
  title: 'a map with "count"',
  description: 'Runs the action again before the transitions are looked at.',
  required: ['count'],
  additionalProperties: false,
  properties: {
    when: {
      ...text,
      title: 'an expression',
      description: 'Whether to try again. Without it, a failed task is tried again; with it, success is asked as well.',
    },
    count: { ...wholeOrExpression, description: 'How often to try again after the first time.' },
    delay: { ...wholeOrExpression, description: 'Whole seconds to wait before trying again. Default 0.' },
    factor: {
      type: 'number',
      minimum: 1,
      title: 'a number from 1',
      description: 'Each further delay is the one before times this. Default 1.',
    },
    max_delay: { ...duration, description: 'No delay is longer than this.' },
    jitter: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      title: 'a number from 0 to 1',
      description: 'The share of the delay that is random. Default 0.',
    },
  },
};

const parameters: Rule = {
  title: 'a map of parameters, or one expression that gives a map',
  oneOf: [text, { type: 'object', minProperties: 1 }],
  textKeys: true,
};

/** Keys of a task in flows and dependency graphs alike that Orquesta does not have. */
const policies: { readonly [key: string]: Rule } = {
  deadline: {
    title: 'a duration such as "10m", an ISO 8601 time, or an expression',
    description:
      'When the task is to be over, retries and waits included: so long after it was scheduled, or at that time. It then fails.',
    oneOf: [text, { type: 'number', minimum: 0 }],
  },
  fallback: {
    title: 'the name of an action, or a map with "action" and "input"',
    description: 'What is done instead when the attempts are used up. It has one attempt; its result is the task’s.',
    oneOf: [
      text,
      {
        type: 'object',
        required: ['action'],
        additionalProperties: false,
        properties: {
          action: { ...text, description: 'The action to run instead.' },
          input: { ...parameters, description: 'Its parameters. Default: those of the task.' },
        },
      },
    ],
  },
  intervention: {
    type: 'boolean',
    title: 'true or false',
    description:
      'With `true`, a task that failed for good waits for a person: `pawl decide RUN TASK retry`, `skip` or `fail`.',
  },
  compensate: {
    title: 'the name of an action, or a map with "action"',
    description:
      'What undoes the task when the run fails or is canceled after it succeeded; `result()` is its result. Tasks are undone latest first.',
    oneOf: [
      text,
      {
        type: 'object',
        required: ['action'],
        additionalProperties: false,
        properties: {
          action: { ...text, description: 'The action that undoes the task.' },
          input: { ...parameters, description: 'Its parameters.' },
          retry: { ...retry, description: 'How often undoing is tried again.' },
          timeout: { ...durationOrExpression, description: 'How long one attempt at undoing may take.' },
        },
      },
    ],
  },
  group: {
    ...text,
    description: 'The transaction this task belongs to: if one task of it fails, those that succeeded are undone.',
  },
  cache: {
    title: 'a map with "key", "ttl" or "version"',
    type: 'object',
    description: 'Takes the result of an earlier run with the same action, version and key, if there is one.',
    additionalProperties: false,
    properties: {
      key: { ...text, description: 'What the result depends on. Default: the whole input.' },
      ttl: { ...duration, description: 'How long a result may be used. Default: for good.' },
      version: {
        title: 'text or a number',
        oneOf: [text, { type: 'number' }],
        description: 'Raise it when the action changes what it gives.',
      },
    },
  },
};

const amount: Rule = { type: 'number', minimum: 0, title: 'a number from 0' };

/** Keys of a task that a dependency graph has and a flow has not. */
const ofGraphs: { readonly [key: string]: Rule } = {
  needs: {
    title: 'a list of task names, or of maps such as {task: NAME, kind: preferred}',
    description:
      'The tasks whose results this one needs, and waits for. A need of kind `preferred` says only which goes first. Makes the document a dependency graph, without `next`.',
    oneOf: [
      text,
      {
        type: 'array',
        items: {
          title: 'the name of a task, or a map with "task" and "kind"',
          oneOf: [
            text,
            {
              type: 'object',
              required: ['task'],
              additionalProperties: false,
              properties: {
                task: { ...text, description: 'The name of the task.' },
                kind: {
                  enum: ['blocking', 'preferred'],
                  title: '"blocking" or "preferred"',
                  description: '`blocking` (the default) waits for the task; `preferred` only goes after it.',
                },
              },
            },
          ],
        },
      },
    ],
  },
  trigger: {
    enum: ['all_succeeded', 'all_done', 'any_succeeded', 'none_failed'],
    title: '"all_succeeded", "all_done", "any_succeeded" or "none_failed"',
    description: 'What must be true of the tasks it needs before it starts. Default `all_succeeded`.',
  },
  when: { ...text, title: 'an expression', description: 'The task is skipped where this is false.' },
  expand: {
    ...text,
    title: 'an expression that gives a list of tasks',
    description: 'Tasks to add when this one has succeeded: a list of maps with name, action, input, needs, before.',
  },
  title: { ...text, description: 'What the task is for, for people.' },
  type: {
    enum: ['compute', 'io', 'network', 'hybrid'],
    title: '"compute", "io", "network" or "hybrid"',
    description: 'What kind of work it is, for plans and placement.',
  },
  worker_type: { ...text, description: 'The label a worker must carry to run it.' },
  resources: {
    type: 'object',
    title: 'a map with "cpu", "memory_mb", …',
    description: 'What the task takes of the machine while it runs.',
    additionalProperties: false,
    properties: {
      cpu: { ...amount, description: 'Cores; fractions are allowed.' },
      memory_mb: { ...amount, description: 'Memory in MB.' },
      disk_mb: { ...amount, description: 'Disk in MB.' },
      network_mbps: { ...amount, description: 'Network in Mbit/s.' },
      gpus: { ...amount, description: 'GPUs.' },
      named: { type: 'object', title: 'a map of names to numbers', description: 'Resources of your own, in units.' },
    },
  },
  estimate: { ...duration, description: 'How long it is expected to take, for plans.' },
};

/** Keys of tasks and documents that only mean something in a dependency graph. */
export const keysOfGraphs: ReadonlySet<string> = new Set(Object.keys(ofGraphs));
export const documentKeysOfGraphs: ReadonlySet<string> = new Set(['failure', 'concurrency', 'constraints']);

const task: Rule = {
  type: 'object',
  title: 'a map with "action", "next" or another key of a task',
  minProperties: 1,
  description: 'One step: the action to run, and where to go from there.',
  additionalProperties: false,
  properties: {
    delay: { ...wholeOrExpression, description: 'Whole seconds to wait before the task starts.' },
    join: {
      title: '"all", or the number of tasks to wait for',
      description: 'Waits for several tasks that lead here: for `all` of them, or for as many as the number says.',
      oneOf: [{ enum: ['all'] }, wholeNumber],
    },
    with: {
      type: 'object',
      title: 'text such as "x in <% ctx(xs) %>", or a map with "items" and "concurrency"',
      required: ['items'],
      description: 'Runs the action once for each item of a list; `item()` is the item.',
      additionalProperties: false,
      properties: {
        items: {
          type: 'string',
          minLength: 1,
          pattern: itemsPattern,
          title: 'an expression that gives a list, with names and "in" before it if you like: "x in <% ctx(xs) %>"',
          description: 'The list: `<% ctx(xs) %>`, `x in <% ctx(xs) %>` or `x, y in <% zip(ctx(xs), ctx(ys)) %>`.',
        },
        concurrency: { ...wholeOrExpression, description: 'How many items run at the same time. Default: all.' },
      },
    },
    action: {
      ...text,
      title: 'the name of an action, with parameters behind it if you like',
      description:
        'The action, for example `core.echo`, or with parameters `core.echo message="hello"`. Without it the task completes at once.',
    },
    input: {
      title: 'a map of parameters, or one expression that gives a map',
      description: 'The parameters of the action. Values may be or hold expressions.',
      oneOf: [text, { type: 'object', minProperties: 1 }],
      textKeys: true,
    },
    retry,
    next: {
      type: 'array',
      title: 'a list of transitions',
      description: 'What happens when the task has completed.',
      items: transition,
    },
    timeout: {
      ...durationOrExpression,
      description: 'How long one attempt may take (with `with`: one item). It then counts as failed.',
    },
    priority: {
      type: 'integer',
      minimum: 0,
      maximum: 100,
      title: 'a whole number from 0 to 100',
      description: 'Tasks with a higher number go first where workers are few. Default 50.',
    },
    match,
    ...policies,
    ...ofGraphs,
  },
};

/** The whole document. */
export const workflowRule: Rule = {
  type: 'object',
  title: 'a map with "version" and "tasks"',
  required: ['tasks'],
  additionalProperties: false,
  properties: {
    vars: { ...bindings, description: 'Variables, set in this order before the first task starts.' },
    input: {
      type: 'array',
      title: 'a list of names, or of "name: default"',
      description: 'The inputs of the workflow: a name, or a name with its default.',
      items: { oneOf: [text, oneValue], title: 'a name, or a map of one name and its default' },
      uniqueItems: true,
      minItems: 1,
    },
    output: { ...bindings, description: 'What the workflow gives back, rendered when it ends.' },
    tasks: {
      type: 'object',
      title: 'a map of task names to tasks',
      description: 'The tasks. Those that no transition leads to start first.',
      minProperties: 1,
      patternProperties: { [namePattern]: task },
    },
    name: { ...text, description: 'The name of the workflow.' },
    version: {
      title: '1.0',
      description: 'The version of the language: 1.0.',
      enum: ['1.0', 1],
      anyOf: [text, { type: 'integer', minimum: 0 }, { type: 'number', minimum: 0 }],
    },
    description: { ...text, description: 'What the workflow is for.' },
    tags: {
      type: 'array',
      title: 'a list of words',
      description: 'Words to find it by.',
      items: text,
      uniqueItems: true,
      minItems: 1,
    },
    match,
    failure: {
      enum: ['stop', 'skip', 'partial'],
      title: '"stop", "skip" or "partial"',
      description:
        'What a failed task means for a dependency graph: nothing new starts (`stop`, the default); what needs it is skipped, the rest goes on and the run fails (`skip`), or succeeds with what there is (`partial`).',
    },
    concurrency: {
      type: 'integer',
      minimum: 1,
      title: 'a whole number from 1',
      description: 'How many tasks of a dependency graph are open at once. Default: all that can be.',
    },
    metadata: { type: 'object', title: 'a map', description: 'Anything you want to keep with the workflow.' },
    constraints: {
      type: 'array',
      title: 'a list of maps with "type"',
      description: 'Rules for the scheduler.',
      items: {
        type: 'object',
        title: 'a map with "type"',
        required: ['type'],
        additionalProperties: false,
        properties: {
          type: {
            enum: ['before', 'after', 'together', 'apart', 'worker', 'window', 'custom'],
            title: '"before", "after", "together", "apart", "worker", "window" or "custom"',
          },
          tasks: { type: 'array', title: 'a list of task names', items: text },
          value: { title: 'any value' },
        },
      },
    },
    created_at: { ...text, description: 'When the workflow was written, for people.' },
    scheduled_at: { ...text, description: 'When it is meant to run, for people and schedulers.' },
    limits: {
      type: 'object',
      title: 'a map with "duration" and "iterations"',
      description: 'Where a run is stopped.',
      additionalProperties: false,
      properties: {
        duration: { ...duration, description: 'How long a run may take.' },
        iterations: {
          type: 'integer',
          minimum: 1,
          title: 'a whole number from 1',
          description: 'How often one task may run within a run. Guards against endless loops.',
        },
      },
    },
  },
};
