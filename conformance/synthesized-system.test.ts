import { Image, Workload } from '../lib';
import { createStack, ENGINES } from '../test/setup/synthesize';
import { SynthesizedSystem } from './synthesized-system';

describe.each(ENGINES)('SynthesizedSystem on $engineName', ({ createEngine }) => {
  test('openSecrets finds secrets in variables and passwords in URLs', () => {
    const environment = {
      API_TOKEN: 'abc',
      KEY_FILE: '/run/secrets/key',
      DATABASE_URL: 'postgresql://desk:abc@db/desk',
    };
    const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
    const stack = createStack((one) => new Workload(one, 'bot', { image, environment }), { engine: createEngine() });

    expect(new SynthesizedSystem(stack).openSecrets).toEqual(['desk-bot: API_TOKEN', 'postgresql://desk:abc@']);
  });
});
