import { readFileSync } from 'node:fs';
import { App } from 'cdktf';
import { FeatureApi, PostgresDb, RedisCache, Secret, SecretDelivery, TradingStack, writeSecretFiles } from '../../lib';
import { ENGINES } from '../setup/synthesize';
import { TemporaryProject } from '../workload/temporary-project';
import { BOT } from './fixtures';

const project = TemporaryProject.forEveryTest();

describe.each(ENGINES)('secrets on $engineName', ({ createEngine }) => {
  test('the content of a secret is nowhere in the output, however it is delivered', () => {
    const canary = 'canary-0f4e7d';
    const app = new App();
    const stack = new TradingStack(app, 'desk', { engine: createEngine() });
    const key = Secret.provided(stack, 'api_key', { description: 'the key of the paper account' });
    const database = new PostgresDb(stack, 'db', { databases: [{ name: 'quotes' }], password: key });
    const cache = new RedisCache(stack, 'redis');
    const inShell = database.endpoint.url({ variable: 'FILLS_URL', delivery: SecretDelivery.EXPORTED });
    new FeatureApi(stack, 'api', { image: BOT, entrypoint: ['serve'], uses: [database, inShell, cache] });
    new FeatureApi(stack, 'plain', {
      image: BOT,
      uses: [cache.endpoint.url({ delivery: SecretDelivery.ENVIRONMENT })],
      secrets: { API_KEY: key.deliveredAs(SecretDelivery.ENVIRONMENT) },
    });
    for (const name of ['api_key', 'redis_password', 'db_quotes_password']) {
      project.write(`.secrets/desk/${name}`, canary);
    }
    writeSecretFiles(app);

    app.synth();

    const output = readFileSync(project.locate('cdktf.out/stacks/desk/cdk.tf.json'), 'utf8');

    expect(readFileSync(project.locate('.secrets/desk/redis_auth.conf'), 'utf8')).toContain(canary);
    expect(output).toContain('.secrets/desk/api_key');
    expect(output).not.toContain(canary);
  });
});
