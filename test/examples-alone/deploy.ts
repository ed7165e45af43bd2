/**
 * Deploys each of the five examples by itself on the engine of DOCKER_HOST, with its own `app.ts` and thus on the host
 * ports of its document, and prints a table with the seconds of each step:
 *
 *     npm run examples:deploy [-- mt5 binance]
 *
 * After the deploy every service has to be healthy, then an order has to be filled, a second plan has to be empty, and a
 * destroy has to leave no container. If one of these fails, it exits with 1. The ports have to be free.
 */
import Table from 'cli-table3';
import { containersOf, refuseExisting } from '../e2e/harness/engine';
import { Project } from '../e2e/harness/project';
import { SYSTEMS, type System, uncheckedAfterFill, unhealthy } from '../e2e/harness/systems';
import setup from '../e2e/setup';

/** The outcome for one example. */
interface Result {
  readonly stack: string;
  readonly hostPorts: string;
  readonly steps: readonly string[];
  readonly failed: boolean;
}

const STEPS = ['deploy', 'filled order', 'second plan', 'destroy'] as const;

/** Runs a command of an example's own app, as its comment says. */
async function app(project: Project, stack: string, ...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.run(
    'npx',
    ['--no-install', 'ts-node', `examples/${stack}/app.ts`, ...command],
    // The compiler would check all types again with every command.
    { TS_NODE_TRANSPILE_ONLY: '1' },
  );
  if (code !== 0) throw new Error(`${command.join(' ')} exited with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** The steps of an example; each throws an error if it fails. */
function stepsOf(system: System, project: Project): Record<(typeof STEPS)[number], () => Promise<void>> {
  const { stack } = system;
  return {
    deploy: async () => {
      await app(project, stack, 'deploy', '--yes');
      const failing = await unhealthy(stack);
      if (failing.length > 0) throw new Error(`not healthy: ${failing.join(', ')}`);
    },
    'filled order': async () => {
      const unchecked = await uncheckedAfterFill(system);
      if (unchecked > 0) throw new Error(`${unchecked} orders were filled without approval`);
    },
    'second plan': async () => {
      const plan = await app(project, stack, 'diff');
      if (!plan.includes('Nothing to change')) throw new Error(`the second plan is not empty:\n${plan}`);
    },
    destroy: async () => {
      await app(project, stack, 'destroy', '--yes', '--volumes');
      const left = [...(await containersOf(stack)).keys()];
      if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    },
  };
}

async function deployAlone(system: System): Promise<Result> {
  const { stack } = system;
  await refuseExisting(stack);
  const project = await Project.copy('docker');
  const steps = stepsOf(system, project);
  const done: string[] = [];
  let hostPorts = '';
  try {
    for (const step of STEPS) {
      const started = Date.now();
      await steps[step]();
      done.push(`${Math.round((Date.now() - started) / 1000)} s`);
      process.stderr.write(`${stack}: ${step} (${done.at(-1)})\n`);
      if (step === 'deploy') hostPorts = await hostPortsOf(stack);
    }
    return { stack, hostPorts, steps: done, failed: false };
  } catch (error) {
    process.stderr.write(`${stack}: ${String(error)}\n`);
    await app(project, stack, 'destroy', '--yes', '--volumes').catch((reason: unknown) => {
      process.stderr.write(`${String(reason)}\n`);
    });
    return { stack, hostPorts, steps: [...done, 'failed'], failed: true };
  } finally {
    await project.remove();
  }
}

/** The ports of the host that containers of a stack are published on, all of them on loopback. */
async function hostPortsOf(stack: string): Promise<string> {
  const bindings = [...(await containersOf(stack)).values()].flatMap(({ HostConfig }) =>
    Object.values(HostConfig.PortBindings ?? {}).flat(),
  );
  const exposed = bindings.filter(({ HostIp }) => HostIp !== '127.0.0.1');
  if (exposed.length > 0) throw new Error(`published beyond loopback: ${JSON.stringify(exposed)}`);
  return bindings
    .map(({ HostPort }) => Number(HostPort))
    .sort((one, other) => one - other)
    .join(' ');
}

async function main(): Promise<void> {
  const chosen = process.argv.slice(2);
  const unknown = chosen.filter((name) => !SYSTEMS.some(({ stack }) => stack === name));
  if (unknown.length > 0) {
    const known = SYSTEMS.map(({ stack }) => stack).join(', ');
    throw new Error(`there is no example '${unknown.join("', '")}': use one or more of ${known}`);
  }
  await setup();
  const results: Result[] = [];
  for (const system of SYSTEMS.filter(({ stack }) => chosen.length === 0 || chosen.includes(stack))) {
    results.push(await deployAlone(system));
  }
  const table = new Table({
    head: ['example', 'host ports', ...STEPS],
    colWidths: [13, 42],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const { stack, hostPorts, steps } of results) table.push([stack, hostPorts, ...steps]);
  process.stdout.write(`${table.toString()}\n`);
  if (results.some(({ failed }) => failed)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
