/** What gives another answer when a function is run again, or does its work again, and what a durable function uses instead. */

import type { Origin } from './origin.ts';

export type Kind = 'clock' | 'randomness' | 'timer' | 'outside' | 'environment';

type Names = ReadonlySet<string>;

/** Packages that only make ids and random numbers. */
const idPackages: Names = new Set([
  'uuid',
  'nanoid',
  'ulid',
  'cuid',
  '@paralleldrive/cuid2',
  'short-uuid',
  'seedrandom',
]);
/** Modules of Node, and packages, that only reach outside. */
const outsideModules: Names = new Set([
  'fs',
  'fs/promises',
  'net',
  'http',
  'https',
  'http2',
  'tls',
  'dgram',
  'dns',
  'dns/promises',
  'child_process',
  'worker_threads',
  'cluster',
  'readline',
  'readline/promises',
  'sqlite',
  'axios',
  'got',
  'ky',
  'node-fetch',
  'undici',
  'pg',
  'mysql2',
  'mysql2/promises',
  'ioredis',
  'redis',
  'mongodb',
  'execa',
  'nodemailer',
]);
const outsideGlobals: Names = new Set([
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'EventSource',
  'Deno',
  'Bun',
  'localStorage',
]);
const timers: Names = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const randomOfCrypto: Names = new Set([
  'randomUUID',
  'randomBytes',
  'randomInt',
  'randomFill',
  'randomFillSync',
  'getRandomValues',
  'generateKey',
  'generateKeySync',
  'generateKeyPair',
  'generateKeyPairSync',
]);

/** What the origin is, if a durable function must not use it; `new Date` and `Date()` depend on how they are called. */
export function kindOfOrigin({ module, path }: Origin): Kind | undefined {
  const [first = '', second = ''] = path;
  if (module !== undefined) return kindInModule(module, path);
  switch (first) {
    case 'Date':
      return second === 'now' ? 'clock' : undefined;
    case 'performance':
      return 'clock';
    case 'Temporal':
      return second === 'Now' ? 'clock' : undefined;
    case 'Math':
      return second === 'random' ? 'randomness' : undefined;
    case 'crypto':
      return randomOfCrypto.has(path.at(-1) ?? '') ? 'randomness' : undefined;
    case 'AbortSignal':
      return second === 'timeout' ? 'timer' : undefined;
    case 'scheduler':
      return 'timer';
    case 'process':
      return kindInProcess(second);
    default:
      if (timers.has(first)) return 'timer';
      return outsideGlobals.has(first) ? 'outside' : undefined;
  }
}

function kindInModule(module: string, path: readonly string[]): Kind | undefined {
  const last = path.at(-1) ?? '';
  if (module === 'crypto') return randomOfCrypto.has(last) ? 'randomness' : undefined;
  if (module === 'perf_hooks') return path.includes('performance') ? 'clock' : undefined;
  if (module === 'timers' || module === 'timers/promises') return 'timer';
  if (module === 'process') return kindInProcess(path[0] ?? '');
  if (module === 'os') return 'environment';
  if (idPackages.has(module))
    return /^(?:validate|version|parse|stringify|NIL|MAX)$/.test(last) ? undefined : 'randomness';
  return outsideModules.has(module) ? 'outside' : undefined;
}

function kindInProcess(name: string): Kind | undefined {
  if (/^(?:hrtime|uptime)$/.test(name)) return 'clock';
  if (/^(?:nextTick)$/.test(name)) return 'timer';
  if (/^(?:exit|kill|abort|send|stdin|stdout|stderr|on|once|emitWarning)$/.test(name)) return 'outside';
  return 'environment';
}

/** What to write instead. */
export const remedies: { readonly [K in Kind]: string } = {
  clock: 'it has gone on when the function is run again; use run.now',
  randomness: 'it gives something else when the function is run again; use run.random() or run.uuid()',
  timer: 'it does not survive, and comes at a moment of its own; use run.sleep(), or the timeout of a call',
  outside: 'it is done again whenever the function is run again; put it into run.step() or an action',
  environment: 'it may differ where the function is run again; give it with the input, or read it in run.step()',
};
