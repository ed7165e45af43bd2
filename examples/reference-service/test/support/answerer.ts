import { appendFileSync } from 'node:fs';
import { createProcess } from './processes';

/** A process of its own that answers orders, for tests that stop it: it writes what it began into the file `BEGUN`. */
async function main(): Promise<void> {
  const answerer = await createProcess(process.env);
  answerer.bus.respond('orders', async (message) => {
    appendFileSync(String(process.env.BEGUN), `${JSON.stringify(message)}\n`);
    return { got: message };
  });
  await answerer.start();
}

void main();
