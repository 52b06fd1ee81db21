/**
 * An agent: a loop that asks a language model, streams what it writes, has the tools it asks for run as tasks, and goes on where it was
 * when its process is killed. Each turn of the model and each call of a tool is recorded, so neither is paid for twice.
 *
 * The model here is the mock of the `ai` package, which answers what a script says; any model of that package stands in its place.
 *
 * Shows: streaming from a step (`attempt.emit`) to readers (`handle.stream`), tools as tasks with retries, a limit of turns.
 *
 *   pawl run examples/functions/agent.ts --id trip question="Is it warmer in Turku or in Oulu?"
 */

import { type ModelMessage, simulateReadableStream, streamText, type ToolSet } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { z } from 'zod';
import { defineAction, type Json, workflow } from '../../src/index.ts';

export const weather = defineAction({
  name: 'weather',
  input: z.object({ city: z.string() }),
  handler: ({ city }) => ({ city, degrees: city.length * 3 }),
});

/** What the model may ask for. Without `execute`: the workflow runs them. */
const tools = {
  weather: { description: 'How warm a city is', inputSchema: z.object({ city: z.string() }) },
} as ToolSet;

const turnsMost = 10;

export const agent = workflow(
  'agent',
  { input: z.object({ question: z.string() }), output: z.object({ answer: z.string(), turns: z.number() }) },
  async (run, { question }) => {
    const messages: ModelMessage[] = [{ role: 'user', content: question }];
    for (let turn = 1; turn <= turnsMost; turn += 1) {
      const { text, calls, said } = await run.step(
        `turn ${turn}`,
        async ({ signal, emit }) => {
          const answer = streamText({ model: scriptedModel(), messages, tools, abortSignal: signal });
          for await (const token of answer.textStream) emit('answer', { turn, token });
          const calls = await answer.toolCalls;
          return {
            text: await answer.text,
            calls: calls.map(({ toolCallId, toolName, input }) => ({ id: toolCallId, tool: toolName, input })),
            // Plain data, as it is kept.
            said: JSON.parse(JSON.stringify((await answer.response).messages)) as ModelMessage[],
          };
        },
        { retry: { count: 3, delay: '1s', factor: 2 }, timeout: '2m' },
      );
      messages.push(...said);
      if (calls.length === 0) return { answer: text, turns: turn };
      const results = await run.all(
        calls.map((call) => () => run.task(call.tool, call.input, { name: call.tool, retry: { count: 2 } })),
      );
      messages.push({
        role: 'tool',
        content: calls.map((call, index) => ({
          type: 'tool-result',
          toolCallId: call.id,
          toolName: call.tool,
          output: { type: 'json', value: results[index] as never },
        })),
      });
    }
    throw new Error(`the model had no answer after ${turnsMost} turns`);
  },
);

/** A model that asks for the weather of the cities in the question, and then says which is warmer. */
function scriptedModel(): MockLanguageModelV4 {
  return new MockLanguageModelV4({
    doStream: async ({ prompt }) => {
      const asked = JSON.stringify(prompt.find(({ role }) => role === 'user')?.content);
      const found = prompt.flatMap((message) =>
        message.role === 'tool' ? message.content.map((part) => ('output' in part ? part.output : undefined)) : [],
      );
      const cities = [...asked.matchAll(/\b(Turku|Oulu|Vaasa)\b/g)].map(([city]) => city);
      const words = found.length === 0 ? ['Let me look.'] : warmest(found as Json[]).split(/(?<= )/);
      return {
        stream: simulateReadableStream({
          chunks: [
            { type: 'stream-start' as const, warnings: [] },
            { type: 'text-start' as const, id: '1' },
            ...words.map((delta) => ({ type: 'text-delta' as const, id: '1', delta })),
            { type: 'text-end' as const, id: '1' },
            ...(found.length > 0 ? [] : cities).map((city) => ({
              type: 'tool-call' as const,
              toolCallId: `weather-${city}`,
              toolName: 'weather',
              input: JSON.stringify({ city }),
            })),
            {
              type: 'finish' as const,
              finishReason: {
                unified: found.length === 0 ? ('tool-calls' as const) : ('stop' as const),
                raw: undefined,
              },
              usage: {
                inputTokens: { total: 10, noCache: 10, cacheRead: undefined, cacheWrite: undefined },
                outputTokens: { total: words.length, text: words.length, reasoning: undefined },
              },
            },
          ],
        }),
      };
    },
  });
}

function warmest(outputs: readonly Json[]): string {
  const known = z.array(z.object({ value: z.object({ city: z.string(), degrees: z.number() }) })).parse(outputs);
  const [first] = known.map(({ value }) => value).sort((a, b) => b.degrees - a.degrees);
  return first === undefined ? 'I do not know.' : `It is warmer in ${first.city}: ${first.degrees} degrees.`;
}
