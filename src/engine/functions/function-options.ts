/**
 * What a function says of itself beside its code: its version, its limits, its schemas. A slip here would show in each of its runs, so it
 * is refused where the function is defined.
 */

const known = ['version', 'limits', 'input', 'output', 'signals', 'queries', 'updates'];
const limits = ['durationMs', 'iterations'];

/** @throws TypeError Something in them is not what it is to be; the message names it. */
export function checkFunctionOptions(name: string, options: object): void {
  const what = `workflow("${name}")`;
  const given = new Map<string, unknown>(Object.entries(options).filter(([, value]) => value !== undefined));
  for (const key of given.keys())
    if (!known.includes(key)) throw new TypeError(`${what} has no option "${key}"; it has ${known.join(', ')}`);
  const version = given.get('version');
  if (version !== undefined && (typeof version !== 'string' || version.trim() === ''))
    throw new TypeError(`the version of ${what} is ${JSON.stringify(version)}; write a text, such as '2'`);
  if (given.has('limits')) checkLimits(what, given.get('limits'));
  for (const key of ['input', 'output']) if (given.has(key)) checkSchema(`${key} of ${what}`, given.get(key));
  if (given.has('signals'))
    for (const [signal, schema] of entriesOf('signals', what, given.get('signals')))
      checkSchema(`signal "${signal}" of ${what}`, schema);
  for (const key of ['queries', 'updates'])
    for (const [one, exchange] of given.has(key) ? entriesOf(key, what, given.get(key)) : [])
      checkExchange(`${key} "${one}" of ${what}`, exchange);
}

function checkLimits(what: string, given: unknown): void {
  for (const [limit, value] of entriesOf('limits', what, given)) {
    if (!limits.includes(limit)) throw new TypeError(`${what} has no limit "${limit}"; it has ${limits.join(', ')}`);
    if (value !== undefined && !(Number.isSafeInteger(value) && Number(value) > 0))
      throw new TypeError(`the limit "${limit}" of ${what} is ${String(value)}; write a whole number from 1 on`);
  }
}

function checkExchange(what: string, exchange: unknown): void {
  for (const [side, schema] of entriesOf('', what, exchange)) {
    if (side !== 'input' && side !== 'output')
      throw new TypeError(`the schemas of ${what} are { input, output }; there is no "${side}"`);
    if (schema !== undefined) checkSchema(`${side} of ${what}`, schema);
  }
}

function entriesOf(key: string, what: string, given: unknown): [string, unknown][] {
  // A schema is no map of schemas, though it is an object.
  if (typeof given !== 'object' || given === null || Array.isArray(given) || '~standard' in given)
    throw new TypeError(`what ${what} has as ${key === '' ? 'schemas' : key} is no map of them by name`);
  return Object.entries(given);
}

function checkSchema(what: string, schema: unknown): void {
  const isObject = (typeof schema === 'object' && schema !== null) || typeof schema === 'function';
  if (!isObject || !('~standard' in schema))
    throw new TypeError(
      `what the ${what} has is no schema; give one of a library that follows Standard Schema, such as zod`,
    );
}
