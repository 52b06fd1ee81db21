/** The processes that W6, W7 and W8 start: each does one thing and says so in lines. */

import { enableCompileCache } from 'node:module';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

// As the `pawl` command does: what V8 compiled once is kept.
enableCompileCache();
const { open, payload, sleeper, tenSlowTasks, threeTasks } = await import('./workflows.ts');

const [what, path = '', count = '0'] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

switch (what) {
  case 'w6-start': {
    const pawl = await open(path);
    const runs = Number(count);
    let ended = 0;
    pawl.subscribe((_run, events) => {
      for (const event of events) if (event.type === 'TaskEnded') ended += 1;
      if (ended >= runs * 5) say('half');
    });
    const workflow = tenSlowTasks(pawl);
    await Promise.all(Array.from({ length: runs }, () => pawl.start(workflow, { data: payload })));
    break;
  }
  case 'w6-resume': {
    const pawl = await open(path);
    let told = false;
    pawl.subscribe((_run, events) => {
      if (told || !events.some((event) => event.type === 'AttemptStarted')) return;
      told = true;
      say('task');
    });
    await pawl.resume();
    await pawl.engine.quiet();
    await pawl.close();
    const db = new DatabaseSync(path);
    const finished = db.prepare("SELECT count(*) AS n FROM runs WHERE status = 'succeeded'").get()?.n;
    db.close();
    say(`done ${finished} ${Number(finished) * 10}`);
    break;
  }
  case 'w7': {
    const pawl = await open(path);
    await pawl.run(threeTasks(pawl), { data: payload });
    say('done');
    await pawl.close();
    break;
  }
  case 'w8': {
    const pawl = await open(path);
    const workflow = sleeper(pawl);
    for (let run = 0; run < 100; run += 1) await pawl.start(workflow, { data: payload });
    let calls = 0;
    const commit = pawl.store.commit.bind(pawl.store);
    pawl.store.commit = (bundles) => {
      calls += 1;
      return commit(bundles);
    };
    await delay(1_000);
    calls = 0;
    const cpu = process.cpuUsage();
    await delay(Number(count) * 1_000);
    const used = process.cpuUsage(cpu);
    say(`idle ${(used.user + used.system) / 1e6} ${calls}`);
    await pawl.close();
    break;
  }
  default:
    process.exitCode = 2;
}
