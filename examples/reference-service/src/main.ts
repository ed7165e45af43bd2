import { Application } from './application';
import { Configuration, ConfigurationError } from './configuration';
import { roles } from './roles';

async function main(): Promise<void> {
  const configuration = new Configuration(process.env);
  const names = configuration.someOf('ROLE', Object.keys(roles) as (keyof typeof roles)[]);
  const application = new Application(
    names.join('+'),
    configuration,
    names.map((name) => roles[name]),
  );
  const { log } = application.service;

  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'stopped by an error');
    process.exit(1);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void stop(`received ${signal}`, application));
  }
  const isFinished = await started(application);
  if (application.isStopping) return;
  log.info(`started as ${names.join(', ')}`);
  if (isFinished) await stop('finished', application);
}

async function started(application: Application): Promise<boolean> {
  try {
    return await application.start();
  } catch (error) {
    // The signal handler logs the rest.
    if (application.isStopping) return false;
    throw error;
  }
}

async function stop(reason: string, application: Application): Promise<void> {
  const { log } = application.service;
  if (application.isStopping) return;
  log.info(`${reason}, stopping`);
  setTimeout(() => {
    log.error(`not stopped after ${application.stopTimeout} ms, giving up`);
    process.exit(1);
  }, application.stopTimeout).unref();
  const hadStarted = await application.stop();
  log.info(hadStarted ? 'stopped' : 'stopped before it had started');
  // A migration that was stopped is not complete.
  process.exit(hadStarted ? 0 : 1);
}

main().catch((error: unknown) => {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
