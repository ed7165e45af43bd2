import { AppService, FeatureApi, Dependency, PostgresDb, RedisCache } from '../../../lib';
import { createStack, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { BOT, createdBy, startOf } from '../fixtures';

describe.each(ENGINES)('FeatureApi on $engineName', ({ createEngine }) => {
  test('creates one program', () => {
    const terraform = synthesizeStack((stack) => new FeatureApi(stack, 'feature_api', { image: BOT }), {
      engine: createEngine(),
    });

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

describe('a FeatureApi', () => {
  test('gets what it uses in the order in which it stands, and starts after all of it', () => {
    const terraform = synthesizeStack((stack) => {
      const database = new PostgresDb(stack, 'db');
      const cache = new RedisCache(stack, 'redis');
      new FeatureApi(stack, 'feature_api', { image: BOT, uses: [cache, database] });
    });

    expect(startOf(terraform, 'desk-feature-api')).toEqual({
      environment: { PORT: '8000', DATABASE_URL_FILE: '/run/secrets/db_url', REDIS_URL_FILE: '/run/secrets/redis_url' },
      secrets: ['/run/secrets/redis_url', '/run/secrets/db_url'],
      after: ['docker_container.desk-redis', 'docker_container.desk-db'],
    });
  });

  test('gets the same of what it can do without, and does not wait', () => {
    const terraform = synthesizeStack((stack) => {
      const database = new PostgresDb(stack, 'db');
      const cache = new RedisCache(stack, 'redis');
      new FeatureApi(stack, 'feature_api', {
        image: BOT,
        uses: [Dependency.optional(cache), Dependency.optional(database)],
      });
    });

    expect(startOf(terraform, 'desk-feature-api')).toEqual({
      environment: { PORT: '8000', DATABASE_URL_FILE: '/run/secrets/db_url', REDIS_URL_FILE: '/run/secrets/redis_url' },
      secrets: ['/run/secrets/redis_url', '/run/secrets/db_url'],
      after: [],
    });
  });

  test('gives its address to strategies under its own name', () => {
    const terraform = synthesizeStack((stack) => {
      const features = new FeatureApi(stack, 'feature_api', { image: BOT });
      new FeatureApi(stack, 'second', { image: BOT, uses: [features] });
    });

    expect(startOf(terraform, 'desk-second')).toMatchObject({
      environment: { FEATURE_API_URL: 'http://feature_api:8000' },
      after: ['docker_container.desk-feature-api'],
    });
  });

  test('shows how many features it computes', () => {
    createStack((stack) => {
      const { panels } = new FeatureApi(stack, 'feature_api', { image: BOT }).metrics;

      expect(panels.map((panel) => panel.title)).toContain('Features computed');
    });
  });

  test('shows what every HTTP service shows before that', () => {
    createStack((stack) => {
      const { panels } = new FeatureApi(stack, 'feature_api', { image: BOT }).metrics;
      const { panels: ofAnyService } = new AppService(stack, 'plain', { image: BOT }).metrics;

      expect(panels.slice(0, ofAnyService.length)).toEqual(ofAnyService);
      expect(panels).toHaveLength(ofAnyService.length + 1);
    });
  });

  test('shows what it is told to, and nothing else', () => {
    createStack((stack) => {
      const panels = [{ title: 'Cache hits', query: 'hits_total{job="$job"}', legend: 'all', unit: 'short' }];

      expect(new FeatureApi(stack, 'feature_api', { image: BOT, panels }).metrics.panels).toEqual(panels);
    });
  });
});
