import { createServer, type AddressInfo } from 'node:net';
import { Configuration } from '../../src/configuration';
import { ProcessBus } from '../../src/process-bus';
import type { RoleConstructor } from '../../src/roles/role';
import { Service } from '../../src/service';
import { createTransport } from '../../src/transports';

/** What `main.ts` makes of an environment. */
export interface Process {
  readonly service: Service;
  readonly bus: ProcessBus;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function createProcess(
  environment: NodeJS.ProcessEnv,
  roles: readonly RoleConstructor[] = [],
): Promise<Process> {
  const configuration = new Configuration({ LOG_LEVEL: 'fatal', PORT: String(await freePort()), ...environment });
  const service = new Service('test', configuration);
  const bus = new ProcessBus(service, configuration, createTransport(service, configuration));
  const played = roles.map((role) => new role(service, configuration, bus));
  return {
    service,
    bus,
    start: async () => {
      await service.listen();
      await bus.start();
      for (const role of played) await role.start();
    },
    stop: async () => {
      await service.closeHttp();
      for (const role of played) await role.stop();
      await bus.stop();
      await service.disconnect();
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
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
