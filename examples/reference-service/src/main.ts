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
    process.once(signal, () => void stop(`received ${signal}`, started, service, bus, played));
  }
  const isFinished = await started;
  service.log.info(`started as ${names.join(', ')}`);
  if (isFinished) await stop('finished', started, service, bus, played);
}

/** Whether all roles had an end and reached it. */
async function start(service: Service, bus: ProcessBus, played: readonly Role[]): Promise<boolean> {
  await service.listen();
  await bus.start();
  const outcomes: (void | 'finished')[] = [];
  for (const role of played) outcomes.push(await role.start());
  return outcomes.every((outcome) => outcome === 'finished');
}

async function stop(
  reason: string,
  started: Promise<unknown>,
  service: Service,
  bus: ProcessBus,
  played: readonly Role[],
): Promise<void> {
  service.log.info(`${reason}, stopping`);
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
