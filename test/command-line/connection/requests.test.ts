import { Agent, createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connection } from '../../../lib/command-line/connection/connection';
import { ask, contentOf } from '../../../lib/command-line/connection/requests';

let server: Server;
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  server = createServer((_request, response) => {
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function connection(patience: number, maxSockets = 4): Connection {
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets });
  return { isEncrypted: false, options: { hostname: '127.0.0.1', port, agent }, patience };
}

async function read(via: Connection): Promise<string> {
  return String(await contentOf(await ask(via, 'GET', '/info', {}), via.patience));
}

const after = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('A response that stops in the middle is given up', async () => {
  answer = (response) => response.write('{"ID":');
  await expect(read(connection(200))).rejects.toThrow('the answer stopped for 0.2 seconds');
});

test('A response may take longer than its pauses', async () => {
  answer = (response) => {
    void (async () => {
      for (let piece = 0; piece < 6; piece += 1) {
        response.write('.');
        await after(100);
      }
      response.end();
    })();
  };
  expect(await read(connection(400))).toBe('......');
});

test('The time to wait for a free connection does not count', async () => {
  answer = (response) => void after(150).then(() => response.end('done'));
  const via = connection(400, 1);
  expect(await Promise.all(Array.from({ length: 5 }, () => read(via)))).toEqual(Array(5).fill('done'));
});

test('An engine that does not answer at all is given up', async () => {
  answer = () => undefined;
  await expect(read(connection(100))).rejects.toThrow('no answer within 0.1 seconds');
});

test('A request is not sent again if the connection ends in the middle of the response', async () => {
  let requests = 0;
  answer = (response) => {
    requests += 1;
    if (requests === 1) response.end('idle');
    // The content is cut off once the response has begun.
    else void after(50).then(() => response.socket?.resetAndDestroy());
    if (requests > 1) response.write('.');
  };
  const via = connection(400, 1);
  await read(via);
  const response = await ask(via, 'GET', '/events', {});
  await expect(contentOf(response, via.patience)).rejects.toThrow('aborted');
  await after(100);
  expect(requests).toBe(2);
});

test('A request that was not answered in time is not sent again', async () => {
  let requests = 0;
  answer = (response) => {
    requests += 1;
    if (requests === 1) response.end('idle');
  };
  const via = connection(100, 1);
  await read(via);
  await expect(read(via)).rejects.toThrow('no answer within 0.1 seconds');
  expect(requests).toBe(2);
});

test('A deletion may take longer, as the engine answers only when everything is deleted', async () => {
  answer = (response) => void after(300).then(() => response.end('deleted'));
  const response = await ask(connection(100), 'DELETE', '/volumes/data', {});
  expect(String(await contentOf(response, 100))).toBe('deleted');
});
