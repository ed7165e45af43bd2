import { Configuration, ConfigurationError } from './configuration';
import { roles } from './roles';
import type { Role } from './roles/role';
import { Service } from './service';

/** Docker kills ten seconds after the signal, and then nobody learns what did not stop. */
const STOP_TIMEOUT_MS = 5_000;

async function main(): Promise<void> {
  const configuration = new Configuration(process.env);
  const name = configuration.oneOf('ROLE', Object.keys(roles) as (keyof typeof roles)[]);
  const service = new Service(name, configuration);
  const role: Role = new roles[name](service, configuration);

  process.on('uncaughtException', (error) => {
    service.log.fatal({ err: error }, 'stopped by an error');
    process.exit(1);
  });
  const started = service.listen().then(() => role.start());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void stop(signal, started, service, role));
  }
  await started;
  service.log.info(`started as ${name}`);
}

async function stop(signal: string, started: Promise<void>, service: Service, role: Role): Promise<void> {
  service.log.info(`received ${signal}, stopping`);
  setTimeout(() => {
    service.log.error(`not stopped after ${STOP_TIMEOUT_MS} ms, giving up`);
    process.exit(1);
  }, STOP_TIMEOUT_MS).unref();
  await started;
  await service.close();
  await role.stop();
  service.log.info('stopped');
  process.exit(0);
}

main().catch((error: unknown) => {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
