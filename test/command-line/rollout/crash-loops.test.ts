import { setTimeout } from 'node:timers/promises';
import { CrashLoops } from '../../../lib/command-line/rollout/crash-loops';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/engine/address';
import { Output } from '../../../lib/command-line/output/output';
import { createDesk } from '../desk/desk';
import { type FakeContainer, FakeEngine } from '../desk/engine';

let engine: FakeEngine;

beforeEach(async () => {
  engine = await FakeEngine.start();
});

afterEach(() => engine.stop());

/** What is said of containers while something takes a while, which is more than one look. */
async function saidOf(...containers: readonly FakeContainer[]): Promise<string[]> {
  engine.state.containers = [...containers];
  const output = new Output();
  const said: string[] = [];
  jest.spyOn(output, 'warn').mockImplementation((text) => said.push(text));
  const docker = DockerApi.at(engineAddress(engine.host, {}));
  const loops = new CrashLoops({ stack: createDesk(), docker, output });
  expect(await loops.during(setTimeout(2500, 'done'))).toBe('done');
  return said;
}

const LOOPING = { status: 'restarting', restarts: 3 };

test('a container that ends again and again is told of while Terraform waits for it', async () => {
  const log = 'starting\nno route to the broker\n\n';
  expect(await saidOf({ name: 'desk-gateway', log, then: LOOPING }, { name: 'desk-redis' })).toEqual([
    'desk-gateway ends again and again (restarting, 3 restarts). Its last line: no route to the broker',
  ]);
});

test('one that wrote nothing is told of all the same', async () => {
  expect(await saidOf({ name: 'desk-gateway', then: LOOPING })).toEqual([
    'desk-gateway ends again and again (restarting, 3 restarts)',
  ]);
});

test.each<[string, FakeContainer]>([
  ['was started anew long before', { name: 'desk-gateway', restarts: 7 }],
  ['came up at the second attempt', { name: 'desk-gateway', then: { restarts: 1 } }],
  ['is somebody else’s', { name: 'gateway', then: LOOPING }],
])('one that %s is not', async (_what, container) => {
  expect(await saidOf(container)).toEqual([]);
});

test('it is told once', async () => {
  engine.state.containers = [];
  const output = new Output();
  const warn = jest.spyOn(output, 'warn').mockImplementation(() => undefined);
  const docker = DockerApi.at(engineAddress(engine.host, {}));
  const loops = new CrashLoops({ stack: createDesk(), docker, output });
  await loops.during(setTimeout(100));
  engine.state.containers = [{ name: 'desk-gateway', ...LOOPING }];
  await loops.during(setTimeout(2500));
  expect(warn).toHaveBeenCalledTimes(1);
});

test('an engine that does not answer is left to Terraform', async () => {
  engine.state.failing = ['/containers'];
  expect(await saidOf({ name: 'desk-gateway', then: LOOPING })).toEqual([]);
});

test('what goes wrong meanwhile is thrown', async () => {
  const loops = new CrashLoops({ stack: createDesk(), docker: undefined, output: new Output() });
  await expect(loops.during(Promise.reject(new Error('no plan')))).rejects.toThrow('no plan');
});
