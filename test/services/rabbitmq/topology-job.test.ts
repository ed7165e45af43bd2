import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Network, RabbitMqBroker, type RabbitMqBrokerProps, Workload, writeSecretFiles } from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { TemporaryProject } from '../../workload/temporary-project';
import { BOT, fileOf, startOf } from '../fixtures';

const project = TemporaryProject.forEveryTest();
const QUEUES: RabbitMqBrokerProps = { queues: [{ name: 'orders' }] };

function synthesize(props: RabbitMqBrokerProps) {
  return synthesizeStack((stack) => new RabbitMqBroker(stack, 'rabbitmq', props));
}

function job(props: RabbitMqBrokerProps): TerraformBlock {
  return containerNamed(synthesize(props), 'desk-rabbitmq-topology');
}

function hasJob(props: RabbitMqBrokerProps): boolean {
  return Object.values(synthesize(props).resource.docker_container ?? {}).some(
    ({ name }) => name === 'desk-rabbitmq-topology',
  );
}

describe('the job', () => {
  test.each<RabbitMqBrokerProps>([{}, { policies: [{ name: 'limits', pattern: '.*', definition: {} }] }])(
    'a broker without exchanges and queues has none: %j',
    (props) => {
      expect(hasJob(props)).toBe(false);
    },
  );

  test.each<RabbitMqBrokerProps>([QUEUES, { exchanges: [{ name: 'fills', type: 'topic' }] }])(
    'a broker with %j has one',
    (props) => {
      expect(hasJob(props)).toBe(true);
    },
  );

  test.each<RabbitMqBrokerProps>([
    { management: false },
    { settings: { 'management.tcp.ip': '127.0.0.1' } },
    { settings: { 'management.path_prefix': '/mq' } },
    { settings: { 'management.disable_basic_auth': true } },
  ])('a broker whose HTTP API it could not use has none: %j', (props) => {
    expect(hasJob({ ...QUEUES, ...props })).toBe(false);
  });

  test.each(ENGINES)('it is a container on $engineName that runs once', ({ createEngine }) => {
    const terraform = synthesizeStack((stack) => new RabbitMqBroker(stack, 'rabbitmq', QUEUES), {
      engine: createEngine(),
    });

    expect(containerNamed(terraform, 'desk-rabbitmq-topology')).toMatchObject({ attach: true, restart: 'no' });
  });

  test('it starts after the broker, and consumers do not wait for it', () => {
    const terraform = synthesizeStack((stack) => {
      const broker = new RabbitMqBroker(stack, 'rabbitmq', QUEUES);
      new Workload(stack, 'bot', { image: BOT, uses: [broker] });
    });

    expect(startOf(terraform, 'desk-rabbitmq-topology').after).toEqual(['docker_container.desk-rabbitmq']);
    expect(startOf(terraform, 'desk-bot').after).toEqual(['docker_container.desk-rabbitmq']);
  });

  test('it gets the password in a file only', () => {
    const container = job(QUEUES);

    expect(startOf(synthesize(QUEUES), 'desk-rabbitmq-topology').secrets).toEqual([
      '/run/secrets/rabbitmq-topology_authorization',
    ]);
    expect(container.env).toEqual([
      'AUTHORIZATION_FILE=/run/secrets/rabbitmq-topology_authorization',
      'BROKER_HOST=rabbitmq',
    ]);
  });

  test('it is on the networks of the broker, without its names there', () => {
    const terraform = synthesizeStack((stack) => {
      const networks = [new Network(stack, 'market').withAliases('mq')];
      new RabbitMqBroker(stack, 'rabbitmq', { ...QUEUES, networks });
    });
    const networksOf = (name: string) =>
      containerNamed(terraform, name).networks_advanced as readonly { readonly aliases: string[] }[];
    const [own, ...others] = networksOf('desk-rabbitmq-topology');

    expect(others).toEqual([]);
    expect(own).toEqual({ ...networksOf('desk-rabbitmq')[0], aliases: ['rabbitmq-topology'] });
  });
});

describe('the script of the job', () => {
  const asked: { readonly request: string; readonly authorization: string | undefined; readonly body: string }[] = [];
  let refuse: (request: string) => string | undefined;
  let broker: Server;
  let port: number;

  beforeEach(async () => {
    asked.length = 0;
    refuse = () => undefined;
    broker = createServer((message, answer) => {
      const chunks: Buffer[] = [];
      message.on('data', (chunk: Buffer) => chunks.push(chunk));
      message.on('end', () => {
        const request = `${message.method ?? ''} ${message.url ?? ''}`;
        const { authorization } = message.headers;
        asked.push({ request, authorization, body: Buffer.concat(chunks).toString() });
        const reason = refuse(request);
        answer.statusCode = reason === undefined ? 204 : 400;
        answer.end(reason === undefined ? undefined : JSON.stringify({ error: 'bad_request', reason }));
      });
    });
    await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
    ({ port } = broker.address() as AddressInfo);
  });

  afterEach(() => {
    broker.close();
  });

  /** Runs the script with the local server as its broker. */
  async function run(props: RabbitMqBrokerProps): Promise<{ readonly code: number; readonly output: string }> {
    project.write('.secrets/desk/rabbitmq_password', 'pässword');
    writeSecretFiles(createStack((stack) => new RabbitMqBroker(stack, 'rabbitmq', props)));
    // Without the escapes of Terraform.
    const script = fileOf(job(props), '/etc/rabbitmq/topology.sh')
      .replaceAll('$${', '${')
      .replaceAll('15672', String(port));
    const AUTHORIZATION_FILE = project.locate('.secrets/desk/rabbitmq-topology_authorization');
    const env = { ...process.env, BROKER_HOST: '127.0.0.1', AUTHORIZATION_FILE };
    return new Promise((resolve) => {
      execFile('bash', ['-c', script], { env }, (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), output: `${stdout}${stderr}` });
      });
    });
  }

  test('declares exchanges, then queues, then bindings, with the definitions that the broker imports', async () => {
    const { code, output } = await run({
      virtualHost: 'desk/paper',
      exchanges: [{ name: 'fills', type: 'topic' }],
      queues: [
        {
          name: "it's ünsettled",
          arguments: { 'x-max-length': 5 },
          bindings: [{ exchange: 'fills', routingKey: '#' }],
        },
        { name: 'ticks', type: 'classic' },
      ],
    });

    expect({ code, output }).toEqual({ code: 0, output: '' });
    expect(asked.map(({ request, body }) => [request, JSON.parse(body) as unknown])).toEqual([
      [
        'PUT /api/exchanges/desk%2Fpaper/fills',
        { type: 'topic', durable: true, auto_delete: false, internal: false, arguments: {} },
      ],
      [
        "PUT /api/queues/desk%2Fpaper/it's%20%C3%BCnsettled",
        { durable: true, auto_delete: false, arguments: { 'x-max-length': 5, 'x-queue-type': 'quorum' } },
      ],
      [
        'PUT /api/queues/desk%2Fpaper/ticks',
        { durable: true, auto_delete: false, arguments: { 'x-queue-type': 'classic' } },
      ],
      ["POST /api/bindings/desk%2Fpaper/e/fills/q/it's%20%C3%BCnsettled", { routing_key: '#', arguments: {} }],
    ]);
    const authorization = `Basic ${Buffer.from('admin:pässword').toString('base64')}`;
    expect(new Set(asked.map((one) => one.authorization))).toEqual(new Set([authorization]));
  });

  test('names everything that the broker refuses, and fails', async () => {
    refuse = (request) => (request.includes('fine') ? undefined : `inequivalent arg 'x-max-length' in ${request}`);
    const { code, output } = await run({ queues: [{ name: 'orders' }, { name: 'fine' }, { name: 'ticks' }] });

    expect(code).toBe(1);
    expect(output.split('\n').slice(0, 2)).toEqual([
      "queues/%2F/orders: inequivalent arg 'x-max-length' in PUT /api/queues/%2F/orders",
      "queues/%2F/ticks: inequivalent arg 'x-max-length' in PUT /api/queues/%2F/ticks",
    ]);
    expect(output).toContain('rabbitmqctl delete_queue');
    expect(asked).toHaveLength(3);
  });

  test.each(['Login failed', 'invalid arg'])('does not propose to delete a queue after "%s"', async (reason) => {
    refuse = () => reason;
    const { code, output } = await run(QUEUES);

    expect(code).toBe(1);
    expect(output).toContain(`queues/%2F/orders: ${reason}\nThe declarations above were not applied.`);
    expect(output).not.toContain('delete_queue');
  });

  test('fails if the broker does not answer', async () => {
    broker.close();
    const { code, output } = await run(QUEUES);

    expect(code).toBe(1);
    expect(output).toContain('Connection refused');
  });

  test('the routing key and the arguments may contain everything that JSON can', async () => {
    const argument = '\\u "quoted" $HOME `id` \\ \n%s é REQUESTS';
    const { code } = await run({ queues: [{ name: 'orders', arguments: { 'x-dead-letter-exchange': argument } }] });

    expect(code).toBe(0);
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ arguments: { 'x-dead-letter-exchange': argument } });
  });
});
