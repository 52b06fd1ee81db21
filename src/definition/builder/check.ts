/** Whether the pieces of a graph fit together: names, needs, cycles, and the fields of the graph as a whole. `dag-semantics.ts` is the same for YAML. */

import { jsonFault } from '../../base/index.ts';
import { compactGraph, cycleWitness, strongComponents } from '../../graph/index.ts';
import { isCommand } from '../language.ts';
import { didYouMean } from '../suggestion.ts';
import type { FaultList } from './faults.ts';
import type { FlatTask } from './flatten.ts';
import type { WholeGraph } from './pieces.ts';
import { shown } from './value-sources.ts';

const namePattern = /^[\p{L}\p{M}\p{N}_]+$/u;
const nameLengthMax = 200;
/** Names that closures see something else under. */
const takenNames: ReadonlySet<string> = new Set(['input', 'result']);
const triggers: readonly string[] = ['all_succeeded', 'all_done', 'any_succeeded', 'none_failed'];
const failures: readonly string[] = ['stop', 'skip', 'partial'];
const workTypes: readonly string[] = ['compute', 'io', 'network', 'hybrid'];
/** Suggestions cost a search. */
const suggestionsMax = 100;

const taskKeys =
  'needs trigger when delay timeout deadline priority retry intervention group cache expand secrets title type workerType resources estimate action input run fallback compensate';
const keysOfTask: ReadonlySet<string> = new Set(taskKeys.split(' '));
const keysOfMap: ReadonlySet<string> = new Set([...keysOfTask, 'over', 'width']);
const keysOfInclude: ReadonlySet<string> = new Set(['needs', 'input']);
const keysOfGraph: ReadonlySet<string> = new Set(
  'name version description tags input vars failure concurrency limits metadata constraints createdAt scheduledAt pieces'.split(
    ' ',
  ),
);

export function checkGraphFields(graph: WholeGraph, faults: FaultList): void {
  const { name, version, concurrency, failure = 'stop', limits = {}, vars = {} } = graph;
  const wrong = (field: string, value: unknown, wanted: string): void =>
    faults.add('wrong_value', undefined, `"${field}" of the graph is ${shown(value)}, and must be ${wanted}.`);
  if (typeof name !== 'string' || name === '')
    faults.add('invalid_name', undefined, `A graph is called ${shown(name)}, and must have a name that is not empty.`);
  if (version !== undefined && (typeof version !== 'string' || version === ''))
    wrong('version', version, 'text that is not empty');
  if (!failures.includes(failure)) wrong('failure', failure, `one of ${failures.join(', ')}`);
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency >= 1))
    faults.add(
      'number_out_of_range',
      undefined,
      `"concurrency" is ${shown(concurrency)}, and must be a whole number from 1.`,
    );
  for (const [field, value] of Object.entries(limits)) {
    if (!(typeof value === 'number' && value >= 0))
      faults.add(
        'number_out_of_range',
        undefined,
        `"limits.${field}" is ${shown(value)}, and must be a number from 0.`,
      );
  }
  for (const field of ['tags', 'metadata', 'constraints', 'description', 'createdAt', 'scheduledAt'] as const) {
    const fault = graph[field] === undefined ? undefined : jsonFault(graph[field]);
    if (fault !== undefined) faults.add('not_json', undefined, `"${field}" of the graph is not JSON: ${fault}.`);
  }
  if (graph.input !== undefined && typeof graph.input?.['~standard']?.validate !== 'function')
    wrong('input', graph.input, 'a schema that follows Standard Schema, such as one of zod');
  checkKeys(graph, keysOfGraph, undefined, 'The graph', faults);
  checkVars(Object.keys(vars), faults);
}

function checkVars(names: readonly string[], faults: FaultList): void {
  for (const name of names) {
    if (!isName(name)) faults.add('invalid_name', undefined, `The variable ${shown(name)} ${nameAdvice}`);
    else if (takenNames.has(name))
      faults.add(
        'hidden_variable',
        undefined,
        `A variable cannot be called "${name}": closures see something else under that name.`,
      );
  }
}

export function checkTasks(graph: WholeGraph, flat: readonly FlatTask[], faults: FaultList): void {
  if (flat.length === 0)
    faults.add('no_tasks', undefined, `The graph "${graph.name}" has no tasks: add one with "task".`);
  checkIncludes(graph, '', faults);
  const byName = new Map<string, number>();
  flat.forEach((task, index) => {
    checkOne(task, byName.has(task.name), faults);
    if (!byName.has(task.name)) byName.set(task.name, index);
  });
  for (const task of flat) checkNeeds(task, byName, faults);
  checkCycles(flat, byName, faults);
  checkOutput(graph, byName, faults);
}

const nameAdvice = 'is no name: use letters, digits and underscores, up to 200.';

function isName(name: unknown): boolean {
  return typeof name === 'string' && name.length <= nameLengthMax && namePattern.test(name);
}

function checkIncludes(graph: WholeGraph, before: string, faults: FaultList): void {
  const prefixes = new Set<string>();
  for (const piece of graph.pieces) {
    if (piece.kind !== 'include') continue;
    const { prefix, segment, options } = piece;
    const full = `${before}${prefix}`;
    if (!isName(prefix)) faults.add('invalid_name', undefined, `The prefix ${shown(prefix)} ${nameAdvice}`);
    if (prefixes.has(prefix))
      faults.add('duplicate_task', undefined, `Two segments have the prefix "${full}": give one of them another.`);
    prefixes.add(prefix);
    checkKeys(options, keysOfInclude, undefined, `The segment "${full}"`, faults);
    checkVars(Object.keys(segment.vars ?? {}), faults);
    checkIncludes(segment, `${full}.`, faults);
  }
}

function checkOne({ kind, name, short, options, frame }: FlatTask, isTaken: boolean, faults: FaultList): void {
  if (!isName(short)) faults.add('invalid_name', name, `The task ${shown(short)} ${nameAdvice}`);
  else if (isCommand(short) || takenNames.has(short))
    faults.add(
      'reserved_task_name',
      name,
      `"${short}" means something else and cannot name a task: rename it, for example to "${short}_task".`,
    );
  if (isTaken) faults.add('duplicate_task', name, `There are two tasks "${name}": rename one.`);
  if (frame.vars.includes(short))
    faults.add(
      'hidden_variable',
      name,
      `The task "${name}" has the name of a variable, which its result would hide: rename one of them.`,
    );
  const oneOf = (field: string, value: unknown, allowed: readonly string[]): void => {
    if (value !== undefined && !allowed.includes(value as string))
      faults.add(
        'wrong_value',
        name,
        `"${field}" of the task "${name}" is ${shown(value)}, and must be one of ${allowed.join(', ')}.`,
      );
  };
  oneOf('trigger', options.trigger, triggers);
  oneOf('type', options.type, workTypes);
  for (const need of Array.isArray(options.needs) ? options.needs : []) {
    if (typeof need === 'object' && need !== null) oneOf('needs', need.kind, ['blocking', 'preferred']);
  }
  if (options.needs !== undefined && !Array.isArray(options.needs))
    faults.add(
      'wrong_value',
      name,
      `"needs" of the task "${name}" is ${shown(options.needs)}, and must be a list of names.`,
    );
  checkKeys(options, kind === 'map' ? keysOfMap : keysOfTask, name, `The task "${name}"`, faults);
}

function checkKeys(
  written: object,
  known: ReadonlySet<string>,
  task: string | undefined,
  what: string,
  faults: FaultList,
): void {
  for (const key of Object.keys(written)) {
    if (!known.has(key))
      faults.add('unknown_key', task, `${what} has "${key}", which means nothing.${didYouMean(key, known)}`);
  }
}

function checkNeeds({ name, needs }: FlatTask, byName: ReadonlyMap<string, number>, faults: FaultList): void {
  const seen = new Set<string>();
  for (const { task, short } of needs) {
    if (task === name) {
      faults.add('self_need', name, `The task "${name}" needs itself, and could never start: take it out.`);
    } else if (seen.has(task)) {
      faults.add('repeated_need', name, `The task "${name}" needs "${task}" twice: name it once.`);
    } else if (!byName.has(task)) {
      const near = faults.faults.length < suggestionsMax ? didYouMean(task, byName.keys()) : '';
      const by = short === undefined ? 'its segment needs' : 'needs';
      faults.add('undefined_task', name, `The task "${name}" ${by} "${task}", and there is no such task.${near}`);
    }
    seen.add(task);
  }
}

/** One fault for each set of tasks that wait for each other, with a cycle of it. */
function checkCycles(flat: readonly FlatTask[], byName: ReadonlyMap<string, number>, faults: FaultList): void {
  const from: number[] = [];
  const to: number[] = [];
  for (const { name, needs } of flat) {
    const index = byName.get(name)!;
    for (const need of needs) {
      const before = byName.get(need.task);
      if (before === undefined || before === index) continue;
      from.push(before);
      to.push(index);
    }
  }
  const nodeCount = flat.length;
  if (cycleWitness(compactGraph({ nodeCount, from, to })) === undefined) return;
  const { componentOf } = strongComponents(compactGraph({ nodeCount, from, to }));
  const inside = new Map<number, { from: number[]; to: number[] }>();
  for (const [row, before] of from.entries()) {
    const component = componentOf[before]!;
    if (component !== componentOf[to[row]!]) continue;
    const edges = inside.get(component) ?? { from: [], to: [] };
    edges.from.push(before);
    edges.to.push(to[row]!);
    inside.set(component, edges);
  }
  for (const edges of inside.values()) cycleFault(edges, flat, faults);
}

function cycleFault(edges: { from: number[]; to: number[] }, flat: readonly FlatTask[], faults: FaultList): void {
  const numbers = [...new Set(edges.from)].sort((a, b) => a - b);
  const place = new Map(numbers.map((task, index) => [task, index]));
  const local = (column: readonly number[]): number[] => column.map((task) => place.get(task)!);
  const graph = compactGraph({ nodeCount: numbers.length, from: local(edges.from), to: local(edges.to) });
  const names = [...cycleWitness(graph)!].map((index) => flat[numbers[index]!]!.name);
  const cycle = names[0] === names[names.length - 1] ? names : [...names, names[0]!];
  const text = cycle.length > 12 ? [...cycle.slice(0, 10), '…', cycle[cycle.length - 1]!] : cycle;
  faults.add(
    'cycle',
    cycle[0],
    `The tasks wait for each other in a circle, so that none of them could start: ${text.join(' -> ')}. Take one of these needs out.`,
    { cycle },
  );
}

function checkOutput({ pieces }: WholeGraph, byName: ReadonlyMap<string, number>, faults: FaultList): void {
  for (const piece of pieces) {
    if (piece.kind !== 'output') continue;
    if (typeof piece.give !== 'function')
      faults.add('wrong_value', undefined, 'The output has no closure: write output([names], (results) => …).');
    for (const name of piece.names) {
      if (!byName.has(name))
        faults.add(
          'undefined_task',
          undefined,
          `The output reads "${name}", and there is no such task.${didYouMean(name, byName.keys())}`,
        );
    }
  }
}
