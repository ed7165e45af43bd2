import type { Command } from 'commander';
import { examples } from '../../output/examples';
import { doctor } from '../doctor/doctor';
import { type CommandRunner, type JsonFlag, OPTIONAL_STACK } from '../runner';
import { timeWithZone } from '../time-with-zone';
import { wholeNumber } from '../whole-number';
import { openConsole } from './console';
import { exec } from './exec';
import { logs } from './logs';
import { scale } from './scale';
import { status } from '../status/status';

interface LogsFlags extends JsonFlag {
  readonly follow?: boolean;
  readonly since?: number | Date;
  readonly tail?: number;
}

const STACK = 'name of the stack';
const SERVICE = 'id of the service, or the name of its container';

/** Arguments that a command needs, as its help shows them. The command itself says which values they can have. */
const USAGE = '[options] <stack> <service>';

/** Adds the commands for what is deployed. */
export function addRunningCommands(program: Command, { run }: CommandRunner): void {
  program
    .command('status')
    .description(
      'show the state, health, uptime, restarts and image of every service and job, why one is not up, the alerts that ' +
        'fire and the newest backups; exits with 0 only if everything that should run does',
    )
    .argument('[stack]', OPTIONAL_STACK)
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples('status -- desk', 'status -- desk --json'))
    .action(async (name: string | undefined, flags: JsonFlag) => {
      await run(flags, (app, context) => status(app, name, context));
    });

  program
    .command('logs')
    .description('show the logs of all services and jobs as one, in the order of time')
    .argument('[stack]', OPTIONAL_STACK)
    .argument('[services...]', 'ids of services, or the names of their containers; all by default')
    .option('--follow', 'continue with what is printed, also by containers that are started later, until Ctrl-C')
    .option(
      '--since <time>',
      'only what was printed since a time, or in the last seconds, minutes, hours or days',
      since,
    )
    .option('--tail <lines>', 'only the last lines of each container', wholeNumber(0))
    .option('--json', 'print each line as a JSON document with its service, time, stream and text')
    .addHelpText(
      'after',
      examples(
        'logs -- desk --since 10m',
        'logs -- desk api db --follow --tail 20',
        'logs -- desk --since 2026-01-31T09:00:00Z',
      ),
    )
    .action(async (name: string | undefined, services: readonly string[], flags: LogsFlags) => {
      const { follow = false, since: from, tail } = flags;
      await run(flags, (app, context) => logs(app, name, services, { follow, since: from, tail }, context));
    });

  program
    .command('exec')
    .description(
      'run a command in the container of a service, with a terminal if there is one; exits with its exit code',
    )
    .argument('[stack]', STACK)
    .argument('[service]', SERVICE)
    .argument('[command...]', 'the command and its arguments, after two dashes')
    .usage(`${USAGE} <command...>`)
    .passThroughOptions()
    .addHelpText('after', examples('exec -- desk api -- sh', 'exec -- desk api -- env', 'exec -- desk db -- df -h'))
    .action(async (name: string | undefined, service: string | undefined, command: readonly string[]) => {
      await run({}, (app, context) => exec(app, name, service, withoutDashes(command), context));
    });

  program
    .command('console')
    .description(
      'start the client of a server in its container, with its user and password: psql, redis-cli, influx, and a ' +
        'shell with rabbitmqctl',
    )
    .argument('[stack]', STACK)
    .argument('[service]', SERVICE)
    .argument('[arguments...]', 'arguments of the client, after two dashes; it is interactive without them')
    .usage(`${USAGE} [arguments...]`)
    .passThroughOptions()
    .addHelpText(
      'after',
      examples(
        'console -- desk db',
        "console -- desk db -- -c 'SELECT now()'",
        'console -- desk redis -- INFO memory',
        'console -- desk rabbitmq -- list_queues',
      ),
    )
    .action(async (name: string | undefined, service: string | undefined, words: readonly string[]) => {
      await run({}, (app, context) => openConsole(app, name, service, withoutDashes(words), context));
    });

  program
    .command('scale')
    .description('change the number of replicas of a service of a Swarm until the next deploy, and wait until they run')
    .argument('[stack]', STACK)
    .argument('[service]', SERVICE)
    .argument('[replicas]', 'how many of it run', wholeNumber(0))
    .usage(`${USAGE} <replicas>`)
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples('scale -- desk api 5'))
    .action(
      async (name: string | undefined, service: string | undefined, replicas: number | undefined, flags: JsonFlag) => {
        await run(flags, (app, context) => scale(app, name, service, replicas, context));
      },
    );

  program
    .command('doctor')
    .description(
      'check versions, provider, secrets, ports, volumes, clocks, CPUs, memory, disk and left-overs; exits with 1 if ' +
        'there is a problem',
    )
    .argument('[stack]', OPTIONAL_STACK)
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples('doctor', 'doctor -- desk', 'doctor -- desk --json'))
    .action(async (name: string | undefined, flags: JsonFlag) => {
      await run(flags, (app, context) => doctor(app, name, context));
    });
}

/** Commander passes on the two dashes that separate the command of a container from that of npm. */
function withoutDashes(words: readonly string[]): readonly string[] {
  return words[0] === '--' ? words.slice(1) : words;
}

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns how long ago in milliseconds, or the time */
function since(text: string): number | Date {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return Number(amount) * (MILLISECONDS[unit] ?? 0);
  return timeWithZone(text, 'a number with a unit, such as 30s, 10m, 2h or 1d, or ');
}
