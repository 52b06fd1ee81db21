import { simulateSeed } from './world.ts';

const from = Number(process.argv[2] ?? 1),
  count = Number(process.argv[3] ?? 20),
  trace = process.argv[4] === 'trace';
const t = performance.now();
let ev = 0,
  st = 0,
  bad = 0;
const marks = new Map<string, number>();
for (let seed = from; seed < from + count; seed++) {
  const r = await simulateSeed(seed, trace ? { trace: (l) => console.log(l.slice(0, 700)) } : {});
  ev += r.events;
  st += r.steps;
  for (const k of r.marks.keys()) marks.set(k, (marks.get(k) ?? 0) + 1);
  if (r.faults.length) {
    bad++;
    if (bad < 40)
      console.log(
        'seed',
        seed,
        r.steps,
        r.events,
        r.faults.slice(0, 2).map((f) => f.slice(0, 300)),
      );
  }
}
const s = (performance.now() - t) / 1000;
console.log({ bad, count, rate: count / s, evPerSeed: ev / count, stepsPerSeed: st / count });
if (process.argv[4] === 'marks')
  console.log(
    [...marks]
      .sort((a, b) => a[1] - b[1])
      .map(([k, v]) => k + ':' + v)
      .join('  '),
  );
