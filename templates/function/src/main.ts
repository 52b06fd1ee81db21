/** A process that takes and drives orders: `npm start`. While you write them, `npm run dev` does without it. */

import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { createPawl } from 'pawl';
import { charge, type Order, order, refund } from './order.ts';

const pawl = await createPawl({ path: './pawl.db', actions: [charge, refund], workflows: [order] });
await pawl.resume();

// curl localhost:8080 -d '{"id": "7", "euros": 30}'
const server = createServer(async (request, response) => {
  try {
    const run = await pawl.start(order, (await json(request)) as Order);
    response.writeHead(202).end(`${run.id}\n`);
  } catch (error) {
    response.writeHead(400).end(`${error instanceof Error ? error.message : error}\n`);
  }
});
server.listen(Number(process.env.PORT ?? 8080), () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : address;
  console.log(`taking orders at http://localhost:${port}`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, async () => {
    server.close();
    await pawl.close(10_000);
  });
