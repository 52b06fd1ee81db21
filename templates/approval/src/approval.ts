/** An approval: somebody answers in time, or the next in line is asked. Nobody who answers late changes anything. */

import { type RunContext, workflow } from 'pawl';

export interface Request {
  what: string;
  /** Who is asked, one after the other. */
  of: string[];
  /** How long each has: `2d`, `4h`. */
  within: string;
}

export interface Answer {
  approved: boolean;
  comment?: string;
}

export interface Decision {
  approved: boolean;
  /** Absent where nobody answered. */
  by?: string;
  comment: string;
}

export const approval = workflow('approval', async (run, request: Request): Promise<Decision> => {
  for (const person of request.of) {
    const answer = await answerOf(run, person, request);
    if (answer !== undefined) return { approved: answer.approved, by: person, comment: answer.comment ?? '' };
    await run.step(`tell ${person}`, ({ log }) => log(`${person} was too late; the next is asked`));
  }
  return { approved: false, comment: 'nobody answered in time' };
});

/** Asks one person; undefined where the answer does not come in time. The question is then withdrawn. */
function answerOf(run: RunContext, person: string, { what, within }: Request): Promise<Answer | undefined> {
  return run.race([
    async () => (await run.ask(person, `May ${what}?`)) as unknown as Answer,
    async () => {
      await run.sleep(within);
      return undefined;
    },
  ]);
}
