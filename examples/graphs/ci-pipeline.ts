/**
 * Checks, tests and packs a small project: three checks at the same time, then the package, then a trial of it.
 *
 * Shows: shell commands from code (core.local), typed results of them, a segment that is used twice, a task that is done whatever
 * became of the others (`all_done`).
 *
 *   pawl run examples/graphs/ci-pipeline.ts --allow-shell
 *   pawl graph examples/graphs/ci-pipeline.ts --out ci.svg
 *
 * The project is examples/ci-project; it needs nothing but Node. As a flow: examples/ci-pipeline.yaml.
 */

// In a project of your own: from 'pawl'.
import { dag } from '../../src/index.ts';

/** What `core.local` gives. */
type Ran = { stdout: string; stderr: string; succeeded: boolean; return_code: number };

const project = 'examples/ci-project';
const stdoutOf = (ran: unknown): string => (ran as Ran).stdout;

/** Unpacks a package and runs what is in it. */
const trial = dag('trial')
  .task('unpack', {
    action: 'core.local',
    input: ({ input }) => ({
      cwd: project,
      cmd: 'rm -rf "$TO" && mkdir -p "$TO" && tar -xzf "out/$PACKAGE" -C "$TO"',
      env: { PACKAGE: String(input.package), TO: String(input.folder) },
    }),
    timeout: '1m',
  })
  .task('run', {
    needs: ['unpack'],
    action: 'core.local',
    input: ({ input }) => ({
      cwd: project,
      cmd: 'node "$TO/package/src/cli.js" "$TEXT"',
      env: { TO: String(input.folder), TEXT: String(input.text) },
    }),
    timeout: '1m',
  });

export const ci = dag('ci', { description: 'Checks, tests and packs a project', failure: 'skip' })
  .task('syntax', {
    action: 'core.local',
    input: { cwd: project, cmd: 'for file in src/*.js test/*.js; do node --check "$file" || exit 1; done' },
    timeout: '1m',
  })
  .task('unit', {
    action: 'core.local',
    input: { cwd: project, cmd: 'node --test --test-reporter=tap' },
    timeout: '2m',
    retry: { count: 1 },
  })
  .task('manifest', {
    action: 'core.local',
    input: { cwd: project, cmd: 'node scripts/check-manifest.js' },
    timeout: '1m',
  })
  .task('pack', {
    needs: ['syntax', 'unit', 'manifest'],
    action: 'core.local',
    input: { cwd: project, cmd: 'mkdir -p out && npm pack --json --pack-destination out' },
    timeout: '2m',
  })
  .task('packed', {
    needs: ['pack'],
    run: ({ pack }) => {
      const [made] = JSON.parse(stdoutOf(pack)) as { filename: string; size: number }[];
      return { file: made!.filename, bytes: made!.size };
    },
  })
  .include('plain', trial, {
    needs: ['packed'],
    input: ({ packed }) => ({ package: packed.file, folder: 'out/plain', text: 'Hello World' }),
  })
  .include('accents', trial, {
    needs: ['packed'],
    input: ({ packed }) => ({ package: packed.file, folder: 'out/accents', text: 'Crème brûlée, à la carte!' }),
  })
  .task('summary', {
    needs: ['unit', 'packed', 'plain.run', 'accents.run'],
    trigger: 'all_done',
    run: ({ unit, packed, 'plain.run': plain, 'accents.run': accents }) => ({
      tests: Number(/# pass (\d+)/.exec(stdoutOf(unit ?? { stdout: '' }))?.[1] ?? 0),
      package: packed?.file ?? null,
      bytes: packed?.bytes ?? 0,
      says: [plain, accents].map((ran) => (ran === null ? null : stdoutOf(ran).trim())),
    }),
  })
  .output(['summary'], ({ summary }) => summary);
