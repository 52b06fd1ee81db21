import { describe, expect, it } from 'vitest';
import { type InspectionCase, runInspectionCase } from './inspection.ts';

/** Documents of our own with what Orquesta 1.6 finds in them; `rule` where we find other than that. */
const cases: readonly (InspectionCase & { readonly rule: string | null })[] = [
  {
    id: 'plain',
    definition_yaml: 'version: 1.0\ninput: [who]\ntasks:\n  hello:\n    action: core.echo message=<% ctx(who) %>\n',
    app_context: null,
    expected: {
      errors: {},
    },
    rule: null,
  },
  {
    id: 'unknown keys',
    definition_yaml: 'version: 1.0\nflavour: sweet\ntasks:\n  brew:\n    action: tea.brew\n    cups: 2\n',
    app_context: null,
    expected: {
      errors: {
        syntax: [
          {
            message: '',
            spec_path: null,
            schema_path: 'additionalProperties',
          },
          {
            message: '',
            spec_path: 'tasks.brew',
            schema_path: 'properties.tasks.patternProperties.^\\w+$.additionalProperties',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'alternatives',
    definition_yaml:
      'version: 1.0\ntasks:\n  brew:\n    action: tea.brew\n    join: most\n    delay: -3\n    retry: {count: [1]}\n    next:\n      - publish: []\n        do: {pour: 1}\n  pour: {action: tea.pour}\n',
    app_context: null,
    expected: {
      errors: {
        syntax: [
          {
            message: '',
            spec_path: 'tasks.brew.delay',
            schema_path: 'properties.tasks.patternProperties.^\\w+$.properties.delay.oneOf',
          },
          {
            message: '',
            spec_path: 'tasks.brew.join',
            schema_path: 'properties.tasks.patternProperties.^\\w+$.properties.join.oneOf',
          },
          {
            message: '',
            spec_path: 'tasks.brew.next[0].do',
            schema_path: 'properties.tasks.patternProperties.^\\w+$.properties.next.items.properties.do.oneOf',
          },
          {
            message: '',
            spec_path: 'tasks.brew.next[0].publish',
            schema_path: 'properties.tasks.patternProperties.^\\w+$.properties.next.items.properties.publish.oneOf',
          },
          {
            message: '',
            spec_path: 'tasks.brew.retry.count',
            schema_path: 'properties.tasks.patternProperties.^\\w+$.properties.retry.properties.count.oneOf',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'items',
    definition_yaml:
      'version: 1.0\ntasks:\n  pour:\n    with: cups\n    action: tea.pour\n  wash:\n    with: cup in <% list(1, 2) %>\n',
    app_context: null,
    expected: {
      errors: {
        syntax: [
          {
            message: '',
            spec_path: 'tasks.pour.with.items',
            schema_path: 'properties.tasks.patternProperties.^\\w+$.properties.with.properties.items.pattern',
          },
        ],
        semantics: [
          {
            message: 'The action property is required for with items task.',
            spec_path: 'tasks.wash',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'undefined task',
    definition_yaml:
      'version: 1.0\ntasks:\n  brew:\n    next:\n      - do: pour, drnk\n  pour:\n    next:\n      - do: [drink, "wash, dry"]\n',
    app_context: null,
    expected: {
      errors: {
        semantics: [
          {
            message: 'The task "drnk" is not defined.',
            spec_path: 'tasks.brew.next[0].do',
          },
          {
            message: 'The task "drink" is not defined.',
            spec_path: 'tasks.pour.next[0].do',
          },
          {
            message: 'The task "wash, dry" is not defined.',
            spec_path: 'tasks.pour.next[0].do',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'reserved name',
    definition_yaml: 'version: 1.0\ntasks:\n  brew:\n    next: [{do: fail}]\n  fail: {action: tea.spill}\n',
    app_context: null,
    expected: {
      errors: {
        semantics: [
          {
            message: 'The task name "fail" is reserved with special function.',
            spec_path: 'tasks.fail',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'join of split histories',
    definition_yaml:
      'version: 1.0\ntasks:\n  a: {next: [{do: [b, c, d]}]}\n  b: {next: [{do: x}]}\n  c: {next: [{do: x}]}\n  d: {next: [{do: j}]}\n  x: {next: [{do: j}]}\n  j: {join: all}\n',
    app_context: null,
    expected: {
      errors: {
        semantics: [
          {
            message: 'The join task "j" is unreachable.',
            spec_path: 'tasks.j',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'longer branch at a join',
    definition_yaml:
      'version: 1.0\ntasks:\n  a: {next: [{do: [b, c]}]}\n  b: {next: [{do: j}]}\n  c: {next: [{do: c2}]}\n  c2: {next: [{publish: leaf=1, do: j}]}\n  j: {join: all, action: core.echo m=<% ctx(leaf) %>}\n',
    app_context: null,
    expected: {
      errors: {
        context: [
          {
            type: 'yaql',
            expression: '<% ctx(leaf) %>',
            message: 'Variable "leaf" is referenced before assignment.',
            spec_path: 'tasks.j.input',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'published on one of two ways',
    definition_yaml:
      "version: 1.0\ntasks:\n  a:\n    next:\n      - when: <% succeeded() %>\n        publish: sugar=1\n        do: c\n      - when: <% failed() %>\n        do: c\n  c: {action: core.echo m=<% ctx().sugar %>}\noutput:\n  - sugar: <% ctx('sugar') %>\n",
    app_context: null,
    expected: {
      errors: {
        context: [
          {
            type: 'yaql',
            expression: '<% ctx().sugar %>',
            message: 'Variable "sugar" is referenced before assignment.',
            spec_path: 'tasks.c.input',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'private and unset',
    definition_yaml:
      'version: 1.0\nvars:\n  - a: <% ctx(b) %>\n  - b: \'<% ctx("__c") %>\'\n  - d: {e: [<% ctx().a + ctx().z %>]}\ntasks:\n  t: {action: x}\noutput:\n  - r: <% ctx().get(nothing) %> <% ctx(also) %>\n',
    app_context: null,
    expected: {
      errors: {
        context: [
          {
            type: 'yaql',
            expression: '<% ctx().get(nothing) %> <% ctx(also) %>',
            message: 'Variable "also" is referenced before assignment.',
            spec_path: 'output[0]',
          },
          {
            type: 'yaql',
            expression: '<% ctx(b) %>',
            message: 'Variable "b" is referenced before assignment.',
            spec_path: 'vars[0]',
          },
          {
            type: 'yaql',
            expression: '<% ctx("__c") %>',
            message:
              'Variable "__c" that is prefixed with double underscores is considered a private variable and cannot be referenced.',
            spec_path: 'vars[1]',
          },
          {
            type: 'yaql',
            expression: '<% ctx("__c") %>',
            message: 'Variable "__c" is referenced before assignment.',
            spec_path: 'vars[1]',
          },
          {
            type: 'yaql',
            expression: '<% ctx().a + ctx().z %>',
            message: 'Variable "z" is referenced before assignment.',
            spec_path: 'vars[2]',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'known from outside',
    definition_yaml: 'version: 1.0\ntasks:\n  t: {action: core.echo m=<% ctx(st2) %> n=<% ctx(other) %>}\n',
    app_context: {
      st2: {},
    },
    expected: {
      errors: {
        context: [
          {
            type: 'yaql',
            expression: '<% ctx(other) %>',
            message: 'Variable "other" is referenced before assignment.',
            spec_path: 'tasks.t.input',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'broken expressions',
    definition_yaml:
      'version: 1.0\nvars:\n  - a: <% 1 + %>\n  - b: ["<% ( %>", "<% 1 %>"]\ntasks:\n  t:\n    action: core.echo m=<% ] %>\n    next:\n      - when: <% succeeded() and %>\n        do: u\n  u: {action: x}\n',
    app_context: null,
    expected: {
      errors: {
        expressions: [
          {
            type: 'yaql',
            expression: '<% ] %>',
            message: '',
            spec_path: 'tasks.t.input',
          },
          {
            type: 'yaql',
            expression: '<% succeeded() and %>',
            message: '',
            spec_path: 'tasks.t.next[0].when',
          },
          {
            type: 'yaql',
            expression: '<% 1 + %>',
            message: '',
            spec_path: 'vars',
          },
          {
            type: 'yaql',
            expression: '<% ( %>',
            message: '',
            spec_path: 'vars',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'mixed languages',
    definition_yaml: 'version: 1.0\nvars:\n  - a: "<% 1 %> {{ 2 }}"\ntasks:\n  t: {action: x}\n',
    app_context: null,
    expected: {
      errors: {
        expressions: [
          {
            type: null,
            expression: '<% 1 %> {{ 2 }}',
            message: '',
            spec_path: 'vars',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'wrong types above',
    definition_yaml:
      'version: 2.0\ndescription: ""\ntags: [a, a, 1]\nvars: {a: 1}\ninput: [a, {b: 1, c: 2}, 5]\noutput: []\ntasks:\n  t: {action: x}\n',
    app_context: null,
    expected: {
      errors: {
        syntax: [
          {
            message: '',
            spec_path: 'description',
            schema_path: 'properties.description.minLength',
          },
          {
            message: '',
            spec_path: 'input[1]',
            schema_path: 'properties.input.items.oneOf',
          },
          {
            message: '',
            spec_path: 'input[2]',
            schema_path: 'properties.input.items.oneOf',
          },
          {
            message: '',
            spec_path: 'output',
            schema_path: 'properties.output.minItems',
          },
          {
            message: '',
            spec_path: 'tags[2]',
            schema_path: 'properties.tags.items.type',
          },
          {
            message: '',
            spec_path: 'tags',
            schema_path: 'properties.tags.uniqueItems',
          },
          {
            message: '',
            spec_path: 'vars',
            schema_path: 'properties.vars.type',
          },
          {
            message: '',
            spec_path: 'version',
            schema_path: 'properties.version.enum',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'join zero is no join to the walk',
    definition_yaml:
      'version: 1.0\ntasks:\n  a: {next: [{publish: x=1, do: j}]}\n  b: {next: [{do: j}]}\n  j: {join: 0, action: core.echo m=<% ctx(x) %>}\n',
    app_context: null,
    expected: {
      errors: {
        context: [
          {
            type: 'yaql',
            expression: '<% ctx(x) %>',
            message: 'Variable "x" is referenced before assignment.',
            spec_path: 'tasks.j.input',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'loop',
    definition_yaml:
      'version: 1.0\nvars: [{n: 0}]\ntasks:\n  s: {next: [{do: w}]}\n  w:\n    next:\n      - when: <% ctx().n < 3 %>\n        publish: n=<% ctx().n + 1 %> last=<% ctx().n %>\n        do: w\n      - when: <% ctx().n >= 3 %>\n        do: e\n  e: {action: core.echo m=<% ctx().last %>}\n',
    app_context: null,
    expected: {
      errors: {
        context: [
          {
            type: 'yaql',
            expression: '<% ctx().last %>',
            message: 'Variable "last" is referenced before assignment.',
            spec_path: 'tasks.e.input',
          },
        ],
      },
    },
    rule: null,
  },
  {
    id: 'task name with a dash',
    definition_yaml: 'version: 1.0\ntasks:\n  a-b: {action: x}\n',
    app_context: null,
    expected: {
      inspect_exception: "AttributeError: 'TaskMappingSpec' object has no attribute 'a-b'",
    },
    rule: null,
  },
  {
    id: 'boolean key',
    definition_yaml: 'version: 1.0\nvars:\n  - no: 1\ntasks:\n  a: {action: x}\n',
    app_context: null,
    expected: {
      inspect_exception: "TypeError: expected string or bytes-like object, got 'bool'",
    },
    rule: null,
  },
  {
    id: 'duplicate key',
    definition_yaml: 'version: 1.0\ntasks:\n  a: {action: x}\n  a: {action: y}\n',
    app_context: null,
    expected: {
      instantiate_error: 'ValueError: Failed to load workflow definition because found duplicate key "a".',
    },
    rule: null,
  },
  {
    id: 'empty task',
    definition_yaml: 'version: 1.0\ntasks:\n  a: {}\n',
    app_context: null,
    expected: {
      inspect_exception: "AttributeError: 'dict' object has no attribute 'next'",
    },
    rule: null,
  },
  {
    id: 'number as target',
    definition_yaml: 'version: 1.0\ntasks:\n  a: {next: [{do: 5}]}\n',
    app_context: null,
    expected: {
      inspect_exception: "TypeError: 'int' object is not iterable",
    },
    rule: null,
  },
  {
    id: 'no entry point',
    definition_yaml:
      'version: 1.0\ntasks:\n  a: {next: [{publish: x=1, do: b}]}\n  b: {next: [{do: a}, {do: nowhere}]}\noutput:\n  - x: <% ctx(x) %>\n',
    app_context: null,
    expected: {
      errors: {
        semantics: [
          {
            message: 'Unable to identify any tasks to start the workflow.',
            spec_path: 'tasks',
          },
        ],
        context: [
          {
            type: 'yaql',
            expression: '<% ctx(x) %>',
            message: 'Variable "x" is referenced before assignment.',
            spec_path: 'output[0]',
          },
        ],
      },
    },
    rule: 'entry-point, undefined-tasks',
  },
  {
    id: 'undefined task off the ways',
    definition_yaml:
      'version: 1.0\ntasks:\n  a: {action: x}\n  b: {next: [{do: c}]}\n  c: {next: [{do: b}, {do: nowhere}]}\n',
    app_context: null,
    expected: {
      errors: {},
    },
    rule: 'undefined-tasks',
  },
  {
    id: 'with without items',
    definition_yaml: 'version: 1.0\ntasks:\n  a: {action: x, with: {concurrency: 1}}\n',
    app_context: null,
    expected: {
      errors: {},
    },
    rule: 'with-without-items',
  },
  {
    id: 'dates',
    definition_yaml: 'version: 1.0\nvars:\n  - since: 2020-01-01\ntasks:\n  a: {action: x}\n',
    app_context: null,
    expected: {
      errors: {
        syntax: [
          {
            message: '',
            spec_path: 'vars[0].since',
            schema_path: 'properties.vars.items.patternProperties.^\\w+$.anyOf',
          },
        ],
      },
    },
    rule: 'dates',
  },
  {
    id: 'numbers',
    definition_yaml: 'version: 1.0\nvars:\n  - id: 9007199254740993\ntasks:\n  a: {action: x}\n',
    app_context: null,
    expected: {
      errors: {},
    },
    rule: 'numbers',
  },
  {
    id: 'task called items',
    definition_yaml: 'version: 1.0\ntasks:\n  items: {action: x}\n',
    app_context: null,
    expected: {
      inspect_exception: "TypeError: 'TaskSpec' object is not callable",
    },
    rule: 'task-names',
  },
  {
    id: 'additions',
    definition_yaml:
      'version: 1.0\nmatch: first\ntasks:\n  a: {action: x, timeout: 30s, priority: 70, retry: {count: 2, factor: 2, max_delay: 60, jitter: 0.5}}\n',
    app_context: null,
    expected: {
      errors: {
        syntax: [
          {
            message: '',
            spec_path: null,
            schema_path: 'additionalProperties',
          },
          {
            message: '',
            spec_path: 'tasks.a',
            schema_path: 'properties.tasks.patternProperties.^\\w+$.additionalProperties',
          },
          {
            message: '',
            spec_path: 'tasks.a.retry',
            schema_path: 'properties.tasks.patternProperties.^\\w+$.properties.retry.additionalProperties',
          },
        ],
      },
    },
    rule: 'additions',
  },
];

describe('given recorded inspections', () => {
  it.each(cases.filter(({ rule }) => rule === null))('when the document is "$id", then we find the same', (one) => {
    expect(runInspectionCase(one)).toEqual({ id: one.id, outcome: 'passed' });
  });

  it.each(cases.filter(({ rule }) => rule !== null))('when a rule covers "$id", then we find what it says', (one) => {
    expect(runInspectionCase(one)).toEqual({ id: one.id, outcome: 'differs', rule: one.rule });
  });

  it('when a recorded finding is not ours, then the case fails and says which', () => {
    const [plain] = cases;
    const expected = { errors: { syntax: [{ spec_path: 'tasks', schema_path: 'x', message: '' }] } };

    expect(runInspectionCase({ ...plain!, expected })).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('tasks'),
    });
  });
});
