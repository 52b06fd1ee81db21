/**
 * One attempt from its order to its outcome: secrets in, input checked, handler called, output checked, secrets out.
 *
 * A1. It always comes to an outcome when the handler settles, whatever it returned or threw; it never throws.
 * A2. The handler gets a copy of the input, and the engine a copy of the output.
 * A3. No text that leaves holds a secret the attempt was given: outcome, message or log.
 */

import { checkedByAction } from '../definition/index.ts';
import type { AttemptOrder, HandedOver, LogSink, Outcome } from '../kernel/index.ts';
import { type AnyAction, handedOver } from './action.ts';
import { AttemptContext } from './attempt-context.ts';
import type { Cancellation } from './cancellation.ts';
import { failed, failedBy } from './failed-outcome.ts';
import type { Heartbeat } from './heartbeat.ts';
import { type OutputRules, takeOutput } from './json-copy.ts';
import { Redactor } from './redactor.ts';
import { resolveSecrets, type SecretSource } from './secrets.ts';

export interface AttemptRules {
  readonly secrets: SecretSource | undefined;
  /** Bytes of JSON an output may take. */
  readonly resultLimitBytes: number;
  readonly logLimitBytes: number;
  readonly store: string | undefined;
}

export async function carryOut(
  action: AnyAction,
  order: AttemptOrder,
  { cancellation, sink, life }: { cancellation: Cancellation; sink: LogSink; life: Heartbeat },
  rules: AttemptRules,
): Promise<Outcome | HandedOver> {
  let redactor = nothingSecret;
  const output: OutputRules = { bytesMax: rules.resultLimitBytes, redact: (text) => redactor.text(text) };
  let context: AttemptContext | undefined;
  try {
    const { input, values } = await resolveSecrets(order.input ?? {}, order.secrets ?? [], rules.secrets);
    if (values.length > 0) redactor = new Redactor(values);
    const { logLimitBytes, store } = rules;
    context = new AttemptContext({ order, cancellation, life, sink, redactor, logLimitBytes, store });
    const checkedInput =
      action.input === undefined ? input : await checkedByAction(action.input, input, 'input', action.name);
    if (cancellation.isAborted) return canceled;
    const handle = order.probe === true ? action.verify : action.handler;
    // Its handler does the work, which may have been done: a probe is none of its business.
    if (handle === undefined)
      return failed(
        'outcome_unknown',
        `the action "${action.name}" has no \`verify\` here that could tell`,
        null,
        false,
      );
    const given = await handle(checkedInput as never, context);
    if ((given as unknown) === handedOver) return handedOver;
    const checkedOutput =
      action.output === undefined || order.probe === true
        ? given
        : await checkedByAction(action.output, given, 'output', action.name);
    return succeeded(checkedOutput ?? null, calledOf(order), output);
  } catch (thrown) {
    return failedBy(thrown, output);
  } finally {
    context?.end();
  }
}

/** What redacts nothing: most attempts hold no secret. */
const nothingSecret = new Redactor();

export const canceled: Outcome = { status: 'canceled', output: null };

/** What a message calls it: the code of a step has no name but the step's. */
function calledOf({ action, name }: AttemptOrder): string {
  return action.startsWith('$') ? `"${name}"` : `action "${action}"`;
}

function succeeded(given: unknown, called: string, rules: OutputRules): Outcome {
  const output = takeOutput(given, rules);
  if (output.taken) return { status: 'succeeded', output: output.value };
  if (output.reason === 'too_large') {
    const message = `the result of ${called} is too large: ${output.why}; keep it in a file or a service, and return where it is`;
    return failed('result_too_large', message, null, false);
  }
  return failed('invalid_output', `${called} gave something that is not JSON: ${output.why}`, null, false);
}
