import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { fixtures, inFolder, pawl, startPawl } from './pawl-process.ts';

const kills = Number(process.env.PAWL_KILLS ?? 12);
const workflow = join(fixtures, 'survivor.yaml');
const actions = join(fixtures, 'counting-actions.ts');

interface Marked {
  readonly key: string;
}

function marks(file: string): Marked[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Marked);
}

/** The idempotency keys of what the file says has ended. */
async function endedIn(cwd: string): Promise<{ keys: Set<string>; history: string[] }> {
  const { code, out } = await pawl(['history', 'r', '--json'], { cwd });
  if (code !== 0) return { keys: new Set(), history: [] };
  const history = out.split('\n').filter((line) => line !== '');
  const keys = new Set<string>();
  for (const line of history) {
    const event = JSON.parse(line) as { type: string; task?: number; item?: number };
    if (event.type === 'TaskEnded') keys.add(`r/${event.task}`);
    if (event.type === 'ItemEnded') keys.add(`r/${event.task}.${event.item}`);
  }
  return { keys, history };
}

describe('given a run with a cycle, a join, with-items, a retry and a timer', () => {
  it(`when it is killed at ${kills} moments, then resuming finishes it, and nothing that had ended runs again`, {
    timeout: 300_000,
  }, async () => {
    const seen = new Set<number>();
    for (let kill = 0; kill < kills; kill += 1) {
      await inFolder(async (cwd) => {
        const env = { COUNT_FILE: join(cwd, 'marks') };
        const first = startPawl(['run', workflow, '--actions', actions, '--id', 'r'], { cwd, env });
        const start = performance.now();
        while (performance.now() - start < 20_000 && marks(env.COUNT_FILE).length === 0) await delay(2);
        await delay(((kill * 7919) % kills) * (260 / kills));
        first.child.kill('SIGKILL');
        await first.finished;

        const before = await endedIn(cwd);
        seen.add(before.history.length);
        const marked = marks(env.COUNT_FILE).length;
        const second = await pawl(['resume', '--actions', actions, '--json'], { cwd, env });
        if (before.history.some((line) => line.includes('"RunEnded"'))) return;

        expect(second.code, second.err).toBe(0);
        expect(JSON.parse(second.out)).toMatchObject({
          id: 'r',
          status: 'succeeded',
          output: { answer: 31, round: 3 },
        });
        const again = marks(env.COUNT_FILE).slice(marked);
        expect(again.filter(({ key }) => before.keys.has(key))).toEqual([]);
        const after = await endedIn(cwd);
        expect(after.history.slice(0, before.history.length)).toEqual(before.history);
      });
    }
    expect(seen.size).toBeGreaterThan(kills / 4);
  });
});
