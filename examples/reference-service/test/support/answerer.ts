import { appendFileSync } from 'node:fs';
import { createProcess } from './processes';

/**
 * A separate process that answers orders, for tests that stop it. It writes each order that it starts to the file
 * `BEGUN`.
 */
async function main(): Promise<void> {
  const answerer = await createProcess(process.env);
  answerer.bus.respond('orders', async (message) => {
    appendFileSync(String(process.env.BEGUN), `${JSON.stringify(message)}\n`);
    return { got: message };
  });
  await answerer.start();
}

void main();
