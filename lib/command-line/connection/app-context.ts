import { existsSync, readFileSync } from 'node:fs';
import { type App, CONTEXT_ENV } from 'cdktf';
import { HOST_CONTEXT } from '../../internal';
import { CommandError } from '../output/output';
import { stacksOf } from '../synthesis/stacks';
import { engineAddress, nonEmpty } from './address';

/** The address of the engine that is selected outside the code, if it may be on another machine. */
export function remoteHost(environment: NodeJS.ProcessEnv): string | undefined {
  try {
    const { text, hasOurFiles } = engineAddress(undefined, environment);
    return hasOurFiles ? undefined : text;
  } catch (error) {
    // It does not matter if the code sets another one, and is raised again if it does not.
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

/**
 * Creates the app with the context that cdktf's own command would pass: that of `cdktf.json`, and a remote engine, for
 * which the output differs. The constructs read no environment.
 * @throws CommandError `app-created-before` if the app existed, and so does not have the address of a remote engine
 */
export function withAppContext(createApp: () => App, environment: NodeJS.ProcessEnv): App {
  const before = process.env[CONTEXT_ENV];
  const context = {
    ...contextOfProject(),
    ...(parse(nonEmpty(before) ?? '{}', CONTEXT_ENV) as Readonly<Record<string, unknown>>),
  };
  const complete: Readonly<Record<string, unknown>> = { ...context, ...selectedHost(context, environment) };
  process.env[CONTEXT_ENV] = JSON.stringify(complete);
  try {
    const app = createApp();
    checkIsNew(app, complete[HOST_CONTEXT] ?? '');
    return app;
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, CONTEXT_ENV);
    else process.env[CONTEXT_ENV] = before;
  }
}

/** The output of one without the address would be for this machine: a stack takes it from its app, if its code sets none. */
function checkIsNew(app: App, host: unknown): void {
  if (host === '' || stacksOf(app).every(({ engine }) => engine.host !== undefined)) return;
  throw new CommandError(
    'app-created-before',
    `The app was created before the command had selected the engine at ${String(host)}, so its output would be for this ` +
      'machine. Move `new App` and the stacks into the function that is passed to runCommandLine.',
  );
}

/** A variable was set for this command, and the context of Docker's client for all of them. */
function selectedHost(context: Readonly<Record<string, unknown>>, environment: NodeJS.ProcessEnv): object {
  const host = remoteHost(environment);
  const variable = nonEmpty(environment.DOCKER_HOST) ?? nonEmpty(environment.DOCKER_CONTEXT);
  // Empty for a local engine, whose address is not in the output.
  if (variable !== undefined) return { [HOST_CONTEXT]: host ?? '' };
  const isInContext = (context[HOST_CONTEXT] ?? '') !== '';
  return isInContext || host === undefined ? {} : { [HOST_CONTEXT]: host };
}

function contextOfProject(): Readonly<Record<string, unknown>> {
  const file = 'cdktf.json';
  if (!existsSync(file)) return {};
  const { context = {} } = parse(readFileSync(file, 'utf8'), file) as { context?: Readonly<Record<string, unknown>> };
  return context;
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CommandError('invalid-value', `${where} is not JSON (${String(error)}). Correct it.`);
  }
}
