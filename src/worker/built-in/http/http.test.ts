import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rehearsal, SimulatedTime, simulatedMachine } from '../../../../test/worker/rehearsal.ts';
import type { Json, JsonObject } from '../../../base/index.ts';
import { markBuiltIn } from '../../known-actions.ts';
import { httpAction } from './http.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** What the server does, by path. */
const answers: { readonly [path: string]: Answer } = {
  '/mirror': (request, response, body) => {
    response.writeHead(200, { 'content-type': 'application/vnd.api+json; charset=utf-8' });
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
  },
  '/text': (_, response) =>
    response.writeHead(200, { 'content-type': 'text/plain', 'x-one': '1', 'set-cookie': ['a=1', 'b=2'] }).end('grüß'),
  '/latin': (_, response) =>
    response.writeHead(200, { 'content-type': 'text/plain; charset=iso-8859-1' }).end(Buffer.from('grüß', 'latin1')),
  '/not-json': (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{oops'),
  '/null': (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('null'),
  '/gzip': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed')),
  '/brotli': (_, response) => response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync('packed')),
  '/broken-gzip': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
  '/bomb': (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000))),
  '/big': (_, response) => response.writeHead(200).end('x'.repeat(100_000)),
  '/silent': () => {},
  '/half': (_, response) => response.writeHead(200, { 'content-length': '100' }).write('half'),
  '/reset': (request) => request.socket.destroy(),
  '/no-content': (_, response) => response.writeHead(204).end(),
  '/later': (_, response) => response.writeHead(503, { 'retry-after': '120' }).end(),
  '/later-date': (_, response) =>
    response
      .writeHead(429, { date: 'Fri, 01 Jan 2027 10:00:00 GMT', 'retry-after': 'Fri, 01 Jan 2027 10:00:30 GMT' })
      .end(),
};

function serve(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url!, 'http://x');
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  request.on('end', () => {
    const status = Number(/^\/status\/([0-9]+)$/.exec(pathname)?.[1] ?? 0);
    if (pathname === '/redirect')
      response.writeHead(Number(searchParams.get('status')), { location: searchParams.get('to')! }).end();
    else if (status > 0) response.writeHead(status).end('because');
    else answers[pathname]!(request, response, body);
  });
}

const servers: Server[] = [];
/** Two origins. */
let here = '';
let there = '';

beforeAll(async () => {
  const origins = await Promise.all(
    [0, 1].map(
      () =>
        new Promise<string>((resolve) => {
          const server = createServer(serve).listen(0, '127.0.0.1', () =>
            resolve(`http://127.0.0.1:${(server.address() as { port: number }).port}`),
          );
          servers.push(server);
        }),
    ),
  );
  [here, there] = origins as [string, string];
});

afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const secrets = { KEY: 'canary-key' };

function rehearsal(time = new SimulatedTime()): Rehearsal {
  return new Rehearsal([markBuiltIn(httpAction(simulatedMachine(time), { allowPrivate: true }))], { secrets });
}

const request = (input: JsonObject) => rehearsal().outcome('core.http', input);

interface Mirrored {
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** What the server saw. */
async function mirrored(input: JsonObject): Promise<Mirrored> {
  const outcome = await request(input);
  expect(outcome).toMatchObject({ status: 'succeeded', output: { status_code: 200, parsed: true } });
  return (outcome.output as { body: unknown }).body as Mirrored;
}

describe('given a request', () => {
  it('when it says only where, then it is a GET without a body', async () => {
    const seen = await mirrored({ url: `${here}/mirror` });

    expect(seen).toMatchObject({
      method: 'GET',
      url: '/mirror',
      body: '',
      headers: { 'user-agent': 'pawl', connection: 'close' },
    });
    expect(seen.headers).not.toHaveProperty('content-length');
  });

  it.each<[string, JsonObject, object]>([
    ['has a query', { query: { a: 1, b: ['x y', true], c: null } }, { url: '/mirror?old=1&a=1&b=x+y&b=true' }],
    [
      'has text as its body',
      { method: 'post', body: 'grüß' },
      { method: 'POST', body: 'grüß', headers: { 'content-length': '6', 'content-type': 'text/plain; charset=utf-8' } },
    ],
    [
      'has a map as its body',
      { method: 'PUT', body: { a: [1] } },
      { method: 'PUT', body: '{"a":[1]}', headers: { 'content-type': 'application/json' } },
    ],
    [
      'has text as its json',
      { method: 'PATCH', json: 'text' },
      { body: '"text"', headers: { 'content-type': 'application/json' } },
    ],
    [
      'has headers',
      { headers: { 'X-Mine': 1, Accept: 'text/html', none: null } },
      { headers: { 'x-mine': '1', accept: 'text/html' } },
    ],
    [
      'names the type of its body',
      { method: 'POST', body: '<a/>', headers: { 'Content-Type': 'text/xml' } },
      { headers: { 'content-type': 'text/xml' } },
    ],
  ])('when it %s, then the server sees it', async (_, input, seen) => {
    expect(await mirrored({ url: `${here}/mirror?old=1`, ...input })).toMatchObject(seen);
  });

  it('when the URL holds credentials, then they are a header, and not in the result', async () => {
    const url = `${here.replace('//', '//me:p%40ss@')}/mirror`;
    const outcome = await request({ url });

    expect(outcome).toMatchObject({
      output: { url: `${here}/mirror`, body: { headers: { authorization: `Basic ${btoa('me:p@ss')}` } } },
    });
  });

  it('when it holds a secret that the server gives back, then the result does not show it', async () => {
    const started = rehearsal().start('core.http', {
      url: `${here}/mirror`,
      query: { key: 'secret(KEY)' },
      headers: { authorization: 'Bearer secret(KEY)' },
    });
    const outcome = await started.outcome;

    expect(outcome).toMatchObject({
      status: 'succeeded',
      output: { body: { headers: { authorization: 'Bearer ***' } } },
    });
    expect(JSON.stringify(outcome) + started.text()).not.toContain('canary');
    expect(started.text()).toBe(`GET ${here}/mirror: 200, ${started.text().match(/([0-9]+) bytes/)![1]} bytes\n`);
  });
});

describe('given a request that cannot be meant', () => {
  it.each<[string, JsonObject | Json]>([
    ['is no map', 'http://example.org'],
    ['has no url', {}],
    ['has an empty url', { url: ' ' }],
    ['has a field of another action', { url: 'http://a', cmd: 'x' }],
    ['has a misspelled field', { url: 'http://a', header: {} }],
    ['has an unknown method', { url: 'http://a', method: 'CONNECT' }],
    ['has two bodies', { url: 'http://a', body: 'x', json: {} }],
    ['has a list of headers', { url: 'http://a', headers: ['a'] }],
    ['has a header of two lines', { url: 'http://a', headers: { a: 'b\r\nc: d' } }],
    ['has a header without a name', { url: 'http://a', headers: { 'a b': 'c' } }],
    ['sets the host', { url: 'http://a', headers: { Host: 'b' } }],
    ['sets the length', { url: 'http://a', headers: { 'content-length': 3 } }],
    ['has a header that is a map', { url: 'http://a', headers: { a: {} } }],
    ['has a query of maps', { url: 'http://a', query: { a: {} } }],
    ['follows four redirects', { url: 'http://a', follow_redirects: 4 }],
    ['has a time of nothing', { url: 'http://a', timeout: 0 }],
    ['has a time that is none', { url: 'http://a', timeout: 'soon' }],
    ['takes too much', { url: 'http://a', max_bytes: 1e9 }],
    ['accepts words', { url: 'http://a', accept_status: ['ok'] }],
  ])('when it %s, then it fails for good before anything is sent', async (_, input) => {
    expect(await rehearsal().outcome('core.http', input)).toMatchObject({
      failure: { kind: 'invalid_input', retryable: false },
    });
  });

  it('when what is wrong holds a secret, then the message does not', async () => {
    const outcome = await request({ url: 'secret(KEY)://x' });

    expect(JSON.stringify(outcome)).not.toContain('canary');
  });
});

describe('given an answer', () => {
  it.each<[string, object]>([
    ['/text', { body: 'grüß', parsed: false, headers: { 'x-one': '1', 'set-cookie': ['a=1', 'b=2'] } }],
    ['/latin', { body: 'grüß', parsed: false }],
    ['/not-json', { body: '{oops', parsed: false }],
    ['/null', { body: null, parsed: true }],
    ['/gzip', { body: 'packed' }],
    ['/brotli', { body: 'packed' }],
    ['/no-content', { status_code: 204, body: '', retry_after: null }],
  ])('when it is %s, then the result is what it means', async (path, output) => {
    expect(await request({ url: `${here}${path}` })).toMatchObject({ status: 'succeeded', output });
  });

  it.each<[string, JsonObject]>([
    ['/big', { max_bytes: 99_999 }],
    ['/bomb', {}],
  ])('when it is %s, then it is not read beyond the limit', async (path, input) => {
    expect(await request({ url: `${here}${path}`, ...input })).toMatchObject({
      failure: { kind: 'response_too_large', retryable: false },
    });
  });

  it('when it is just as large as allowed, then it is read', async () => {
    expect(await request({ url: `${here}/big`, max_bytes: 100_000 })).toMatchObject({ status: 'succeeded' });
  });

  it.each([
    [400, false],
    [401, false],
    [404, true],
    [408, true],
    [409, true],
    [410, false],
    [422, false],
    [423, true],
    [425, true],
    [429, true],
    [500, true],
    [502, true],
  ])(
    'when its status is %i, then the task fails with the result, and a retry may help: %s',
    async (status, retryable) => {
      const outcome = await request({ url: `${here}/status/${status}` });

      expect(outcome).toMatchObject({
        status: 'failed',
        output: { status_code: status, body: 'because' },
        failure: { kind: 'http_status' },
      });
      expect(outcome.status === 'failed' && outcome.failure.retryable !== false).toBe(retryable);
    },
  );

  it.each<[JsonObject, string]>([
    [{ accept_status: [404, 410] }, 'succeeded'],
    [{ accept_status: 404 }, 'succeeded'],
    [{ accept_status: [410] }, 'failed'],
    [{ raise_for_status: false }, 'succeeded'],
    [{ raise_for_status: true }, 'failed'],
  ])('when its status is 404 and the input says %j, then the task %s', async (input, status) => {
    expect(await request({ url: `${here}/status/404`, ...input })).toMatchObject({
      status,
      output: { status_code: 404 },
    });
  });

  it.each([
    ['/later', 120],
    ['/later-date', 30],
  ])('when it is %s, then it says after how many seconds to come again', async (path, seconds) => {
    expect(await request({ url: `${here}${path}` })).toMatchObject({ output: { retry_after: seconds } });
  });
});

describe('given no answer', () => {
  it.each(['/silent', '/half'])('when %s takes too long, then it times out', async (path) => {
    const time = new SimulatedTime();
    const started = rehearsal(time).start('core.http', { url: `${here}${path}`, timeout: '5s' });
    await new Promise((resolve) => servers[0]!.once('request', resolve));
    time.advance(5_000);

    expect(await started.outcome).toMatchObject({
      status: 'failed',
      failure: { kind: 'timeout', message: expect.stringContaining('5 s') },
    });
  });

  it('when the run is canceled, then the request is given up', async () => {
    const one = rehearsal();
    const started = one.start('core.http', { url: `${here}/silent` });
    const seen = await new Promise<IncomingMessage>((resolve) => servers[0]!.once('request', resolve));
    const closed = new Promise((resolve) => seen.socket.once('close', resolve));
    one.executor.abort({ run: 'r' as never, task: 0, item: undefined });

    expect(await started.outcome).toEqual({ status: 'canceled', output: null });
    await closed;
  });

  it.each<[string, string, string]>([
    ['resets', '/reset', 'ECONNRESET'],
    ['packs badly', '/broken-gzip', 'Z_DATA_ERROR'],
  ])('when the server %s, then a retry may help', async (_, path, code) => {
    const outcome = await request({ url: `${here}${path}` });

    expect(outcome).toMatchObject({
      status: 'failed',
      failure: { kind: 'connection_failed', message: expect.stringContaining(code) },
    });
    expect(outcome.status === 'failed' && outcome.failure.retryable).not.toBe(false);
  });

  it('when nobody listens, then it says so', async () => {
    expect(await request({ url: 'http://127.0.0.1:1/' })).toMatchObject({
      failure: { kind: 'connection_failed', message: expect.stringContaining('ECONNREFUSED') },
    });
  });

  it('when the server does not speak TLS, then nothing is sent in the clear', async () => {
    expect(await request({ url: `${here.replace('http:', 'https:')}/mirror` })).toMatchObject({
      failure: { kind: 'connection_failed' },
    });
  });
});

describe('given a redirect', () => {
  const via = (status: number, to: string): string => `${here}/redirect?status=${status}&to=${encodeURIComponent(to)}`;

  it.each<[number, string, string, string]>([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [302, 'PUT', 'PUT', 'body'],
    [307, 'POST', 'POST', 'body'],
    [308, 'POST', 'POST', 'body'],
  ])('when a %i answers a %s, then it goes on as a %s', async (status, method, then, body) => {
    expect(await mirrored({ url: via(status, '/mirror'), method, body: 'body' })).toMatchObject({ method: then, body });
  });

  const keys = { authorization: 'Bearer x', cookie: 'a=1', 'x-api-key': 'k', 'accept-language': 'de' };

  it('when it stays on the origin, then every header goes along', async () => {
    expect((await mirrored({ url: via(302, '/mirror'), headers: keys })).headers).toMatchObject(keys);
  });

  it('when it leads to another origin, then only headers go along that say nothing of who asks', async () => {
    const { headers } = await mirrored({ url: via(302, `${there}/mirror`), headers: keys });

    expect(headers).toMatchObject({ 'accept-language': 'de', host: there.slice('http://'.length) });
    for (const name of ['authorization', 'cookie', 'x-api-key']) expect(headers).not.toHaveProperty(name);
  });

  it('when it would take a secret in the body to another origin, then it is refused', async () => {
    const outcome = await request({ url: via(307, `${there}/mirror`), method: 'POST', json: { key: 'secret(KEY)' } });

    expect(outcome).toMatchObject({ failure: { kind: 'redirect_refused', retryable: false } });
    expect((await mirrored({ url: via(307, `${there}/mirror`), method: 'POST', body: 'plain' })).body).toBe('plain');
  });

  it('when it is not to be followed, then it is the answer', async () => {
    for (const follow_redirects of [false, 0]) {
      expect(await request({ url: via(302, '/mirror'), follow_redirects })).toMatchObject({
        status: 'succeeded',
        output: { status_code: 302 },
      });
    }
  });

  it('when there are as many as allowed, then the last answer counts; one more is too many', async () => {
    const two = via(302, via(302, '/mirror'));

    expect(await request({ url: two, follow_redirects: 2 })).toMatchObject({
      status: 'succeeded',
      output: { url: `${here}/mirror` },
    });
    expect(await request({ url: two, follow_redirects: 1 })).toMatchObject({ failure: { kind: 'too_many_redirects' } });
  });
});
