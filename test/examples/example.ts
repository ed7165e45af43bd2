import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Testing } from 'cdktf';
import { SynthesizedSystem } from '../../conformance/synthesized-system';
import { Engine, type TradingStack } from '../../lib';
import { createApp, ENGINES } from '../setup/synthesize';
import { runbookOf } from '../../lib/command-line/runbook/runbook';
import { reportOf } from '../../lib/internal';
import { reviewDifference, reviewStack } from './review-stack';

const EXAMPLES = join(__dirname, '../../examples');

type Create = (app: App, options: { readonly engine: Engine }) => TradingStack;

/** Declares the tests that every example has to pass. */
export function testExample(folder: string, createStack: Create): void {
  const docker = new SynthesizedSystem(createStack(createApp(), { engine: Engine.docker() }));
  const swarm = new SynthesizedSystem(createStack(createApp(), { engine: Engine.swarm() }));
  const readme = readFileSync(join(EXAMPLES, folder, 'README.md'), 'utf8');

  test(`${folder}: the containers are as reviewed`, () => {
    expect(reviewStack(docker.terraform)).toMatchSnapshot();
  });

  test(`${folder}: the workloads of a Swarm differ from those of Docker as reviewed`, () => {
    expect(reviewDifference(swarm.stack, docker.stack)).toMatchSnapshot();
  });

  test(`${folder}: the construct tree, which determines Terraform addresses, is as reviewed`, () => {
    expect(Testing.renderConstructTree(docker.stack)).toMatchSnapshot();
  });

  test(`${folder}: a Swarm publishes nothing, because it cannot publish on loopback`, () => {
    expect(swarm.swarmServices).not.toEqual([]);
    for (const service of swarm.swarmServices) expect(service.endpoint_spec).toMatchObject({ ports: [] });
    expect(swarm.published()).toEqual([]);
  });

  test.each(ENGINES)(`${folder}: no variable contains a secret on $engineName`, ({ engineName }) => {
    expect((engineName === 'docker' ? docker : swarm).openSecrets).toEqual([]);
  });

  test(`${folder}: the report in report.md is that of the stack`, () => {
    expect(readFileSync(join(EXAMPLES, folder, 'report.md'), 'utf8')).toBe(reportOf(docker.stack.platform));
  });

  test(`${folder}: the runbook in runbook.md is that of the stack`, () => {
    expect(readFileSync(join(EXAMPLES, folder, 'runbook.md'), 'utf8')).toBe(runbookOf(docker.stack));
  });

  test(`${folder}: the README lists every published address and no other`, () => {
    const named = [...readme.matchAll(/\w+:\/\/(127\.0\.0\.1:\d+)/g)].map(([, address]) => address);

    expect([...new Set(named)].sort()).toEqual(docker.published().map((line) => line.split(' ')[0]));
  });

  test(`${folder}: the README names containers and services that exist`, () => {
    const prefixOf = (name: string): string => name.split(/[-_]/)[0] ?? '';
    const prefixes = new Set(docker.names.map(prefixOf));
    const named = [...readme.matchAll(/docker (?:logs|inspect|exec|restart|start|stats)[^`|]*? (\w+[-_][\w-]+)/g)]
      .map(([, name = '']) => name)
      .filter((name) => prefixes.has(prefixOf(name)));

    expect(docker.names).toEqual(expect.arrayContaining(named));

    // The commands of this library take ids, and the number of a replica after them.
    const services = [...readme.matchAll(/npm run (?:logs|exec|console) -- (?:\w+) ([\w-]+)/g)]
      .map(([, service = '']) => service)
      .filter((service) => !service.startsWith('--'));
    const ids = docker.stack.platform.workloads.map(({ spec }) => spec.path.split('/')[1] ?? '');
    const known = new Set(ids.flatMap((id) => [id, id.replace(/_/g, '-')]));
    expect(services).not.toEqual([]);
    expect(services.filter((service) => !known.has(service))).toEqual([]);
  });
}
