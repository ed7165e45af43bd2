import {
  BindMount,
  ConfigFile,
  Engine,
  ExternalEndpoint,
  Image,
  Job,
  PublishedPort,
  Secret,
  Size,
  TradingStack,
  Workload,
  type WorkloadProps,
} from '../../../lib';
import {
  containerNamed,
  createApp,
  createStack,
  serviceNamed,
  synthesize,
  synthesizeStack,
  type Terraform,
  type TerraformBlock,
} from '../../setup/synthesize';
import { TemporaryProject } from '../../workload/temporary-project';

const project = TemporaryProject.forEveryTest();
const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

function synthesizeSwarm(build: (stack: TradingStack) => unknown): Terraform {
  return synthesizeStack((stack) => void build(stack), { engine: Engine.swarm() });
}

function all(terraform: Terraform, type: string): TerraformBlock[] {
  return Object.values(terraform.resource[type] ?? {});
}

function containerSpecOf(terraform: Terraform, name: string): TerraformBlock {
  return (serviceNamed(terraform, name).task_spec as { container_spec: TerraformBlock }).container_spec;
}

test('a service refers to a pulled image by its digest, as a tag would differ in every plan', () => {
  const terraform = synthesizeSwarm((stack) => new Workload(stack, 'bot', { image }));
  expect(containerSpecOf(terraform, 'desk-bot').image).toMatch(
    /^\$\{(\S+)\.repo_digest != "" \? \1\.repo_digest : \1\.name\}$/,
  );
});

test('a service refers to a built image by its id, so that one that is built again is another one', () => {
  project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
  const terraform = synthesizeSwarm((stack) => new Workload(stack, 'bot', { image: Image.fromBuild('bot') }));
  expect(containerSpecOf(terraform, 'desk-bot').image).toMatch(/^\$\{docker_image\.\S+\.image_id\}$/);
});

test('a service refers to the network by its id', () => {
  const terraform = synthesizeSwarm((stack) => new Workload(stack, 'bot', { image }));
  expect(serviceNamed(terraform, 'desk-bot').task_spec).toMatchObject({
    networks_advanced: [{ name: expect.stringMatching(/\.id\}$/) as string }],
  });
});

describe('a port on loopback', () => {
  const publish = (optional: boolean) => (stack: TradingStack) =>
    new Workload(stack, 'bot', { image, replicas: 2, ports: [PublishedPort.loopback(8000, { optional })] });

  test('an optional port on loopback is left unpublished, and does not stop replicas from overlapping', () => {
    const service = serviceNamed(synthesizeSwarm(publish(true)), 'desk-bot');
    expect(service.endpoint_spec).toEqual({ mode: 'dnsrr', ports: [] });
    expect(service.update_config).toMatchObject({ order: 'start-first' });
  });

  test('a port on loopback that is not optional is refused', () => {
    expect(() => createStack(publish(false), { engine: Engine.swarm() })).toThrowCode(
      'unsupported-by-engine',
      'desk/bot',
      'publishing port 8000 only on 127.0.0.1',
    );
  });
});

test('a job is a container on the manager that Terraform waits for and that has to exit with 0', () => {
  const terraform = synthesizeSwarm((stack) => new Job(stack, 'migrate', { image }));
  expect(containerNamed(terraform, 'desk-migrate')).toMatchObject({ attach: true, must_run: false });
  expect(terraform.resource).not.toHaveProperty('docker_service');
});

describe('files of a job', () => {
  const jobOn = (host: string | undefined, options: Partial<WorkloadProps>) => () =>
    synthesizeStack((stack) => new Job(stack, 'migrate', { image, ...options }), {
      engine: Engine.swarm(host === undefined ? {} : { host }),
    });
  const mounts = [BindMount.readOnly(__filename, '/app/rules')];

  test.each(['ssh://desk@10.0.0.2', 'tcp://10.0.0.2:2376', 'tcp://127.0.0.1:2375'])(
    'on the remote manager %s are mounted from a volume and from its own paths, as a job is a container',
    (host) => {
      const terraform = synthesizeStack(
        (stack) => {
          const secrets = { API_KEY: Secret.generated(stack, 'api_key') };
          new Job(stack, 'migrate', { image, secrets, bindMounts: [BindMount.readOnly('/srv/rules', '/app/rules')] });
        },
        { engine: Engine.swarm({ host }) },
      );
      expect(containerNamed(terraform, 'desk-migrate')).toMatchObject({
        volumes: [{ from_container: expect.stringMatching(/^desk-migrate-secrets-.*:ro$/) as string }],
        mounts: [{ type: 'bind', source: '/srv/rules', target: '/app/rules', read_only: true }],
      });
    },
  );

  test.each([undefined, '', 'unix:///var/run/docker.sock'])(
    'accepts bind mounts of a job on the local manager %s',
    (host) => {
      expect(jobOn(host, { bindMounts: mounts })).not.toThrow();
    },
  );
});

test('a job keeps its memory reservation', () => {
  const resources = { memoryReservation: Size.mebibytes(64) };
  const terraform = synthesizeSwarm((stack) => new Job(stack, 'migrate', { image, resources }));
  expect(containerNamed(terraform, 'desk-migrate').memory_reservation).toBe(64);
});

describe('a secret', () => {
  const terraform = synthesizeSwarm((stack) => {
    const secret = Secret.provided(stack, 'api_key', { description: 'the key of the paper account' });
    new Workload(stack, 'bot', { image, secrets: { API_KEY: secret } });
  });
  const [secret] = all(terraform, 'docker_secret');

  const file = 'abspath("${path.root}/../../../.secrets/desk/api_key")';
  const recorded = 'jsondecode(file(abspath("${path.root}/../../../.secrets/desk/.versions.json")))["api_key"]';

  test('the name of a secret object contains its random version, as a hash would reveal a weak secret', () => {
    expect(secret?.name).toBe(`desk-api_key-\${try(${recorded}.version, "")}`);
  });

  test('a new secret object is created before the old one is removed, which is in use', () => {
    expect(secret?.lifecycle).toMatchObject({ create_before_destroy: true });
  });

  test('a missing secret file is an error at plan time', () => {
    expect(secret?.lifecycle).toMatchObject({
      precondition: [
        {
          condition: `\${fileexists(${file})}`,
          error_message: expect.stringMatching(
            /^desk\/api_key: the secret api_key is missing\. Write the key/,
          ) as string,
        },
        {
          condition: `\${fileexists(${file}) ? filesha256(${file}) == try(${recorded}.sha256, "") : true}`,
          error_message: expect.stringContaining('the secret api_key has changed') as string,
        },
      ],
    });
  });

  test('a service refers to a secret object by id and name', () => {
    expect(containerSpecOf(terraform, 'desk-bot').secrets).toMatchObject([
      {
        secret_id: expect.stringMatching(/^\$\{docker_secret\..*\.id\}$/) as string,
        secret_name: expect.stringMatching(/^\$\{docker_secret\..*\.name\}$/) as string,
        file_name: '/run/secrets/api_key',
        file_mode: 292,
      },
    ]);
  });
});

test('rejects two secrets with the same Terraform address, one of which would be lost', () => {
  const create = (stack: TradingStack): void => {
    Secret.generated(stack, 'one', { name: 'api.key' });
    Secret.generated(stack, 'two', { name: 'api_key' });
  };
  expect(() => synthesizeSwarm(create)).toThrowCode('secret-taken', 'desk/two', 'api_key', 'desk/one');
});

describe('a secret of another stack', () => {
  function synthesizeBorrower(build: (borrower: TradingStack, owner: TradingStack) => void): Terraform {
    const app = createApp();
    const [owner, borrower] = ['owner', 'borrower'].map((id) => new TradingStack(app, id, { engine: Engine.swarm() }));
    if (!owner || !borrower) throw new Error('no stacks');
    build(borrower, owner);
    return synthesize(borrower);
  }

  test('a secret of another stack becomes one object of this stack from the same file', () => {
    const terraform = synthesizeBorrower((borrower, owner) => {
      const secrets = { API_KEY: Secret.generated(owner, 'api_key') };
      new Workload(borrower, 'one', { image, secrets });
      new Workload(borrower, 'two', { image, secrets });
    });
    expect(terraform.resource.docker_secret).toMatchObject({
      secret_owner_api_key: {
        name: expect.stringMatching(/^borrower-owner_api_key-/) as string,
        data: '${filebase64(abspath("${path.root}/../../../.secrets/owner/api_key"))}',
      },
    });
    expect(all(terraform, 'docker_secret')).toHaveLength(1);
    for (const name of ['borrower-one', 'borrower-two']) {
      expect(containerSpecOf(terraform, name).secrets).toMatchObject([
        { secret_id: '${docker_secret.secret_owner_api_key.id}', file_name: '/run/secrets/api_key' },
      ]);
    }
  });

  test('a secret of another stack behind an external endpoint becomes an object of this stack, too', () => {
    const terraform = synthesizeBorrower((borrower, owner) => {
      const password = Secret.provided(owner, 'password', { description: 'the password of the managed database' });
      const uses = [
        new ExternalEndpoint(owner, 'managed', { host: 'db.example.com', port: 5432, user: 'desk', password }),
      ];
      new Workload(borrower, 'bot', { image, uses });
    });
    expect(Object.keys(terraform.resource.docker_secret ?? {})).toEqual(['secret_owner_managed_url']);
  });

  test('rejects two secrets with the same file in one container', () => {
    const create = (): unknown =>
      synthesizeBorrower((borrower, owner) => {
        const secrets = { THEIRS: Secret.generated(owner, 'api_key'), OURS: Secret.generated(borrower, 'api_key') };
        new Workload(borrower, 'bot', { image, secrets });
      });
    expect(create).toThrowCode('mount-conflict', 'borrower/bot: ', '/run/secrets/api_key');
  });

  test('two workloads may use secrets of two stacks with the same name', () => {
    const terraform = synthesizeBorrower((borrower, owner) => {
      new Workload(borrower, 'one', { image, secrets: { API_KEY: Secret.generated(owner, 'api_key') } });
      new Workload(borrower, 'two', { image, secrets: { API_KEY: Secret.generated(borrower, 'api_key') } });
    });
    expect(all(terraform, 'docker_secret')).toHaveLength(2);
  });
});

describe('a file', () => {
  const withContent = (content: string): Terraform =>
    synthesizeSwarm((stack) => {
      new Workload(stack, 'bot', { image, files: [ConfigFile.fromText('/etc/bot.yaml', content)] });
    });

  test('the name of a config contains a hash of its content', () => {
    const [before] = all(withContent('risk: 1\n'), 'docker_config');
    const [after] = all(withContent('risk: 2\n'), 'docker_config');
    expect(before?.name).toMatch(/^desk-bot-etc-bot-yaml-[0-9a-f]{16}$/);
    expect(after?.name).not.toBe(before?.name);
  });

  test.each([1_024_000, 1_024_001])('rejects a file of %d bytes, which exceeds the limit of a config', (bytes) => {
    // Bytes count, not characters: € has three of them.
    expect(() => withContent(`€${'x'.repeat(bytes - 3)}`)).toThrowCode(
      'unsupported-by-engine',
      'desk/bot',
      `a file of ${bytes} bytes at /etc/bot.yaml`,
    );
  });

  test('accepts a file of the maximum size of a config', () => {
    expect(all(withContent('x'.repeat(1_023_999)), 'docker_config')).toHaveLength(1);
  });

  test('a new config is created before the old one is removed', () => {
    expect(all(withContent('risk: 1\n'), 'docker_config')).toMatchObject([
      { lifecycle: { create_before_destroy: true } },
    ]);
  });

  test('a plan shows the text of a config with escaped template sequences', () => {
    expect(Object.values(withContent('user: ${USER}\n').locals ?? {})).toEqual(['user: $${USER}\n']);
  });

  test('the name of a config has at most the 64 characters that Swarm allows', () => {
    const files = [ConfigFile.fromText(`/etc/${'long/'.repeat(20)}bot.yaml`, 'risk: 1\n')];
    const terraform = synthesizeSwarm((stack) => new Workload(stack, 'bot', { image, files }));
    const [object] = all(terraform, 'docker_config');
    expect(String(object?.name).length).toBeLessThanOrEqual(64);
  });

  test('two files whose paths differ only in punctuation become two configs', () => {
    const files = ['/etc/a-b', '/etc/a/b'].map((path) => ConfigFile.fromText(path, 'risk: 1\n'));
    const terraform = synthesizeSwarm((stack) => new Workload(stack, 'bot', { image, files }));
    expect(new Set(all(terraform, 'docker_config').map(({ name }) => name)).size).toBe(2);
  });

  test('a config refers to the local value with its content', () => {
    const terraform = withContent('risk: 1\n');
    const [address = '', content] = Object.entries(terraform.locals ?? {})[0] ?? [];
    expect(content).toBe('risk: 1\n');
    expect(all(terraform, 'docker_config')).toMatchObject([{ data: `\${base64encode(local.${address})}` }]);
  });
});

test('two services with long names and the same file have a config each', () => {
  const file = ConfigFile.fromText('/etc/bot.yaml', 'risk: 1\n');
  const terraform = synthesizeSwarm((stack) => {
    new Workload(stack, 'one', { image, name: `${'long-'.repeat(11)}one`, files: [file] });
    new Workload(stack, 'two', { image, name: `${'long-'.repeat(11)}two`, files: [file] });
  });
  expect(new Set(all(terraform, 'docker_config').map(({ name }) => name)).size).toBe(2);
});
