import { CrashLoops } from '../../../lib/command-line/rollout/crash-loops';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { engineAddress } from '../../../lib/command-line/engine/address';
import { Output } from '../../../lib/command-line/output/output';
import { fastClock } from '../desk/clock';
import { createDesk } from '../desk/desk';
import { type FakeContainer, FakeEngine } from '../desk/engine';

let engine: FakeEngine;

beforeEach(async () => {
  engine = await FakeEngine.start();
});

afterEach(() => engine.stop());

/** Resolves when the containers have been inspected several times. */
function severalInspections(): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, 150, 'done'));
}

function watch(docker = DockerApi.at(engineAddress(engine.host, {}))): { loops: CrashLoops; warnings: string[] } {
  const output = new Output();
  const warnings: string[] = [];
  jest.spyOn(output, 'warn').mockImplementation((text) => warnings.push(text));
  return { loops: new CrashLoops({ stack: createDesk(), docker, context: { output, ...fastClock() } }), warnings };
}

/** The warnings about containers while something takes longer than one inspection. */
async function warningsAbout(...containers: readonly FakeContainer[]): Promise<string[]> {
  engine.state.containers = [...containers];
  const { loops, warnings } = watch();
  expect(await loops.during(severalInspections())).toBe('done');
  return warnings;
}

const LOOPING = { status: 'restarting', restarts: 3 };

test('A container that keeps crashing is reported while Terraform waits for it', async () => {
  const log = 'starting\nno route to the broker\n\n';
  const warnings = await warningsAbout({ name: 'desk-gateway', log, then: LOOPING }, { name: 'desk-redis' });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^desk-gateway .*\(restarting, 3 restarts\)\..*: no route to the broker$/);
});

test('A container that keeps crashing without a log is reported too', async () => {
  expect(await warningsAbout({ name: 'desk-gateway', then: LOOPING })).toEqual([
    expect.stringMatching(/^desk-gateway .*\(restarting, 3 restarts\)$/),
  ]);
});

test.each<[string, FakeContainer]>([
  ['restarted long before the deploy', { name: 'desk-gateway', restarts: 7 }],
  ['restarted once', { name: 'desk-gateway', then: { restarts: 1 } }],
  ['is not part of the stack', { name: 'gateway', then: LOOPING }],
])('A container that %s is not reported', async (_what, container) => {
  expect(await warningsAbout(container)).toEqual([]);
});

test('A crash loop is reported once', async () => {
  engine.state.containers = [];
  const { loops, warnings } = watch();
  await loops.during(severalInspections());
  engine.state.containers = [{ name: 'desk-gateway', ...LOOPING }];
  await loops.during(severalInspections());
  expect(warnings).toHaveLength(1);
});

test('An engine that does not answer is left to Terraform', async () => {
  engine.state.failing = ['/containers'];
  expect(await warningsAbout({ name: 'desk-gateway', then: LOOPING })).toEqual([]);
});

test('An error during the deploy is passed on', async () => {
  const loops = watch().loops;
  await expect(loops.during(Promise.reject(new Error('no plan')))).rejects.toThrow('no plan');
});
