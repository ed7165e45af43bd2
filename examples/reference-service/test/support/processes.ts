import { createServer, type AddressInfo } from 'node:net';
import { Application } from '../../src/application';
import { Configuration } from '../../src/configuration';
import type { ProcessBus } from '../../src/process-bus';
import type { RoleConstructor } from '../../src/roles/role';
import type { Service } from '../../src/service';

/** The same as `main.ts` does with an environment. */
export interface Process {
  readonly service: Service;
  readonly bus: ProcessBus;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function createProcess(
  environment: NodeJS.ProcessEnv,
  roles: readonly RoleConstructor[] = [],
): Promise<Process> {
  const configuration = new Configuration({ LOG_LEVEL: 'fatal', PORT: String(await freePort()), ...environment });
  const application = new Application('test', configuration, roles);
  const { service, bus } = application;
  return {
    service,
    bus,
    start: async () => {
      await application.start();
    },
    stop: async () => {
      await application.stop();
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until the condition holds. */
export async function eventually(holds: () => boolean | Promise<boolean>, milliseconds = 10_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('the condition did not become true in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
