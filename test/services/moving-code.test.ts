import { Construct } from 'constructs';
import {
  ConfigFile,
  Volume,
  Engine,
  FeatureApi,
  Network,
  PostgresDb,
  RedisCache,
  Secret,
  StrategyRunner,
  type TradingStack,
} from '../../lib';
import { contentHash } from '../../lib/platform/content-hash';
import { createStack, ENGINES, synthesize, synthesizeStack } from '../setup/synthesize';
import { BOT } from './fixtures';

describe('moving code around', () => {
  /** The names under which a new deploy finds existing data. */
  function namesOfData(build: (stack: TradingStack) => void): unknown {
    const terraform = synthesizeStack(build);
    const text = JSON.stringify(terraform.resource.docker_container);
    return {
      volumes: terraform.resource.docker_volume,
      mounted: [...text.matchAll(/"volume_name":"([^"]+)"/g)].map(([, name]) => name).sort(),
      secrets: [...text.matchAll(/\.secrets\/[^\\"]+/g)].map(([path]) => path).sort(),
    };
  }

  const before = (stack: TradingStack): void => {
    const database = new PostgresDb(stack, 'db');
    const cache = new RedisCache(stack, 'redis', { volume: Volume.ephemeral('cache') });
    new FeatureApi(stack, 'api', { image: BOT, uses: [database, cache] });
  };

  test('moving a server into another construct keeps volumes, their addresses and passwords', () => {
    const after = (stack: TradingStack): void => {
      const data = new Construct(new Construct(stack, 'inner'), 'data');
      const cache = new RedisCache(data, 'redis', { volume: Volume.ephemeral('cache') });
      const database = new PostgresDb(data, 'db');
      new FeatureApi(new Construct(stack, 'services'), 'api', { image: BOT, uses: [database, cache] });
    };

    expect(namesOfData(after)).toEqual(namesOfData(before));
    expect(namesOfData(before)).toMatchObject({
      volumes: { volume_desk_cache: { name: 'desk_cache' } },
      mounted: ['${docker_volume.volume_desk_cache.name}', 'desk_db_data'],
    });
  });

  test('a volume keeps its name when a second service mounts it', () => {
    const shared = Volume.retained('logs');
    const build = (amount: number) => (stack: TradingStack) => {
      for (let index = 0; index < amount; index += 1) {
        new StrategyRunner(stack, `bot_${index}`, { image: BOT, volumes: [shared.mountAt('/data/logs')] });
      }
    };

    expect(namesOfData(build(1))).toMatchObject({ mounted: ['desk_logs'] });
    expect(namesOfData(build(2))).toMatchObject({ mounted: ['desk_logs', 'desk_logs'] });
  });
});

describe.each(ENGINES)('moving code around on $engineName', ({ createEngine }) => {
  /** Each Terraform address with its name on the engine, and each secret file. */
  function identity(build: (stack: TradingStack) => Construct): unknown {
    const stack = createStack(
      (desk) => {
        const scope = build(desk);
        const database = new PostgresDb(scope, 'db', { roles: [{ name: 'reader' }] });
        new FeatureApi(scope, 'feature_api', {
          image: BOT,
          uses: [database],
          files: [ConfigFile.fromText('/app/risk.yaml', 'risk: 1\n')],
          networks: [desk.network, new Network(scope, 'market')],
        });
      },
      { engine: createEngine() },
    );
    const { resource } = synthesize(stack);
    const addresses = Object.entries(resource).flatMap(([type, blocks]) =>
      Object.entries(blocks).map(([id, { name }]) => `${type}.${id}: ${String(name)}`),
    );
    const secrets = stack.node.findAll().filter((construct) => construct instanceof Secret);
    return { addresses: addresses.sort(), secrets: secrets.map(({ name }) => name).sort() };
  }

  const unmoved = identity((stack) => stack);

  test('moving constructs deeper keeps every address, so that Terraform replaces nothing', () => {
    expect(identity((stack) => new Construct(new Construct(stack, 'services'), 'inner'))).toEqual(unmoved);
  });

  test('addresses are derived from the names on the engine', () => {
    const type = createEngine().name === 'docker' ? 'docker_container' : 'docker_service';
    expect(unmoved).toMatchObject({
      addresses: expect.arrayContaining([
        `${type}.desk-db: desk-db`,
        `${type}.desk-feature-api: desk-feature-api`,
        'docker_container.desk-db-roles: desk-db-roles',
        'docker_network.network_desk-market: desk-market',
      ]) as unknown,
      secrets: ['db_password', 'db_reader_password', 'db_url'],
    });
  });
});

describe('moving code around on a Swarm', () => {
  test('moving constructs keeps the addresses of secrets and files', () => {
    const { resource } = synthesizeStack(
      (stack) => {
        const scope = new Construct(new Construct(stack, 'services'), 'inner');
        const key = Secret.generated(scope, 'key', { name: 'api.key' });
        const files = [ConfigFile.fromText('/app/risk.yaml', 'risk: 1\n')];
        new FeatureApi(scope, 'feature_api', { image: BOT, secrets: { API_KEY: key }, files });
      },
      { engine: Engine.swarm() },
    );

    expect(Object.keys(resource.docker_secret ?? {})).toEqual(['secret_api_key']);
    expect(Object.keys(resource.docker_config ?? {})).toEqual([
      `desk-feature-api_app-risk-yaml_${contentHash('/app/risk.yaml')}`,
    ]);
  });
});
