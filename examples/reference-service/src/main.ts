import { Configuration, ConfigurationError } from './configuration';
import { ProcessBus } from './process-bus';
import { roles } from './roles';
import type { Role, RoleConstructor } from './roles/role';
import { Service } from './service';
import { createTransport } from './transports';

/** Docker kills ten seconds after the signal, and then nobody learns what did not stop. */
const STOP_TIMEOUT_MS = 8_000;

async function main(): Promise<void> {
  const configuration = new Configuration(process.env);
  const names = configuration.someOf('ROLE', Object.keys(roles) as (keyof typeof roles)[]);
  const service = new Service(names.join('+'), configuration);
  const bus = new ProcessBus(service, configuration, createTransport(service, configuration));
  const played: readonly Role[] = names.map((name) => {
    const constructor: RoleConstructor = roles[name];
    return new constructor(service, configuration, bus);
  });

  process.on('uncaughtException', (error) => {
    service.log.fatal({ err: error }, 'stopped by an error');
    process.exit(1);
  });
  const started = start(service, bus, played);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void stop(signal, started, service, bus, played));
  }
  await started;
  service.log.info(`started as ${names.join(', ')}`);
}

async function start(service: Service, bus: ProcessBus, played: readonly Role[]): Promise<void> {
  await service.listen();
  await bus.start();
  for (const role of played) await role.start();
}

async function stop(
  signal: string,
  started: Promise<void>,
  service: Service,
  bus: ProcessBus,
  played: readonly Role[],
): Promise<void> {
  service.log.info(`received ${signal}, stopping`);
  setTimeout(() => {
    service.log.error(`not stopped after ${STOP_TIMEOUT_MS} ms, giving up`);
    process.exit(1);
  }, STOP_TIMEOUT_MS).unref();
  await started;
  await service.closeHttp();
  // What the roles finish may still need the bus, and what the bus finishes the database.
  for (const role of played) await role.stop();
  await bus.stop();
  await service.disconnect();
  service.log.info('stopped');
  process.exit(0);
}

main().catch((error: unknown) => {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
