import { existsSync, readFileSync } from 'node:fs';
import { CONTEXT_ENV } from 'cdktf';
import { HOST_CONTEXT } from '../../internal';
import { CommandError } from '../output/output';
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
 */
export function withAppContext<App>(createApp: () => App, environment: NodeJS.ProcessEnv): App {
  const before = process.env[CONTEXT_ENV];
  const host = remoteHost(environment);
  const context = {
    ...contextOfProject(),
    ...(parse(nonEmpty(before) ?? '{}', CONTEXT_ENV) as object),
    ...(host !== undefined && { [HOST_CONTEXT]: host }),
  };
  process.env[CONTEXT_ENV] = JSON.stringify(context);
  try {
    return createApp();
  } finally {
    if (before === undefined) delete process.env.CDKTF_CONTEXT_JSON;
    else process.env[CONTEXT_ENV] = before;
  }
}

function contextOfProject(): object {
  const file = 'cdktf.json';
  if (!existsSync(file)) return {};
  return (parse(readFileSync(file, 'utf8'), file) as { readonly context?: object }).context ?? {};
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CommandError('invalid-value', `${where} is not JSON (${String(error)}). Correct it.`);
  }
}
