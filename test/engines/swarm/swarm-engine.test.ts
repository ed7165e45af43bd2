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

test('a service names the digest of a pulled image: a bare tag would differ in every plan', () => {
  const terraform = synthesizeSwarm((stack) => new Workload(stack, 'bot', { image }));
  expect(containerSpecOf(terraform, 'desk-bot').image).toMatch(
    /^\$\{(\S+)\.repo_digest != "" \? \1\.repo_digest : \1\.name\}$/,
  );
});

test('a service names an image that was built here by its tag: it has no digest', () => {
  project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
  const terraform = synthesizeSwarm((stack) => new Workload(stack, 'bot', { image: Image.fromBuild('bot') }));
  expect(containerSpecOf(terraform, 'desk-bot').image).toMatch(/^\$\{docker_image\.\S+\.name\}$/);
});

test('a service names the network by its id', () => {
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
      'publishing 8000 on 127.0.0.1 only',
    );
  });
});

test('a job is a container of the manager: it is waited for and has to end with 0', () => {
  const terraform = synthesizeSwarm((stack) => new Job(stack, 'migrate', { image }));
  expect(containerNamed(terraform, 'desk-migrate')).toMatchObject({ attach: true, must_run: false });
  expect(terraform.resource).not.toHaveProperty('docker_service');
});

describe('a job on a manager', () => {
  const jobOn = (host: string | undefined, options: Partial<WorkloadProps>) => () =>
    synthesizeStack((stack) => new Job(stack, 'migrate', { image, ...options }), {
      engine: Engine.swarm(host === undefined ? {} : { host }),
    });
  const mounts = [BindMount.readOnly(__filename, '/app/rules')];

  test.each(['ssh://desk@10.0.0.2', 'tcp://10.0.0.2:2376', 'tcp://localhost.example:2375'])(
    'elsewhere, %s, cannot mount files of this machine',
    (host) => {
      const create = () =>
        synthesizeStack(
          (stack) => {
            const secrets = { API_KEY: Secret.generated(stack, 'api_key') };
            new Job(stack, 'migrate', { image, secrets, bindMounts: mounts });
          },
          { engine: Engine.swarm({ host }) },
        );
      expect(create).toThrow(
        `desk/migrate: a job of a Swarm is a container on the manager ${host}, which does not have the files of this ` +
          'machine: the secret api_key, /app/rules. Deploy from the manager itself, without `host` of Engine.swarm.',
      );
      expect(jobOn(host, {})).not.toThrow();
    },
  );

  test.each([undefined, 'unix:///var/run/docker.sock', 'tcp://127.0.0.1:2375', 'tcp://localhost'])(
    'here, %s, can',
    (host) => {
      expect(jobOn(host, { bindMounts: mounts })).not.toThrow();
    },
  );
});

test('a job keeps the memory that it gets back to', () => {
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

  test('is named after its version: other content is another object, and a hash would tell what a weak one is', () => {
    expect(secret?.name).toBe(`desk-api_key-\${try(${recorded}.version, "")}`);
  });

  test('is created before the old one goes: one in use cannot be removed', () => {
    expect(secret?.lifecycle).toMatchObject({ create_before_destroy: true });
  });

  test('that is missing is one plain sentence at plan time', () => {
    expect(secret?.lifecycle).toMatchObject({
      precondition: [
        {
          condition: `\${fileexists(${file})}`,
          error_message:
            "desk/api_key: the secret api_key is missing. Write the key of the paper account into the file .secrets/desk/api_key in the project's folder",
        },
        {
          condition: `\${fileexists(${file}) ? filesha256(${file}) == try(${recorded}.sha256, "") : true}`,
          error_message:
            'desk/api_key: the secret api_key has changed, and has no new version yet. ' +
            'Run the app again, which gives it one (writeSecretFiles)',
        },
      ],
    });
  });

  test('is given to the service by id and by name', () => {
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

test('two secrets whose names are one in Terraform are refused: one of the two would be lost', () => {
  const create = (stack: TradingStack): void => {
    Secret.generated(stack, 'one', { name: 'api.key' });
    Secret.generated(stack, 'two', { name: 'api_key' });
  };
  expect(() => synthesizeSwarm(create)).toThrow(/^desk\/two.*api_key' is already taken by desk\/one.*another name\.$/);
});

describe('a secret of another stack', () => {
  function synthesizeBorrower(build: (borrower: TradingStack, owner: TradingStack) => void): Terraform {
    const app = createApp();
    const [owner, borrower] = ['owner', 'borrower'].map((id) => new TradingStack(app, id, { engine: Engine.swarm() }));
    if (!owner || !borrower) throw new Error('no stacks');
    build(borrower, owner);
    return synthesize(borrower);
  }

  test('is an object of this stack from the same file, once for all who want it', () => {
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

  test('behind an external endpoint is one, too', () => {
    const terraform = synthesizeBorrower((borrower, owner) => {
      const password = Secret.provided(owner, 'password', { description: 'the password of the managed database' });
      const uses = [
        new ExternalEndpoint(owner, 'managed', { host: 'db.example.com', port: 5432, user: 'desk', password }),
      ];
      new Workload(borrower, 'bot', { image, uses });
    });
    expect(Object.keys(terraform.resource.docker_secret ?? {})).toEqual(['secret_owner_managed_url']);
  });

  test('is refused in one workload with one of the same name: inside the container they are one file', () => {
    const create = (): unknown =>
      synthesizeBorrower((borrower, owner) => {
        const secrets = { THEIRS: Secret.generated(owner, 'api_key'), OURS: Secret.generated(borrower, 'api_key') };
        new Workload(borrower, 'bot', { image, secrets });
      });
    expect(create).toThrowCode('mount-conflict', 'borrower/bot: ', '/run/secrets/api_key');
  });

  test('stands beside one of the same name that another workload has', () => {
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

  test('is an object named after its content', () => {
    const [before] = all(withContent('risk: 1\n'), 'docker_config');
    const [after] = all(withContent('risk: 2\n'), 'docker_config');
    expect(before?.name).toMatch(/^desk-bot-etc-bot-yaml-[0-9a-f]{16}$/);
    expect(after?.name).not.toBe(before?.name);
  });

  test.each([1_024_000, 1_024_001])('of %d bytes is refused: a Swarm takes less', (bytes) => {
    // Bytes count, not letters: € has three of them.
    expect(() => withContent(`€${'x'.repeat(bytes - 3)}`)).toThrow(
      `desk/bot: the swarm engine cannot do this: the file /etc/bot.yaml of ${bytes} bytes: a Swarm takes less than ` +
        '1024000 of each. Put it into the image, or mount it with BindMount.',
    );
  });

  test('of one byte less is taken', () => {
    expect(all(withContent('x'.repeat(1_023_999)), 'docker_config')).toHaveLength(1);
  });

  test('is created before the old one goes', () => {
    expect(all(withContent('risk: 1\n'), 'docker_config')).toMatchObject([
      { lifecycle: { create_before_destroy: true } },
    ]);
  });

  test('is readable in a plan, marks and all', () => {
    expect(Object.values(withContent('user: ${USER}\n').locals ?? {})).toEqual(['user: $${USER}\n']);
  });

  test('has a name of at most the 64 characters that Swarm allows', () => {
    const files = [ConfigFile.fromText(`/etc/${'long/'.repeat(20)}bot.yaml`, 'risk: 1\n')];
    const terraform = synthesizeSwarm((stack) => new Workload(stack, 'bot', { image, files }));
    const [object] = all(terraform, 'docker_config');
    expect(String(object?.name).length).toBeLessThanOrEqual(64);
  });

  test('beside another whose path differs in a mark only is another object', () => {
    const files = ['/etc/a-b', '/etc/a/b'].map((path) => ConfigFile.fromText(path, 'risk: 1\n'));
    const terraform = synthesizeSwarm((stack) => new Workload(stack, 'bot', { image, files }));
    expect(new Set(all(terraform, 'docker_config').map(({ name }) => name)).size).toBe(2);
  });

  test('is of the content that its object refers to', () => {
    const terraform = withContent('risk: 1\n');
    const [address = '', content] = Object.entries(terraform.locals ?? {})[0] ?? [];
    expect(content).toBe('risk: 1\n');
    expect(all(terraform, 'docker_config')).toMatchObject([{ data: `\${base64encode(local.${address})}` }]);
  });
});

test('two services of long names with the same file have an object each', () => {
  const file = ConfigFile.fromText('/etc/bot.yaml', 'risk: 1\n');
  const terraform = synthesizeSwarm((stack) => {
    new Workload(stack, 'one', { image, name: `${'long-'.repeat(11)}one`, files: [file] });
    new Workload(stack, 'two', { image, name: `${'long-'.repeat(11)}two`, files: [file] });
  });
  expect(new Set(all(terraform, 'docker_config').map(({ name }) => name)).size).toBe(2);
});
