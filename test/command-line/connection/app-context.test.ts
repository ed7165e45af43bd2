import { App } from 'cdktf';
import { Engine, TradingStack } from '../../../lib';
import { withAppContext } from '../../../lib/command-line/connection/app-context';

const OVER_SSH = { DOCKER_HOST: 'ssh://desk@trading-1' };

function appWith(engine: Engine): App {
  const app = new App();
  new TradingStack(app, 'desk', { engine });
  return app;
}

test('An app that existed before the command is refused if its stack needs the address of the engine', () => {
  const app = appWith(Engine.docker());

  expect(() => withAppContext(() => app, OVER_SSH)).toThrow('the engine at ssh://desk@trading-1');
  expect(() => withAppContext(() => app, OVER_SSH)).toThrowCode('app-created-before');
});

test.each([
  ['a new one', OVER_SSH, () => appWith(Engine.docker())],
  ['one whose code sets the address', OVER_SSH, always(appWith(Engine.docker({ host: 'ssh://desk@trading-2' })))],
  ['one for the engine of this machine', { DOCKER_HOST: 'unix:///docker.sock' }, always(appWith(Engine.docker()))],
])('%s is accepted', (_, environment, createApp) => {
  expect(withAppContext(createApp, environment)).toBeInstanceOf(App);
});

function always<Value>(value: Value): () => Value {
  return () => value;
}
