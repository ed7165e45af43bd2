import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { DockerApiError } from '../../../lib/command-line/engine/docker-api';
import { WrittenConfiguration } from '../../../lib/command-line/synthesis/configuration';
import { KnownState } from '../../../lib/command-line/state/known-state';

const CONTAINER = '/containers/1f2e/json';

let folder: string;
let directory: string;
/** What the engine answers, by path. */
let engine: Record<string, unknown>;
let environment: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'desk-'));
  directory = join(folder, 'cdktf.out/stacks/desk');
  environment = {};
  engine = {
    [CONTAINER]: container({}),
    '/images/redis:8-alpine/json': { Id: 'sha256:aa', Metadata: { LastTagTime: '2026-11-01' } },
    '/networks/9c8b': { Name: 'desk', Containers: {} },
    '/volumes/desk_cache': { Name: 'desk_cache', Driver: 'local' },
  };
  write('cdktf.out/stacks/desk/.terraform.lock.hcl', 'version = "3.9.0"');
  write('cdktf.out/stacks/desk/.terraform/terraform.tfstate', '{}');
  writeConfiguration({ local: { path: '../../../terraform.desk.tfstate' } });
  writeState(['docker_container', 'docker_image', 'docker_network', 'docker_volume']);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a state that was remembered', () => {
  beforeEach(async () => {
    const state = knownState();
    state.remember(await state.fingerprint());
  });

  test('needs no refresh if nothing has changed', async () => {
    expect(await isKnown()).toBe(true);
  });

  test('needs no refresh after health checks, or if a container lists its mounts in another order', async () => {
    const Mounts = [{ Destination: '/logs' }, { Destination: '/data' }];
    engine[CONTAINER] = container({ ExecIDs: ['77'], Health: { Log: [{ Output: 'PONG' }] }, Mounts });
    expect(await isKnown()).toBe(true);
  });

  test('needs no refresh after an image got its tag again, or if other containers use the network', async () => {
    engine['/images/redis:8-alpine/json'] = { Id: 'sha256:aa', Metadata: { LastTagTime: '2026-11-29' } };
    engine['/networks/9c8b'] = { Name: 'desk', Containers: { '5d6e': {} } };
    expect(await isKnown()).toBe(true);
  });

  test.each<[string, string, unknown]>([
    ['a container was stopped', CONTAINER, container({ Status: 'exited' })],
    ['a container has another memory limit', CONTAINER, container({ Memory: 2 })],
    ['a container was renamed', CONTAINER, container({ Name: '/cache' })],
    ['a container was disconnected from its network', CONTAINER, container({ Networks: {} })],
    ['a container was removed', CONTAINER, undefined],
    ['a tag is that of another image', '/images/redis:8-alpine/json', { Id: 'sha256:bb' }],
    ['an image was removed', '/images/redis:8-alpine/json', undefined],
    ['a network was removed', '/networks/9c8b', undefined],
    ['a volume was removed', '/volumes/desk_cache', undefined],
    ['a volume has another driver', '/volumes/desk_cache', { Name: 'desk_cache', Driver: 'nfs' }],
  ])('is refreshed if %s', async (_, path, answer) => {
    engine[path] = answer;
    expect(await isKnown()).toBe(false);
  });

  test('is refreshed if another machine has changed the state', async () => {
    writeState(['docker_container', 'docker_image', 'docker_network', 'docker_volume'], 8);
    expect(await isKnown()).toBe(false);
  });

  test('is refreshed with another version of the provider', async () => {
    write('cdktf.out/stacks/desk/.terraform.lock.hcl', 'version = "4.5.0"');
    expect(await isKnown()).toBe(false);
  });

  test('is refreshed after it was forgotten', async () => {
    knownState().remember(undefined);
    expect(await isKnown()).toBe(false);
  });

  test.each([
    ['the variable of Terraform', () => (environment.TF_WORKSPACE = 'night')],
    [
      'terraform workspace',
      () => {
        write('cdktf.out/stacks/desk/.terraform/environment', 'night');
      },
    ],
  ])('is refreshed in another workspace, selected by %s', async (_, select) => {
    select();
    expect(await isKnown()).toBe(false);
  });
});

test('a state is not known with a service that does not run, which only a refresh finds', async () => {
  engine[CONTAINER] = container({ Status: 'exited' });
  expect(await knownState().fingerprint()).toBeUndefined();
});

test('a state is known with a job that has ended', async () => {
  engine[CONTAINER] = container({ Status: 'exited' });
  writeState(['docker_container'], 7, { must_run: false });
  expect(await knownState().fingerprint()).toBeDefined();
});

test.each([
  [
    'another type',
    () => {
      writeState(['docker_container', 'docker_service']);
    },
  ],
  [
    'another backend',
    () => {
      writeConfiguration({ s3: { bucket: 'states' } });
    },
  ],
  [
    'no state',
    () => {
      rmSync(join(folder, 'terraform.desk.tfstate'));
    },
  ],
])('a state is not known with %s', async (_, prepare) => {
  prepare();
  const state = knownState();
  expect(await state.fingerprint()).toBeUndefined();
});

test('a state is not known if OpenTofu has encrypted it', async () => {
  write('terraform.desk.tfstate', JSON.stringify({ serial: 7, lineage: 'a', encrypted_data: 'c2VjcmV0' }));
  expect(await knownState().fingerprint()).toBeUndefined();
});

test('a state is known in the file that Terraform uses if the backend names none', async () => {
  writeConfiguration({ local: {} });
  renameSync(join(folder, 'terraform.desk.tfstate'), join(directory, 'terraform.tfstate'));
  expect(await knownState().fingerprint()).toBeDefined();
});

describe('a damaged state', () => {
  const STATE = 'terraform.desk.tfstate';

  /** The command in the error, as it works in the folder of this process. */
  function command(...words: readonly string[]): string {
    const paths = words.slice(1).map((file) => relative('', join(folder, file)));
    return [words[0], ...paths].join(' ');
  }

  test.each(['{ "version": 4, "ser', '', 'null', '4'])(
    '%j is an error with the command that restores its backup',
    async (rest) => {
      writeState(['docker_network']);
      renameSync(join(folder, STATE), join(folder, `${STATE}.backup`));
      write(STATE, rest);
      const restore = command('cp', `${STATE}.backup`, STATE);
      const refusal = knownState().fingerprint();
      await expect(refusal).rejects.toMatchObject({ code: 'state-invalid' });
      await expect(refusal).rejects.toThrow(restore);
    },
  );

  test.each([undefined, '{ "ver'])('is an error that names no backup if that is %j', async (backup) => {
    write(STATE, '{ "version": 4, "ser');
    if (backup !== undefined) write(`${STATE}.backup`, backup);
    const refusal = knownState().fingerprint();
    await expect(refusal).rejects.toMatchObject({ code: 'state-invalid' });
    await expect(refusal).rejects.toThrow(command('rm', STATE));
  });

  test('is an error with the command that restores its backup if it was deleted', async () => {
    writeState(['docker_network']);
    renameSync(join(folder, STATE), join(folder, `${STATE}.backup`));
    const refusal = knownState().fingerprint();
    await expect(refusal).rejects.toMatchObject({ code: 'state-invalid' });
    await expect(refusal).rejects.toThrow(command('cp', `${STATE}.backup`, STATE));
  });

  test('is none if it is empty before the first apply, as Terraform leaves it for its lock', async () => {
    write(STATE, '');
    expect(await knownState().fingerprint()).toBeDefined();
  });
});

function knownState(): KnownState {
  const send = (method: string, path: string): Promise<Buffer> => {
    const answer = engine[path];
    if (answer !== undefined) return Promise.resolve(Buffer.from(JSON.stringify(answer)));
    return Promise.reject(DockerApiError.answered(engineAddress(undefined, {}), `${method} ${path}`, 404, 'not found'));
  };
  return new KnownState({
    directory,
    configuration: new WrittenConfiguration(directory),
    docker: { send },
    environment,
  });
}

/** Whether a new command knows the state. */
async function isKnown(): Promise<boolean> {
  const state = knownState();
  return state.isKnown(await state.fingerprint());
}

function container(changed: {
  Name?: string;
  Status?: string;
  Health?: object;
  ExecIDs?: readonly string[];
  Memory?: number;
  Networks?: object;
  Mounts?: readonly object[];
}): object {
  const { Name = '/desk-redis', Status = 'running', Health = { Log: [] }, ExecIDs = null } = changed;
  const { Memory = 1, Networks = { desk: {} } } = changed;
  const { Mounts = [{ Destination: '/data' }, { Destination: '/logs' }] } = changed;
  const State = { Status, Running: Status === 'running', Health };
  return { Name, State, ExecIDs, HostConfig: { Memory }, NetworkSettings: { Networks }, Mounts };
}

function writeState(types: readonly string[], serial = 7, ofContainer: object = {}): void {
  const attributes: Record<string, object> = {
    docker_container: { id: '1f2e', ...ofContainer },
    docker_image: { id: 'sha256:aaredis:8-alpine', name: 'redis:8-alpine' },
    docker_network: { id: '9c8b' },
    docker_volume: { id: 'desk_cache', name: 'desk_cache' },
  };
  const resources = types.map((type) => ({
    mode: 'managed',
    type,
    instances: [{ attributes: attributes[type] ?? {} }],
  }));
  write('terraform.desk.tfstate', JSON.stringify({ serial, resources }));
}

function writeConfiguration(backend: object): void {
  write('cdktf.out/stacks/desk/cdk.tf.json', JSON.stringify({ terraform: { backend } }));
}

function write(file: string, content: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), content);
}
