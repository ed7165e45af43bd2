import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Image, RedisCache, Secret, SecretDelivery, Size, Workload } from '../../lib';
import { readSecretFile } from '../../lib/workload/secrets/secret-files';
import { nginxConfiguration } from '../../lib/services/nginx/configuration';
import { serverCommand as postgresCommand } from '../../lib/services/postgres/settings';
import { checkRabbitMqSettings, settingsText } from '../../lib/services/rabbitmq/settings';
import { serverCommand as redisCommand } from '../../lib/services/redis/settings';
import { createStack } from '../setup/synthesize';
import { TemporaryProject } from '../workload/temporary-project';
import { describeWith, line, temporaryFolder, text } from './programs';

const folder = temporaryFolder();
const project = TemporaryProject.forEveryTest();
const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

describe.each(['sh', 'dash', 'bash'])('the shell', (shell) => {
  describeWith(shell, ['-c', ':'], () => {
    test('a secret is in the variable as in everything derived from it', () => {
      const stack = createStack();
      const secret = Secret.provided(stack, 'api_key', { description: 'a key' });
      const { spec } = new Workload(stack, 'bot', {
        image,
        entrypoint: ['printenv', 'API_KEY'],
        secrets: { API_KEY: secret.deliveredAs(SecretDelivery.EXPORTED) },
      });
      const [, ...words] = [...(spec.entrypoint ?? []), ...(spec.command ?? [])].map((word) =>
        word.replace('/run/secrets', project.locate('.secrets/desk')),
      );
      const content = fc.tuple(text, fc.constantFrom('', '\n', '\r\n', '\n\n', '\r\n\r\n', '\r'));
      fc.assert(
        fc.property(content, ([start, end]) => {
          fc.pre(start.trim() !== '');
          project.write('.secrets/desk/api_key', start + end);
          const expected = start.replace(/[\r\n]+$/, '');
          expect(execFileSync(shell, words, { encoding: 'utf8' })).toBe(`${expected}\n`);
          expect(readSecretFile(secret)).toBe(expected);
        }),
        { numRuns: 100 },
      );
    });
  });
});

describeWith('postgres', ['--version'], () => {
  test('a setting arrives as the string that was given', () => {
    mkdirSync(folder.locate('postgres'));
    writeFileSync(folder.locate('postgres/postgresql.conf'), '');
    fc.assert(
      fc.property(line, (given) => {
        const [program = '', ...args] = postgresCommand({ 'desk.note': given });
        // As root, PostgreSQL only prints a setting if that is its first option.
        const all = ['-C', 'desk.note', '-D', folder.locate('postgres'), ...args];
        expect(execFileSync(program, all, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).toBe(
          `${given}\n`,
        );
      }),
      { numRuns: 100 },
    );
  });
});

describeWith('redis-server', ['--version'], () => {
  const socket = folder.locate('redis.sock');

  /** One command in Redis' own protocol, and the strings of its answer. */
  async function ask(...words: string[]): Promise<string[]> {
    const connection = createConnection(socket);
    const chunks: Buffer[] = [];
    connection.on('data', (chunk: Buffer) => chunks.push(chunk));
    for (const command of [words, ['QUIT']]) {
      connection.write(`*${command.length}\r\n`);
      for (const word of command) connection.write(`$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    }
    await new Promise((resolve, reject) => connection.once('close', resolve).once('error', reject));
    return stringsIn(Buffer.concat(chunks));
  }

  function stringsIn(answer: Buffer): string[] {
    const strings: string[] = [];
    for (let at = 0; at < answer.length;) {
      const end = answer.indexOf('\r\n', at);
      const [kind, rest] = [String.fromCharCode(answer[at] ?? 0), answer.toString('utf8', at + 1, end)];
      at = end + 2;
      if (kind === '$') {
        strings.push(answer.toString('utf8', at, at + Number(rest)));
        at += Number(rest) + 2;
      } else if (kind !== '*') {
        strings.push(rest);
      }
    }
    return strings;
  }

  async function withServer(args: readonly string[], check: () => Promise<void>): Promise<void> {
    const own = ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder.locate('.')];
    const server = spawn('redis-server', [...args, ...own], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    server.stdout.on('data', (chunk) => (output += String(chunk)));
    server.stderr.on('data', (chunk) => (output += String(chunk)));
    const ended = new Promise((resolve) => server.once('close', resolve));
    try {
      while (!/ready to accept connections/i.test(output)) {
        if (server.exitCode !== null) throw new Error(`redis-server ended: ${output}`);
        await sleep(20);
      }
      await check();
    } finally {
      server.kill('SIGKILL');
      await ended;
    }
  }

  test('a setting arrives as the string that was given', async () => {
    writeFileSync(folder.locate('empty.conf'), '');
    await fc.assert(
      fc.asyncProperty(line, async (given) => {
        const [, ...args] = redisCommand('redis-server', folder.locate('empty.conf'), {
          'syslog-ident': given,
          loglevel: 'notice',
        });
        await withServer(args, async () => {
          expect(await ask('CONFIG', 'GET', 'syslog-ident')).toEqual(['syslog-ident', given, 'OK']);
        });
      }),
      { numRuns: 40 },
    );
  });

  test('a password of any characters is the one that clients use', async () => {
    const stack = createStack();
    const password = Secret.provided(stack, 'password', { description: 'a password' });
    const redis = new RedisCache(stack, 'redis', { password });
    const configuration = redis.node.findChild('auth.conf');
    if (!(configuration instanceof Secret) || configuration.source.kind !== 'derived') {
      throw new Error('the configuration is not derived');
    }
    const { compose } = configuration.source;
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        fc.pre(given.trim() !== '');
        writeFileSync(folder.locate('auth.conf'), compose({ password: given }));
        await withServer([folder.locate('auth.conf')], async () => {
          expect((await ask('AUTH', given))[0]).toBe('OK');
          expect((await ask('AUTH', `${given} `))[0]).toMatch(/WRONGPASS/);
        });
      }),
      { numRuns: 25 },
    );
  });
});

// Set ERL_LIBS to the folder that contains `cuttlefish`, RabbitMQ's parser, 3.4 or later.
describeWith('erl', ['-noshell', '-eval', '{module, _} = code:load_file(conf_parse), halt().'], () => {
  test('a setting of RabbitMQ arrives as the string that was given, or is refused', () => {
    const memory = Size.gibibytes(1);
    const given = fc.sample(line, 2000).filter((value) => {
      try {
        checkRabbitMqSettings({ note: value }, memory, 'desk/broker');
        return true;
      } catch {
        return false;
      }
    });
    const settings = given.map((value, index): [string, string] => [`desk.note${index}`, value]);
    writeFileSync(folder.locate('rabbitmq.conf'), settingsText(Object.fromEntries(settings)));
    const program =
      `[io:format("~ts~n", [base64:encode(unicode:characters_to_binary(V))]) || {_, V} <- ` +
      `conf_parse:file("${folder.locate('rabbitmq.conf')}")], halt().`;
    const output = execFileSync('erl', ['-noshell', '-eval', program], { encoding: 'utf8' });
    const read = output.split('\n').map((encoded) => Buffer.from(encoded, 'base64').toString());
    expect(read.slice(0, -1)).toEqual(given);
    expect(given.length).toBeGreaterThan(1500);
  });
});

describeWith('nginx', ['-v'], () => {
  test('a header arrives as the string that was given', async () => {
    const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
    const allowed = printable.filter((character) => !'"\\$'.includes(character));
    const value = fc
      .string({ unit: fc.constantFrom(...allowed), minLength: 1, maxLength: 20 })
      .filter((one) => one === one.trim());
    const values = fc.sample(value, 60);
    const headers = Object.fromEntries(values.map((value, index) => [`X-Desk-${index}`, value]));
    const configuration = nginxConfiguration({
      where: 'desk/proxy',
      routes: [],
      page: null,
      workers: 1,
      maxBodySize: Size.mebibytes(1),
      headers,
      clientsUseHttps: false,
    });
    const socket = folder.locate('nginx.sock');
    const content = configuration
      .replaceAll('/tmp/', `${folder.locate('.')}/`)
      .replace('include /etc/nginx/mime.types;', '')
      .replace(/listen 8080/, `listen unix:${socket}`)
      .replace(/listen 8081/, `listen unix:${socket}.status`)
      .replace('/dev/stdout', folder.locate('access.log'));
    writeFileSync(folder.locate('nginx.conf'), content);
    const args = ['-p', folder.locate(''), '-c', folder.locate('nginx.conf')];
    const check = spawnSync('nginx', ['-t', ...args], { encoding: 'utf8' });
    expect([check.status, check.stderr]).toEqual([0, expect.stringContaining('test is successful')]);
    const server = spawn('nginx', [...args, '-g', 'daemon off;']);
    try {
      await sleep(500);
      const received = await new Promise<NodeJS.Dict<string | string[]>>((resolve, reject) => {
        request({ socketPath: socket, path: '/healthz' }, ({ headers: all }) => {
          resolve(all);
        })
          .once('error', reject)
          .end();
      });
      const read = values.map((_, index) => received[`x-desk-${index}`]);
      expect(read).toEqual(values);
    } finally {
      server.kill('SIGTERM');
    }
  });
});
