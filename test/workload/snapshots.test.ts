import { Image, Job, Workload } from '../../lib';
import { createdBy } from '../services/fixtures';
import { ENGINES, synthesizeStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');

describe.each(ENGINES)('on $engineName', ({ createEngine }) => {
  test('a Workload creates one program', () => {
    const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image }), { engine: createEngine() });

    expect(createdBy(terraform)).toMatchSnapshot();
  });

  test('a Job creates one program that ends', () => {
    const terraform = synthesizeStack((stack) => new Job(stack, 'migrate', { image, command: ['migrate'] }), {
      engine: createEngine(),
    });

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});
