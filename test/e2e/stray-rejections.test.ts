/** A durable function that leaves a rejected promise behind: its process lives on, and other code's promises are treated as ever. */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../page.ts';
import { inFolder } from './pawl-process.ts';

/** Runs a function of this body in a process of its own. */
function ran(body: string, outside = ''): Promise<{ code: number | null; out: string; err: string }> {
  return inFolder(async (folder) => {
    const path = join(folder, 'program.mts');
    writeFileSync(
      path,
      `import { createPawl, workflow } from ${JSON.stringify(join(root, 'src/index.ts'))};
      const fails = (run) => run.step('fails', () => { throw new Error('no paper'); });
      const wrapped = async (run) => fails(run);
      const strays = workflow('strays', async (run) => { ${body} });
      const pawl = await createPawl({ path: ':memory:', workflows: [strays] });
      ${outside}
      console.log(JSON.stringify((await pawl.run(strays)).output));
      await pawl.close();`,
    );
    const { status, stdout, stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8', timeout: 30_000 });
    return { code: status, out: stdout.trim(), err: stderr };
  });
}

describe('given a durable function', () => {
  it.each([
    ['a call that fails is never awaited', `fails(run); await run.sleep('20ms'); return 'lives';`, '"lives"'],
    ['a function around such a call is not', `wrapped(run); await run.sleep('20ms'); return 'lives';`, '"lives"'],
    [
      'one is awaited after it has failed',
      `const paper = wrapped(run); await run.sleep('20ms'); return paper.catch((error) => error.message);`,
      '"no paper"',
    ],
  ])('when %s, then the run and its process go on', async (_what, body, output) => {
    expect(await ran(body)).toMatchObject({ code: 0, out: output });
  });

  it('when other code leaves a rejected promise, then the process ends as without Pawl', async () => {
    const outside = `await pawl.run(strays); void Promise.reject(new Error('of others')); await new Promise((resolve) => setTimeout(resolve, 50));`;
    const { code, out, err } = await ran(`return 'lives';`, outside);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('of others');
  });
});
