/** Runs every example as its head says, in a copy of the folder. */

import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inFolder, pawl, startPawl, until } from './pawl-process.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A folder with a copy of the examples in it, without what earlier runs wrote. */
function withExamples(work: (folder: string) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    const isSource = (path: string): boolean => !/[\\/]out([\\/]|$)/.test(path.slice(root.length));
    cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true, filter: isSource });
    await work(folder);
  });
}

interface Shown {
  readonly status: string;
  readonly output: unknown;
  readonly tasks: readonly { readonly name: string; readonly status: string; readonly attempts: number }[];
}

async function show(cwd: string, run: string): Promise<Shown> {
  return JSON.parse((await pawl(['show', run, '--json'], { cwd })).out) as Shown;
}

function timesRun({ tasks }: Shown, name: string): number {
  return tasks.filter((task) => task.name === name).length;
}

describe('given etl.yaml and the penguins', () => {
  it('when it runs, then it gives the published figures and a report that says them', () =>
    withExamples(async (cwd) => {
      const { code, out, err } = await pawl(['run', 'examples/etl.yaml'], { cwd });

      expect(code, err).toBe(0);
      expect(JSON.parse(out)).toEqual({
        report: 'examples/out/penguins.md',
        rows_read: 344,
        rows_used: 342,
        rows_dropped: { 'not measured': 2 },
        groups: 5,
        heaviest: { species: 'Gentoo', island: 'Biscoe', mean_body_mass_g: 5076 },
        problem: null,
      });
      expect(err).toMatch(/each_group +started, 5 items/);
      const report = readFileSync(join(cwd, 'examples/out/penguins.md'), 'utf8');
      // 3733 ± 384 g, 195.8 ± 7.1 mm, 48.8 ± 3.3 mm: as the literature has the Chinstrap penguins.
      expect(report).toContain('| Chinstrap | Dream | 68 | 3733.1 ± 384.3 | 195.8 ± 7.1 | 48.8 ± 3.3 |');
      expect(report).toContain('342 of the 344 birds');
    }));

  it('when most rows are gaps, then the gate fails the run and says why', () =>
    withExamples(async (cwd) => {
      const lines = readFileSync(join(cwd, 'examples/data/penguins-raw.csv'), 'utf8').split('\n').slice(0, 11);
      const gaps = lines.map((line, index) => (index < 5 ? line : line.replace(/(,\d{4}-\d\d-\d\d,)[^,]*,/, '$1NA,')));
      writeFileSync(join(cwd, 'gaps.csv'), `${gaps.join('\n')}\n`);

      const { code, out } = await pawl(['run', 'examples/etl.yaml', '--input', 'csv=gaps.csv'], { cwd });

      expect(code).toBe(1);
      expect(JSON.parse(out)).toMatchObject({
        rows_read: 10,
        report: null,
        problem: 'only 3 of 10 rows could be used',
      });
    }));

  it('when it is killed while it sums up, then `pawl resume` ends it, and no group that was done is done again', () =>
    withExamples(async (cwd) => {
      const first = startPawl(['run', 'examples/etl.yaml', '--id', 'p', '--input', 'pause=1'], { cwd });
      const itemsDone = async (): Promise<number> =>
        (await pawl(['history', 'p'], { cwd })).out.split('\n').filter((line) => line.includes(' ItemEnded ')).length;
      await until(() => first.text().includes('each_group'), 'the groups are under way');
      await until(async () => (await itemsDone()) >= 2, 'two groups are done');
      first.child.kill('SIGKILL');
      await first.finished;

      const { code, out, err } = await pawl(['resume'], { cwd });

      expect(code, err).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ rows_used: 342, groups: 5 });
      const after = await show(cwd, 'p');
      expect(after.tasks.find((task) => task.name === 'each_group')!.attempts).toBeLessThanOrEqual(7);
      expect(timesRun(after, 'clean')).toBe(1);
      expect(await itemsDone()).toBe(5);
    }));
});

describe('given ci-pipeline.yaml and its project', () => {
  it('when shell commands are not allowed, then it does not start, and the message says how to allow them', () =>
    withExamples(async (cwd) => {
      const { code, err } = await pawl(['run', 'examples/ci-pipeline.yaml'], { cwd });

      expect(code).toBe(2);
      expect(err).toContain('--allow-shell');
    }));

  it('when all checks pass, then the package is made and works, and the logs have what the tests printed', () =>
    withExamples(async (cwd) => {
      const { code, out, err } = await pawl(['run', 'examples/ci-pipeline.yaml', '--allow-shell', '--id', 'ci'], {
        cwd,
      });

      expect(code, err).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        version: '1.2.0',
        tests: 6,
        package: 'slug-example-1.2.0.tgz',
        files: ['README.md', 'package.json', 'src/cli.js', 'src/slug.js'],
        says: 'creme-brulee-a-la-carte',
      });
      expect(existsSync(join(cwd, 'examples/ci-project/out/slug-example-1.2.0.tgz'))).toBe(true);
      expect((await pawl(['logs', 'ci', 'test'], { cwd })).out).toContain('# pass 6');
    }));

  it('when a test fails, then the run fails and nothing is packed', () =>
    withExamples(async (cwd) => {
      const code = join(cwd, 'examples/ci-project/src/slug.js');
      writeFileSync(code, readFileSync(code, 'utf8').replace("join('-')", "join('_')"));

      const ended = await pawl(['run', 'examples/ci-pipeline.yaml', '--allow-shell', '--id', 'ci'], { cwd });

      expect(ended.code).toBe(1);
      const shown = await show(cwd, 'ci');
      expect(shown.tasks.map(({ name, status }) => `${name} ${status}`).sort()).toEqual([
        'manifest succeeded',
        'syntax succeeded',
        'test failed',
      ]);
    }));
});

describe('given the loops', () => {
  it('when conditional-loop.yaml reads the penguins by 50, then it takes seven rounds', () =>
    withExamples(async (cwd) => {
      const { code, out, err } = await pawl(['run', 'examples/conditional-loop.yaml', '--id', 'pages'], { cwd });

      expect(code, err).toBe(0);
      expect(JSON.parse(out)).toEqual({ pages: 7, rows: 344, heaviest_g: 6300 });
      expect(timesRun(await show(cwd, 'pages'), 'page')).toBe(7);
    }));

  it('when the file of monitoring-loop.yaml stops growing, then the loop ends with its size', () =>
    withExamples(async (cwd) => {
      const upload = join(cwd, 'upload.csv');
      const args = ['--input', 'file=upload.csv', '--input', 'every=0.3', '--id', 'watch'];
      const run = startPawl(['run', 'examples/monitoring-loop.yaml', ...args], { cwd });
      const looks = (): number => run.text().match(/look +✓/g)?.length ?? 0;
      for (let part = 1; part <= 3; part += 1) {
        await until(() => looks() >= part, 'it looked again');
        appendFileSync(upload, `${part}\n`);
      }

      const { code, out, err } = await run.finished;

      expect(code, err).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ bytes: 6, lines: 3 });
    }));

  it('when the file of monitoring-loop.yaml never comes, then it gives up', () =>
    withExamples(async (cwd) => {
      const args = ['--input', 'file=never', '--input', 'every=0.05', '--input', 'looks=3', '--id', 'watch'];
      const { code } = await pawl(['run', 'examples/monitoring-loop.yaml', ...args], { cwd });

      expect(code).toBe(1);
      const shown = await show(cwd, 'watch');
      expect(timesRun(shown, 'look')).toBe(3);
      expect(timesRun(shown, 'give_up')).toBe(1);
    }));

  it('when the lock of retry-with-cycle.yaml comes free, then a later try gets it', () =>
    withExamples(async (cwd) => {
      const args = ['--input', 'held=0.5', '--input', 'pause=0.1', '--id', 'lock'];
      const { code, out, err } = await pawl(['run', 'examples/retry-with-cycle.yaml', ...args], { cwd });

      expect(code, err).toBe(0);
      const { got, tried } = JSON.parse(out) as { got: boolean; tried: number };
      expect(got).toBe(true);
      expect(tried).toBeGreaterThan(1);
      expect(timesRun(await show(cwd, 'lock'), 'take')).toBe(tried);
    }));

  it('when it does not, then it gives up after the tries it was given', () =>
    withExamples(async (cwd) => {
      const args = ['--input', 'tries=2', '--input', 'pause=0.05'];
      const { code, out } = await pawl(['run', 'examples/retry-with-cycle.yaml', ...args], { cwd });

      expect(code).toBe(1);
      expect(JSON.parse(out)).toEqual({ got: false, tried: 2 });
    }));
});

describe('given failure-recovery.yaml', () => {
  it('when the folder is made and the run is rerun, then only what failed runs again', () =>
    withExamples(async (cwd) => {
      const first = await pawl(['run', 'examples/failure-recovery.yaml', '--id', 'recovery'], { cwd });
      expect(first.code).toBe(1);
      expect(JSON.parse(first.out)).toMatchObject({ total: 39.1, delivered: null });

      mkdirSync(join(cwd, 'examples/out/outbox'), { recursive: true });
      expect((await pawl(['rerun', 'recovery'], { cwd })).code).toBe(0);
      const second = await pawl(['resume'], { cwd });

      expect(second.code, second.err).toBe(0);
      expect(JSON.parse(second.out)).toMatchObject({ total: 39.1, delivered: 'examples/out/outbox/total.txt' });
      expect(readFileSync(join(cwd, 'examples/out/outbox/total.txt'), 'utf8')).toBe('39.10\n');
      const shown = await show(cwd, 'recovery');
      expect(['read_prices', 'read_fallback', 'total', 'deliver'].map((name) => timesRun(shown, name))).toEqual([
        1, 1, 1, 2,
      ]);
    }));
});

describe('given approval.yaml', () => {
  const args = ['examples/approval.yaml', '--id', 'release-7', '--input', 'version=7.0.0'];

  for (const [answer, decision, last] of [
    ['{"approved": true, "by": "Ada"}', 'approved by Ada', 'publish'],
    ['{"approved": false}', 'refused by somebody', 'withdraw'],
  ] as const) {
    it(`when another process answers ${answer}, then the run goes on to ${last}`, () =>
      withExamples(async (cwd) => {
        expect((await pawl(['run', ...args], { cwd })).code).toBe(4);
        expect((await pawl(['show', 'release-7'], { cwd })).out).toContain('May version 7.0.0 be published?');
        expect((await pawl(['answer', 'release-7', 'review', answer], { cwd })).code).toBe(0);

        const { code, out, err } = await pawl(['resume'], { cwd });

        expect(code, err).toBe(0);
        expect(JSON.parse(out)).toEqual({ version: '7.0.0', decision });
        expect(timesRun(await show(cwd, 'release-7'), last)).toBe(1);
      }));
  }
});

describe('given the demo', () => {
  it('when it is run, then it shows progress, the result and what to try next', () =>
    withExamples(async (cwd) => {
      for (const name of ['bin', 'src', 'node_modules', 'package.json']) symlinkSync(join(root, name), join(cwd, name));
      const { status, stdout, stderr } = spawnSync(process.execPath, ['examples/demo.ts'], { cwd, encoding: 'utf8' });

      expect(status, stderr).toBe(0);
      expect(stderr).toMatch(/report +✓ succeeded/);
      expect(stdout).toContain('"rows_used": 342');
      expect(stdout).toContain('npx pawl show demo-');
    }));
});
