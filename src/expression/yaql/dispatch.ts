/**
 * Which function a call means: YAQL has several under one name, told apart by what their signatures accept.
 *
 * C1. Candidates are sifted before the arguments are evaluated, by count, names and constants; then the arguments are
 *     evaluated once; then the values choose. Functions made by `def` come before the library's, nearest first.
 * C2. Where two candidates of one level fit, one must be narrower, or the call is ambiguous.
 */

import { enter, leave, spend } from '../budget.ts';
import { Failure } from '../failure.ts';
import { reprOf } from '../python/text.ts';
import type { Value } from '../python/values.ts';
import { type Argument, Code } from './code.ts';
import type { Frame } from './frame.ts';
import { Arguments, type FunctionSpec, fits, isNarrower, type Parameter } from './signature.ts';

const library = new Map<string, FunctionSpec[]>();

/** Adds functions to the library, at load. */
export function register(specs: readonly FunctionSpec[]): void {
  for (const spec of specs) {
    const known = library.get(spec.name);
    if (known) known.push(spec);
    else library.set(spec.name, [spec]);
  }
}

export function isRegistered(name: string): boolean {
  return library.has(name);
}

interface Candidate {
  readonly spec: FunctionSpec;
  /** The parameter that each positional argument falls to. */
  readonly positional: readonly Parameter[];
}

/** Calls the function `name`. `receiver` undefined: a function; otherwise a method, the receiver its first argument. */
export function call(name: string, receiver: Value | undefined, given: readonly Argument[], frame: Frame): Value {
  spend(3);
  enter();
  const isMethod = receiver !== undefined;
  const levels = [...frame.definitions(name), library.get(name) ?? []]
    .map((specs) => specs.filter((spec) => (isMethod ? spec.isMethod : spec.isFunction)))
    .filter((specs) => specs.length > 0);
  const first = levels[0]?.[0];
  if (first === undefined) {
    throw isMethod
      ? new Failure('NoMethodRegisteredException', `Unknown method "${name}" for receiver ${shown(receiver)}`)
      : new Failure('NoFunctionRegisteredException', `Unknown function "${name}"`);
  }
  const all = isMethod ? [receiver, ...given] : given;
  const { args, named } = first.noKeywords ? { args: all, named: noNames } : splitNamed(all);
  const sifted: Candidate[][] = [];
  let lazy: string | null = null;
  let lazyArguments: ReadonlySet<number | string> = new Set();
  for (const level of levels) {
    const kept: Candidate[] = [];
    for (const spec of level) {
      if (spec.noKeywords !== first.noKeywords) throw ambiguous(name, receiver);
      const positional = place(spec, args, named);
      if (positional === null) continue;
      const found = lazyOf(spec, positional, named);
      const key = [...found].sort().join();
      if (lazy === null) {
        lazy = key;
        lazyArguments = found;
      } else if (lazy !== key) throw ambiguous(name, receiver);
      kept.push({ spec, positional });
    }
    if (kept.length > 0) sifted.push(kept);
  }
  if (sifted.length === 0) throw noMatch(name, receiver);

  const evaluated = args.map((argument, index) => (lazyArguments.has(index) ? argument : settle(argument, frame)));
  const evaluatedNames = new Map<string, Argument>();
  for (const [key, argument] of named) {
    evaluatedNames.set(key, lazyArguments.has(key) ? argument : settle(argument, frame));
  }
  const chosen = choose(sifted, evaluated, evaluatedNames, () => ambiguous(name, receiver));
  if (chosen === null) throw noMatch(name, receiver);
  const result = chosen.spec.run(bind(chosen.spec, evaluated, evaluatedNames, frame));
  leave();
  return result;
}

const noNames: ReadonlyMap<string, Argument> = new Map();

/** Evaluates code, but leaves constants as they are: some parameters look at the word itself. */
function settle(argument: Argument, frame: Frame): Argument {
  return argument instanceof Code && argument.kind !== 'constant' ? argument.run(undefined, frame) : argument;
}

function splitNamed(all: readonly Argument[]): { args: readonly Argument[]; named: ReadonlyMap<string, Argument> } {
  if (!all.some((argument) => argument instanceof Code && argument.kind === 'rule'))
    return { args: all, named: noNames };
  const args: Argument[] = [];
  const named = new Map<string, Argument>();
  for (const argument of all) {
    if (!(argument instanceof Code) || argument.source === null || argument.destination === null) {
      args.push(argument);
      continue;
    }
    if (!argument.source.isKeyword) {
      throw new Failure(
        'MappingTranslationException',
        'Cannot convert mapping to keyword argument: the name before => must be a bare word',
      );
    }
    named.set(argument.source.value as string, argument.destination);
  }
  return { args, named };
}

/** Gives each argument its parameter, or null where the signature does not take them. */
function place(
  spec: FunctionSpec,
  args: readonly Argument[],
  named: ReadonlyMap<string, Argument>,
): Parameter[] | null {
  const positional: Parameter[] = [];
  let namesUsed = 0;
  for (let index = 0; index < spec.parameters.length; index++) {
    const parameter = spec.parameters[index] as Parameter;
    const isNamed = named.has(parameter.name);
    if (index < args.length && args[index] !== undefined) {
      if (isNamed) return null;
      positional.push(parameter);
    } else if (isNamed) {
      namesUsed++;
      if (index < args.length) return null;
      if (!fits(parameter, named.get(parameter.name))) return null;
    } else if (!parameter.hasDefault) {
      return null;
    } else if (index < args.length) positional.push(parameter);
  }
  if (args.length > spec.parameters.length) {
    if (spec.rest === null) return null;
    for (let index = spec.parameters.length; index < args.length; index++) positional.push(spec.rest);
  }
  if (named.size > namesUsed) {
    if (spec.keywords === null) return null;
  }
  for (let index = 0; index < args.length; index++) {
    const parameter = positional[index];
    if (parameter === undefined) return null;
    const argument = args[index];
    if (argument === undefined) {
      if (index >= spec.parameters.length) return null;
      continue;
    }
    if (!fits(parameter, argument)) return null;
  }
  return positional;
}

function lazyOf(
  spec: FunctionSpec,
  positional: readonly Parameter[],
  named: ReadonlyMap<string, Argument>,
): Set<number | string> {
  const lazy = new Set<number | string>();
  positional.forEach((parameter, index) => {
    if (parameter.type.lazy) lazy.add(index);
  });
  for (const key of named.keys()) {
    const parameter = spec.parameters.find((candidate) => candidate.name === key) ?? spec.keywords;
    if (parameter?.type.lazy) lazy.add(key);
  }
  return lazy;
}

function choose(
  levels: readonly (readonly Candidate[])[],
  args: readonly Argument[],
  named: ReadonlyMap<string, Argument>,
  refuse: () => Failure,
): Candidate | null {
  for (const level of levels) {
    let winner: Candidate | null = null;
    for (const candidate of level) {
      if (!acceptsValues(candidate, args, named)) continue;
      if (winner === null || isNarrowerThan(candidate, winner)) winner = candidate;
      else if (!isNarrowerThan(winner, candidate)) throw refuse();
    }
    if (winner !== null) return winner;
  }
  return null;
}

function acceptsValues(
  { spec, positional }: Candidate,
  args: readonly Argument[],
  named: ReadonlyMap<string, Argument>,
): boolean {
  for (let index = 0; index < args.length; index++) {
    const argument = args[index];
    if (argument !== undefined && !fits(positional[index] as Parameter, argument)) return false;
  }
  if (named.size === 0) return true;
  for (const [key, argument] of named) {
    const parameter = spec.parameters.find((candidate) => candidate.name === key) ?? spec.keywords;
    if (parameter === null || !fits(parameter, argument)) return false;
  }
  return true;
}

function isNarrowerThan(a: Candidate, b: Candidate): boolean {
  let narrower = false;
  for (let index = 0; index < Math.min(a.positional.length, b.positional.length); index++) {
    const left = a.positional[index] as Parameter;
    const right = b.positional[index] as Parameter;
    if (isNarrower(right, left)) return false;
    if (isNarrower(left, right)) narrower = true;
  }
  return narrower;
}

function bind(
  spec: FunctionSpec,
  args: readonly Argument[],
  named: ReadonlyMap<string, Argument>,
  frame: Frame,
): Arguments {
  const values = spec.parameters.map((parameter, index) => {
    const argument = args[index];
    if (argument !== undefined) return argument;
    return named.has(parameter.name) ? named.get(parameter.name) : parameter.default;
  });
  let rest = noNames === named ? named : noNames;
  if (spec.keywords !== null && named.size > 0) {
    const others = new Map(named);
    for (const parameter of spec.parameters) others.delete(parameter.name);
    rest = others;
  }
  return new Arguments(frame, values, args.slice(spec.parameters.length), rest);
}

function shown(value: Value): string {
  const text = reprOf(value, 'yaql');
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function ambiguous(name: string, receiver: Value | undefined): Failure {
  return receiver === undefined
    ? new Failure('AmbiguousFunctionException', `Ambiguous function "${name}"`)
    : new Failure('AmbiguousMethodException', `Ambiguous method "${name}" for receiver ${shown(receiver)}`);
}

export function noMatch(name: string, receiver: Value | undefined): Failure {
  return receiver === undefined
    ? new Failure('NoMatchingFunctionException', `No function "${name}" matches supplied arguments`)
    : new Failure(
        'NoMatchingMethodException',
        `No method "${name}" for receiver ${shown(receiver)} matches supplied arguments`,
      );
}
