/** Schemas of any library that follows Standard Schema (zod, valibot, arktype), and what they say of a value. */

/** The part of Standard Schema (https://standardschema.dev) that is used here. */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Checked<Output> | Promise<Checked<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type Checked<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export type InputOf<S extends Schema> = NonNullable<S['~standard']['types']>['input'];
export type OutputOf<S extends Schema> = NonNullable<S['~standard']['types']>['output'];

/**
 * The value as the schema lets it through.
 *
 * @throws Error where it does not, or where the schema answers with a promise: what a run is given is checked in one go.
 */
export function checkedAtOnce(schema: Schema, value: unknown, what: string): unknown {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) throw new Error(`the schema of ${what} is asynchronous; use one that answers at once`);
  if (result.issues === undefined) return result.value;
  throw new Error(`${what} is not as its schema says: ${issuesText(result.issues)}`);
}

/** What the schema says of a value, or that it cannot say so at once; undefined where nothing is wrong. */
export function faultAtOnce(schema: Schema, value: unknown, what: string): string | undefined {
  try {
    checkedAtOnce(schema, value, what);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Says of the input of a start what the schema says of it. */
export function inputFaultOf(schema: Schema, name: string): (input: unknown) => string | undefined {
  return (input) => faultAtOnce(schema, input, `the input of "${name}"`);
}

/** The value as the schema lets it through. @throws Error, which fails an attempt for good */
export async function checkedByAction(
  schema: Schema,
  value: unknown,
  what: 'input' | 'output',
  action: string,
): Promise<unknown> {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const message = `the ${what} of action "${action}" is not as its schema says: ${issuesText(result.issues)}`;
  // The worker knows an ActionError by these fields; its class lives above this room.
  throw Object.assign(new Error(message), { name: 'ActionError', kind: `invalid_${what}`, retryable: false });
}

function issuesText(issues: readonly Issue[]): string {
  return issues
    .map(({ message, path }) => {
      const place = (path ?? []).map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
      return place === '' ? message : `${place}: ${message}`;
    })
    .join('; ');
}
