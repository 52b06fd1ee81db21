/** What the compiler knows of a graph that is built in code. `tsc` is the judge; the bodies only have to run. */

import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  type ActionContext,
  type CodeWorkflow,
  createPawl,
  dag,
  defineAction,
  type Json,
  type JsonObject,
  type Workflow,
  type WorkflowInput,
  type WorkflowOutput,
} from '../../src/index.ts';
import { longGraph } from './long-graph.ts';

const price = defineAction({
  name: 'shop.price',
  input: z.object({ item: z.string() }),
  handler: async ({ item }) => ({ item, cents: 300 }),
});

const three = dag('three')
  .task('install', { run: async () => ({ dir: 'out' }) })
  .task('lint', { needs: ['install'], run: ({ install }) => ({ warnings: install.dir.length }) })
  .task('count', { run: () => 42 });

describe('given the types of results', () => {
  it('when a task returns a promise, then those that need it see what it resolves to', () => {
    three.task('x', {
      needs: ['install', 'lint'],
      run: (seen) => {
        expectTypeOf(seen).toEqualTypeOf<{
          readonly input: JsonObject;
          readonly install: { dir: string };
          readonly lint: { warnings: number };
        }>();
        return null;
      },
    });
    expect(three.check()).toEqual([]);
  });

  it('when a task is not needed, then it is not seen', () => {
    three.task('x', {
      needs: ['install'],
      // @ts-expect-error: lint is not among the needs
      run: ({ lint }) => lint ?? null,
    });
    expect(three.check()).toEqual([]);
  });

  it('when a task that is not there is needed, then it does not compile', () => {
    // @ts-expect-error: there is no task instal
    three.task('x', { needs: ['instal'], run: () => null });
    // @ts-expect-error: there is no task instal
    three.task('x', { needs: [{ task: 'instal', kind: 'preferred' }], run: () => null });
    // @ts-expect-error: there is no such kind
    three.task('x', { needs: [{ task: 'install', kind: 'soft' }], run: () => null });
    expect(three.check()).toEqual([]);
  });

  it('when a name is taken, then it does not compile', () => {
    // @ts-expect-error: there is a task install
    three.task('install', { run: () => 1 });
    // @ts-expect-error: closures see the input of the workflow under this name
    three.task('input', { run: () => 1 });
    // @ts-expect-error: there is a task install
    three.map('install', { over: [1], run: (item) => item });
    expect(three.check()).toEqual([]);
  });

  it('when a need is preferred or the trigger lets failures pass, then the result may be null', () => {
    three.task('x', {
      needs: ['install', { task: 'lint', kind: 'preferred' }],
      run: ({ install, lint }) => {
        expectTypeOf(install).toEqualTypeOf<{ dir: string }>();
        expectTypeOf(lint).toEqualTypeOf<{ warnings: number } | null>();
        return null;
      },
    });
    three.task('x', {
      needs: ['install', 'count'],
      trigger: 'all_done',
      run: ({ install, count }) => {
        expectTypeOf(install).toEqualTypeOf<{ dir: string } | null>();
        expectTypeOf(count).toEqualTypeOf<number | null>();
        return null;
      },
    });
    three.task('x', {
      needs: ['install', { task: 'lint', kind: 'blocking' }],
      trigger: 'any_succeeded',
      when: ({ lint }) => {
        expectTypeOf(lint).toEqualTypeOf<{ warnings: number } | null>();
        return lint !== null;
      },
    });
    // @ts-expect-error: there is no such trigger
    three.task('x', { needs: ['install'], trigger: 'some_succeeded', run: () => null });
    expect(three.check()).toEqual([]);
  });

  it('when a task returns nothing, or does nothing, then its result is null', () => {
    dag('x')
      .task('nothing', { run: () => {} })
      .task('gate', { needs: ['nothing'] })
      .task('last', {
        needs: ['nothing', 'gate'],
        run: ({ nothing, gate }) => {
          expectTypeOf(nothing).toEqualTypeOf<null>();
          expectTypeOf(gate).toEqualTypeOf<null>();
          return null;
        },
      });
    expect(three.check()).toEqual([]);
  });

  it('when a task returns what JSON cannot hold, then it does not compile', () => {
    // @ts-expect-error: a date
    three.task('x', { run: () => ({ at: new Date() }) });
    // @ts-expect-error: a function
    three.task('x', { run: () => ({ call: () => 1 }) });
    // @ts-expect-error: a map
    three.task('x', { run: async () => new Map<string, string>() });
    // @ts-expect-error: a field that is there and undefined
    three.task('x', { run: () => ({ found: undefined as string | undefined }) });
    // @ts-expect-error: nobody knows
    three.task('x', { run: async () => ({ found: {} as unknown }) });
    expect(three.check()).toEqual([]);
  });

  it('when a task returns an interface with optional fields, then it compiles', () => {
    interface Found {
      readonly path: string;
      readonly line?: number;
      readonly more: readonly Found[];
    }
    three
      .task('x', { run: (): Found => ({ path: 'a', more: [] }) })
      .task('y', {
        needs: ['x'],
        run: ({ x }) => {
          expectTypeOf(x).toEqualTypeOf<Found>();
          return x.line ?? 0;
        },
      })
      .task('any', { run: (): Json => 1 });
    expect(three.check()).toEqual([]);
  });
});

describe('given the types of inputs', () => {
  it('when a task has an input closure, then its run gets what that gives', () => {
    three.task('x', {
      needs: ['install'],
      input: ({ install, input }) => {
        expectTypeOf(input).toEqualTypeOf<JsonObject>();
        return { where: install.dir, depth: 2 };
      },
      run: (given, context) => {
        expectTypeOf(given).toEqualTypeOf<{ where: string; depth: number }>();
        expectTypeOf(context).toEqualTypeOf<ActionContext>();
        return given.where;
      },
    });
    expect(three.check()).toEqual([]);
  });

  it('when a task has a constant input, then its run gets that', () => {
    three.task('x', {
      input: { where: 'here', depth: 2 },
      run: (given) => {
        expectTypeOf(given).toEqualTypeOf<{ where: string; depth: number }>();
        return given.depth;
      },
    });
    expect(three.check()).toEqual([]);
  });

  it('when the graph has a schema, then closures see what it lets through, and a start gives what it takes', () => {
    const schema = z.object({ dir: z.string(), width: z.number().default(2) });
    const graph = dag('x', { input: schema }).task('a', {
      when: ({ input }) => {
        expectTypeOf(input).toEqualTypeOf<{ dir: string; width: number }>();
        return input.width > 1;
      },
      run: ({ input }) => input.dir,
    });
    const built = graph.build();
    expectTypeOf<WorkflowInput<typeof built>>().toEqualTypeOf<{ dir: string; width?: number | undefined }>();
    expectTypeOf<WorkflowInput<typeof graph>>().toEqualTypeOf<{ dir: string; width?: number | undefined }>();
    expect(graph.check()).toEqual([]);
  });

  it('when the graph has variables, then closures see them', () => {
    dag('x', {
      input: z.object({ n: z.number() }),
      vars: { base: 10, twice: ({ input }) => input.n * 2, list: ['a'] },
    }).task('a', {
      run: (seen) => {
        expectTypeOf(seen.base).toEqualTypeOf<number>();
        expectTypeOf(seen.twice).toEqualTypeOf<number>();
        expectTypeOf(seen.list).toEqualTypeOf<string[]>();
        return seen.base + seen.twice;
      },
    });
    // @ts-expect-error: base is a variable
    dag('x', { vars: { base: 10 } }).task('base', { run: () => 1 });
    expect(three.check()).toEqual([]);
  });
});

describe('given the types of actions', () => {
  it('when a task calls an action of defineAction, then its result is what the handler gives', () => {
    dag('x')
      .task('tea', { action: price, input: { item: 'tea' } })
      .task('echo', { action: 'core.echo', input: { message: 'hi' } })
      .task('sum', {
        needs: ['tea', 'echo'],
        run: ({ tea, echo }) => {
          expectTypeOf(tea).toEqualTypeOf<{ item: string; cents: number }>();
          expectTypeOf(echo).toEqualTypeOf<Json>();
          return tea.cents;
        },
      });
    expect(three.check()).toEqual([]);
  });
});

describe('given the types of policies', () => {
  it('when a task has a fallback, then its result is what either gives', () => {
    three
      .task('x', {
        input: { url: 'a' },
        run: async ({ url }) => ({ from: url }),
        fallback: {
          run: (given) => {
            expectTypeOf(given).toEqualTypeOf<{ url: string }>();
            return 'none';
          },
        },
      })
      .task('y', {
        needs: ['x'],
        run: ({ x }) => {
          expectTypeOf(x).toEqualTypeOf<{ from: string } | string>();
          return null;
        },
      })
      .task('z', { run: async () => 1, fallback: { action: price, input: { item: 'tea' } } })
      .task('end', {
        needs: ['z'],
        run: ({ z: given }) => {
          expectTypeOf(given).toEqualTypeOf<number | { item: string; cents: number }>();
          return null;
        },
      });
    expect(three.check()).toEqual([]);
  });

  it('when a task is undone, then the closure gets its result beside what the task saw', () => {
    three.task('x', {
      needs: ['install'],
      run: async ({ install }) => ({ copied: install.dir }),
      compensate: {
        run: async (seen, context) => {
          expectTypeOf(seen.result).toEqualTypeOf<{ copied: string }>();
          expectTypeOf(seen.install).toEqualTypeOf<{ dir: string }>();
          expectTypeOf(context).toEqualTypeOf<ActionContext>();
        },
      },
    });
    three.task('y', {
      run: async () => ({ id: 7 }),
      compensate: { action: 'core.echo', input: ({ result }) => ({ message: result.id }) },
    });
    expect(three.check()).toEqual([]);
  });

  it('when a task has closures in its policies, then they see its needs and its result', () => {
    three.task('x', {
      needs: ['lint'],
      run: async () => ({ files: ['a'] }),
      retry: {
        count: ({ lint }) => lint.warnings,
        when: ({ status, result }, { lint }) => {
          expectTypeOf(status).toEqualTypeOf<'succeeded' | 'failed'>();
          expectTypeOf(result).toEqualTypeOf<{ files: string[] } | null>();
          return lint.warnings > 0;
        },
      },
      timeout: ({ lint }) => lint.warnings,
      cache: { key: ({ lint }) => lint.warnings, ttl: '1h' },
      expand: ({ files }, { lint }) => files.map((name) => ({ name, run: 'count', input: lint.warnings })),
    });
    // @ts-expect-error: no such policy
    three.task('x', { run: () => 1, retries: 3 });
    expect(three.check()).toEqual([]);
  });
});

describe('given the types of maps', () => {
  it('when a list is mapped, then the run gets an item and those that need it see the list of results', () => {
    three
      .map('sizes', {
        needs: ['install'],
        over: ({ install }) => [install.dir, 'b'],
        width: 2,
        run: async (item, context) => {
          expectTypeOf(item).toEqualTypeOf<string>();
          expectTypeOf(context).toEqualTypeOf<ActionContext>();
          return item.length;
        },
      })
      .map('prices', {
        needs: ['sizes'],
        over: ({ sizes }) => sizes,
        input: (size, { sizes }) => ({ item: String(size + sizes.length) }),
        action: price,
      })
      .task('sum', {
        needs: ['sizes', 'prices'],
        run: ({ sizes, prices }) => {
          expectTypeOf(sizes).toEqualTypeOf<readonly number[]>();
          expectTypeOf(prices).toEqualTypeOf<readonly { item: string; cents: number }[]>();
          return sizes.length;
        },
      });
    // @ts-expect-error: a map has a list
    three.map('x', { run: (item) => item });
    expect(three.check()).toEqual([]);
  });
});

describe('given the types of segments', () => {
  const segment = dag('deploy', { input: z.object({ host: z.string() }) })
    .task('push', { run: ({ input }) => ({ to: input.host }) })
    .task('check', { needs: ['push'], run: ({ push }) => push.to.length });

  it('when a segment is included, then its tasks can be needed by their full names', () => {
    three
      .include('deploy', segment, {
        needs: ['install'],
        input: ({ install }) => ({ host: install.dir }),
      })
      .task('x', {
        needs: ['deploy.push', 'deploy.check'],
        run: (seen) => {
          expectTypeOf(seen['deploy.push']).toEqualTypeOf<{ to: string }>();
          expectTypeOf(seen['deploy.check']).toEqualTypeOf<number>();
          return null;
        },
      });
    expect(three.check()).toEqual([]);
  });

  it('when the input does not fit the segment, then it does not compile', () => {
    // @ts-expect-error: a host is text
    three.include('deploy', segment, { needs: ['count'], input: ({ count }) => ({ host: count }) });
    // @ts-expect-error: the workflow's input is not known to have a host
    three.include('deploy', segment);
    // @ts-expect-error: there is no task instal
    three.include('deploy', segment, { needs: ['instal'], input: () => ({ host: 'a' }) });
    dag('x', { input: z.object({ host: z.string(), more: z.number() }) }).include('deploy', segment);
    expect(three.check()).toEqual([]);
  });
});

describe('given the types of outputs', () => {
  it('when every task is sure to run, then the output sees their results', () => {
    const graph = three.output(['lint', 'count'], (seen) => {
      expectTypeOf(seen.lint).toEqualTypeOf<{ warnings: number }>();
      expectTypeOf(seen.count).toEqualTypeOf<number>();
      return { total: seen.lint.warnings + seen.count };
    });
    expectTypeOf<WorkflowOutput<typeof graph>>().toEqualTypeOf<{ total: number }>();
    // @ts-expect-error: there is no task publish
    three.output(['publish'], () => null);
    expect(graph.check()).toEqual([]);
  });

  it('when a task has a condition, then it and what needs it may be null in the output', () => {
    three
      .task('maybe', { when: () => true as boolean, run: () => 1 })
      .task('after', { needs: ['maybe'], run: () => 2 })
      .task('always', { needs: ['maybe'], trigger: 'all_done', run: () => 3 })
      .output(['maybe', 'after', 'always'], ({ maybe, after, always }) => {
        expectTypeOf(maybe).toEqualTypeOf<number | null>();
        expectTypeOf(after).toEqualTypeOf<number | null>();
        expectTypeOf(always).toEqualTypeOf<number>();
        return always;
      });
    expect(three.check()).toEqual([]);
  });

  it('when failures are let pass, then every result may be null', () => {
    dag('x', { failure: 'partial' })
      .task('a', { run: () => 1 })
      .output(['a'], ({ a }) => {
        expectTypeOf(a).toEqualTypeOf<number | null>();
        return a;
      });
    expect(three.check()).toEqual([]);
  });

  it('when nothing is said, then a run gives a map', () => {
    expectTypeOf<WorkflowOutput<typeof three>>().toEqualTypeOf<JsonObject>();
    expect(three.check()).toEqual([]);
  });
});

describe('given graphs where engines and loops take them', () => {
  it('when a builder or what it builds is started, then it compiles', () => {
    const start = async () => {
      const pawl = await createPawl({ path: ':memory:', workflows: [three, three.build()] });
      await pawl.start(three);
      await pawl.run(three.build());
    };
    expectTypeOf(start).returns.resolves.toEqualTypeOf<void>();
    expect(three.check()).toEqual([]);
  });

  it('when a workflow has no types, then it takes any map and gives any Json', () => {
    expectTypeOf<WorkflowInput<CodeWorkflow<ActionContext>>>().toEqualTypeOf<JsonObject>();
    expectTypeOf<WorkflowOutput<CodeWorkflow<ActionContext>>>().toEqualTypeOf<Json>();
    expectTypeOf<WorkflowInput<Workflow>>().toEqualTypeOf<JsonObject>();
    expect(three.check()).toEqual([]);
  });

  it('when names only show at run time, then an open graph takes them', () => {
    let graph = dag('x')
      .open()
      .task('t0', { run: () => 0 });
    for (let index = 1; index < 3; index += 1) {
      graph = graph.task(`t${index}`, {
        needs: [`t${index - 1}`],
        run: (seen) => {
          expectTypeOf(seen.input).toEqualTypeOf<JsonObject>();
          return Object.keys(seen);
        },
      });
    }
    expect(graph.check()).toEqual([]);
  });

  it('when a graph has more than a hundred tasks, then each still knows what the one before gives', () => {
    expectTypeOf<WorkflowOutput<typeof longGraph>>().toEqualTypeOf<number>();
    expect(longGraph.definition.tasks.size).toBe(110);
  });
});
