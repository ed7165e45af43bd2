import { Construct } from 'constructs';
import { DataVolume, FeatureApi, PostgresDb, RedisCache, StrategyRunner, type TradingStack } from '../../lib';
import { synthesizeStack } from '../setup/synthesize';
import { BOT } from './fixtures';

describe('moving code around', () => {
  /** The names under which data is found again. */
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
    const cache = new RedisCache(stack, 'redis', { volume: DataVolume.disposable('cache') });
    new FeatureApi(stack, 'api', { image: BOT, uses: [database, cache] });
  };

  test('into a construct of its own keeps volumes, their addresses and passwords', () => {
    const after = (stack: TradingStack): void => {
      const data = new Construct(new Construct(stack, 'inner'), 'data');
      const cache = new RedisCache(data, 'redis', { volume: DataVolume.disposable('cache') });
      const database = new PostgresDb(data, 'db');
      new FeatureApi(new Construct(stack, 'services'), 'api', { image: BOT, uses: [database, cache] });
    };

    expect(namesOfData(after)).toEqual(namesOfData(before));
    expect(namesOfData(before)).toMatchObject({
      volumes: { volume_desk_cache: { name: 'desk_cache' } },
      mounted: ['${docker_volume.volume_desk_cache.name}', 'desk_db_data'],
    });
  });

  test('between a volume that is shared and one that is not keeps its name', () => {
    const shared = DataVolume.kept('logs');
    const build = (amount: number) => (stack: TradingStack) => {
      for (let index = 0; index < amount; index += 1) {
        new StrategyRunner(stack, `bot_${index}`, { image: BOT, volumes: [shared.mountAt('/data/logs')] });
      }
    };

    expect(namesOfData(build(1))).toMatchObject({ mounted: ['desk_logs'] });
    expect(namesOfData(build(2))).toMatchObject({ mounted: ['desk_logs', 'desk_logs'] });
  });
});
