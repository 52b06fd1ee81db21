/** Requests that are lured to inner addresses, against a real canary on this machine: it must not hear a single one. */

import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Rehearsal, SimulatedTime, simulatedMachine } from '../../../../test/worker/rehearsal.ts';
import { markBuiltIn } from '../../known-actions.ts';
import type { Network } from './guarded-connection.ts';
import { httpAction } from './http.ts';
import { addressKind } from './network-address.ts';

let connections = 0;
const servers: Server[] = [];
let port = 0;
/** A server with an address that the tests below call public; it redirects to where the path says. */
let outside = 0;
let outsideRequests = 0;

function listen(server: Server, host: string, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, host, () => resolve((server.address() as { port: number }).port));
    servers.push(server);
  });
}

const canary = (): Server =>
  createServer((socket) => {
    connections += 1;
    socket.destroy();
  });

const redirector = (): Server =>
  createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (bytes) => {
      outsideRequests += 1;
      const target = decodeURIComponent(String(bytes).split(' ')[1]!.slice(1));
      socket.end(`HTTP/1.1 302 Found\r\nlocation: ${target}\r\ncontent-length: 0\r\n\r\n`);
    });
  });

beforeAll(async () => {
  port = await listen(canary(), '127.0.0.1', 0);
  await listen(canary(), '::1', port).catch(() => {});
  outside = await listen(redirector(), '127.0.0.2', 0);
});

afterEach(() => {
  expect(connections).toBe(0);
});

afterAll(() => {
  for (const server of servers) server.close();
});

function outcomeOf(url: string, network: Partial<Network> = {}) {
  const action = markBuiltIn(httpAction(simulatedMachine(new SimulatedTime()), { allowPrivate: false, ...network }));
  return new Rehearsal([action]).outcome('core.http', { url });
}

/** `PORT` stands for the canary's. */
const toCanary = [
  'http://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/',
  'HTTP://127.0.0.1:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://127.000.000.001:PORT/',
  'http://0x7f.0.0.1:PORT/',
  'http://0x7f000001:PORT/',
  'http://0X7F.1:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://0177.0.0.01:PORT/',
  'http://017700000001:PORT/',
  'http://2130706433:PORT/',
  'http://127.0.0.2:PORT/',
  'http://127.255.255.254:PORT/',
  'http://0:PORT/',
  'http://0.0.0.0:PORT/',
  'http://0x0:PORT/',
  'http://00000:PORT/',
  'http://%31%32%37.0.0.1:PORT/',
  'http://127%2e0%2e0%2e1:PORT/',
  'http://１２７.０.０.１:PORT/',
  'http://127。0。0。1:PORT/',
  'http://①②⑦.⓪.⓪.①:PORT/',
  'http://user:password@127.0.0.1:PORT/',
  'http://example.org@127.0.0.1:PORT/',
  'http://example.org%40@127.0.0.1:PORT/',
  'http:127.0.0.1:PORT/',
  'http:/127.0.0.1:PORT/',
  'http:\\\\127.0.0.1:PORT\\',
  'http:///127.0.0.1:PORT/',
  'http://127.0.0.1:PORT#@example.org/',
  'http://127.0.0.1:PORT?@example.org/',
  ' http://127.0.0.1:PORT/ ',
  'ht\ntp://127.0.\t0.1:PORT/',
  'http://[::1]:PORT/',
  'http://[0:0:0:0:0:0:0:1]:PORT/',
  'http://[0000::0001]:PORT/',
  'http://[::]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[::FFFF:127.0.0.1]:PORT/',
  'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[::7f00:1]:PORT/',
  'http://[::ffff:0:127.0.0.1]:PORT/',
  'http://[64:ff9b::127.0.0.1]:PORT/',
  'http://[64:ff9b:1::7f00:1]:PORT/',
  'http://[2002:7f00:1::]:PORT/',
  'http://[2001:0:7f00:1::]:PORT/',
  'http://localhost:PORT/',
  'http://LOCALHOST:PORT/',
  'http://ⓛocalhost:PORT/',
];

const elsewhere = [
  'http://10.0.0.1/',
  'http://10.1/',
  'http://0xa.1/',
  'http://167772161/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://192.168.1.1/',
  'http://192.168.257/',
  'http://100.64.0.1/',
  'http://100.100.100.200/latest/meta-data/',
  'http://169.254.169.254/latest/meta-data/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0251.0376.0251.0376/',
  'http://169.254.43518/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[fd00:ec2::254]/',
  'http://[fe80::1]/',
  'http://[fc00::1]/',
  'http://[fec0::1]/',
  'http://[ff02::1]/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://240.0.0.1/',
  'http://198.18.0.1/',
  'http://192.0.0.192/',
  'http://168.63.129.16/machine/',
  'http://[2002:a9fe:a9fe::]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'https://10.0.0.1:8443/',
  'http://192.0.2.1/',
  'http://203.0.113.9/',
];

const noUrls = [
  'file:///etc/passwd',
  'ftp://127.0.0.1/',
  'gopher://127.0.0.1:PORT/_x',
  'data:text/plain,x',
  'javascript:1',
  'ws://127.0.0.1:PORT/',
  'unix:/var/run/docker.sock',
  'http+unix://%2Fvar%2Frun%2Fdocker.sock/',
  '//127.0.0.1:PORT/',
  '127.0.0.1:PORT',
  'http://',
  'http://[::1',
  'http://[fe80::1%25eth0]/',
  'http://127.0.0.1:99999/',
  'http://256.0.0.1/',
  'http://1.2.3.4.5/',
  'http://a b/',
  'http://0x7f.0.0.0.1/',
];

const withPort = (url: string): string => url.replaceAll('PORT', String(port));

describe('given a URL of an inner address', () => {
  it.each([...toCanary, ...elsewhere])('when %j is requested, then it is refused for good', async (url) => {
    const outcome = await outcomeOf(withPort(url));

    expect(outcome).toMatchObject({ status: 'failed', failure: { kind: 'address_refused', retryable: false } });
  });

  it.each(noUrls)('when %j is requested, then it is no URL of ours', async (url) => {
    expect(await outcomeOf(withPort(url))).toMatchObject({ failure: { kind: 'invalid_input', retryable: false } });
  });
});

describe('given a name that stands for an inner address', () => {
  it.each([
    ['127.0.0.1', 4],
    ['::1', 6],
    ['169.254.169.254', 4],
    ['10.0.0.1', 4],
    ['::ffff:127.0.0.1', 6],
    ['64:ff9b::7f00:1', 6],
  ])('when it resolves to %s, then it is refused, and the address is not told', async (address, family) => {
    const outcome = await outcomeOf(withPort('http://inner.example:PORT/'), {
      resolve: async () => [{ address, family }],
    });

    expect(outcome).toMatchObject({
      failure: { kind: 'address_refused', message: expect.not.stringContaining(address) },
    });
  });

  it('when only one of its addresses is inner, then it is refused', async () => {
    const resolve = async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];

    expect(await outcomeOf(withPort('http://mixed.example:PORT/'), { resolve })).toMatchObject({
      failure: { kind: 'address_refused' },
    });
  });
});

/** True for what is another place to a server at 127.0.0.2, in the bytes of a header: `http:x` would be a path there. */
const isElsewhere = (url: string): boolean => !/[^\x20-\x7e]|127\.0\.0\.2|^http:\/?[0-9]/.test(url);

describe('given a server outside', () => {
  const kindOf: Network['kindOf'] = (address) => (address === '127.0.0.2' ? 'public' : addressKind(address));
  const redirecting = (target: string) =>
    outcomeOf(`http://127.0.0.2:${outside}/${encodeURIComponent(target)}`, { kindOf });

  it.each([...toCanary.filter(isElsewhere), ...elsewhere])(
    'when it redirects to %j, then that is refused',
    async (target) => {
      const before = outsideRequests;
      const outcome = await redirecting(withPort(target));

      expect(outcome).toMatchObject({ status: 'failed', failure: { kind: 'address_refused' } });
      expect(outsideRequests).toBe(before + 1);
    },
  );

  it.each(['file:///etc/passwd', 'gopher://127.0.0.1/', 'data:text/plain,x'])(
    'when it redirects to %j, then that is refused',
    async (target) => {
      expect(await redirecting(target)).toMatchObject({ failure: { kind: 'redirect_refused', retryable: false } });
    },
  );

  it('when it redirects to itself for ever, then it is left after three times', async () => {
    const path = `http://127.0.0.2:${outside}/`;
    let target = `http://127.0.0.2:${outside}/end`;
    for (let hop = 0; hop < 6; hop += 1) target = `${path}${encodeURIComponent(target)}`;
    const before = outsideRequests;

    expect(await outcomeOf(target, { kindOf })).toMatchObject({
      failure: { kind: 'too_many_redirects', retryable: false },
    });
    expect(outsideRequests - before).toBe(4);
  });

  it('when its name changes its answer after the check, then the address that was checked is used', async () => {
    const answers = ['127.0.0.2', '127.0.0.1'];
    let asked = 0;
    const resolve = async () => [{ address: answers[asked++ % 2]!, family: 4 }];
    const url = `http://rebinding.example:${outside}/${encodeURIComponent('ftp://end/')}`;

    expect(await outcomeOf(url, { kindOf, resolve })).toMatchObject({ failure: { kind: 'redirect_refused' } });
    expect(asked).toBe(1);
    expect(await outcomeOf(url, { kindOf, resolve })).toMatchObject({ failure: { kind: 'address_refused' } });
  });

  it('when the address at the other end is another than was asked for, then nothing is sent', async () => {
    let looks = 0;
    const before = outsideRequests;
    const outcome = await outcomeOf(`http://127.0.0.2:${outside}/x`, {
      kindOf: () => (looks++ === 0 ? 'public' : 'loopback'),
    });

    expect(outcome).toMatchObject({ failure: { kind: 'address_refused' } });
    expect(outsideRequests).toBe(before);
  });
});

describe('given proxies in the environment', () => {
  it('when a public address is requested, then no proxy is asked', async () => {
    process.env.http_proxy = process.env.HTTP_PROXY = `http://127.0.0.1:${port}`;
    process.env.NODE_USE_ENV_PROXY = '1';
    try {
      const kindOf: Network['kindOf'] = (address) => (address === '127.0.0.2' ? 'public' : addressKind(address));
      expect(
        await outcomeOf(`http://127.0.0.2:${outside}/${encodeURIComponent('ftp://end/')}`, { kindOf }),
      ).toMatchObject({
        failure: { kind: 'redirect_refused' },
      });
    } finally {
      for (const name of ['http_proxy', 'HTTP_PROXY', 'NODE_USE_ENV_PROXY']) delete process.env[name];
    }
  });
});
