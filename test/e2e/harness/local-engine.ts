/**
 * As a program: starts Debian sid's Docker engine for local use, whatever this machine has, prints its address, and
 * removes it at SIGTERM or SIGINT. Project folders are this checkout and everything in the temporary folder.
 */
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { Server } from './server';
import { removeStaleBridges } from './stale-bridges';

async function main(): Promise<void> {
  const stopped = new Promise((stop) => {
    process.once('SIGTERM', stop).once('SIGINT', stop);
  });
  await removeStaleBridges();
  const server = await Server.start({ localFolders: [tmpdir(), resolve(__dirname, '../../..')] });
  process.stdout.write(`${server.host}\n`);
  await stopped;
  await server.remove();
  await removeStaleBridges();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
