/**
 * An expense that somebody has to approve: a reminder after two days, the manager's manager after four, refused after a week.
 *
 * Shows: `run.ask` with a person's answer, a race between an answer and time, cancel of what lost, escalation.
 *
 *   pawl run examples/functions/approval.ts --id expense-7 who=Ada euros=120     # waits (exit code 4)
 *   pawl answer expense-7 "manager of Ada" '{"approved": true, "by": "Grace"}'
 *   pawl resume --workflows examples/functions/approval.ts
 */

import { z } from 'zod';
import { workflow } from '../../src/index.ts';

const Answer = z.object({ approved: z.boolean(), by: z.string() });

export const approval = workflow(
  'approval',
  { input: z.object({ who: z.string(), euros: z.coerce.number().positive() }) },
  async (run, { who, euros }) => {
    const question = {
      text: `May ${who} spend ${euros} euros?`,
      answer: '{"approved": true or false, "by": "your name"}',
    };
    const tell = (whom: string, what: string) => run.step(`tell ${whom}`, ({ log }) => log(`${whom}: ${what}`));

    const answered = await run.race([
      // Whoever answers first decides; the question to the other is taken back.
      () => run.ask(`manager of ${who}`, question),
      async () => {
        await run.sleep('2d');
        await tell(`manager of ${who}`, 'there is a question for you');
        await run.sleep('2d');
        return run.ask(`director of ${who}`, question);
      },
      async () => {
        await run.sleep('7d');
        return { approved: false, by: 'nobody, in a week' };
      },
    ]);
    const { approved, by } = Answer.parse(answered);
    await tell(who, approved ? `${by} approved it` : `${by} refused it`);
    return { approved, by };
  },
);
