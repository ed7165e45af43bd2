import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Engine, Image, TradingStack, Workload } from '../../lib';
import { createApp } from '../../test/setup/synthesize';
import type { TemporaryProject } from '../../test/workload/temporary-project';

const EXAMPLE = resolve(__dirname, '../../examples/alpaca');
const FOLDERS = ['backend', 'frontend'];

/** Copies the sources of both images into a project where a test may change them. */
export function copySources(project: TemporaryProject): void {
  for (const folder of FOLDERS) {
    cpSync(join(EXAMPLE, folder), project.locate(folder), {
      recursive: true,
      // Neither is sent to a build, nor committed.
      filter: (source) => !/\/(node_modules|__pycache__)$/.test(source),
    });
  }
}

/** Both images, built from these copies. */
export function createStackFromSources(): TradingStack {
  const stack = new TradingStack(createApp(), 'bot', { engine: Engine.docker() });
  for (const folder of FOLDERS) new Workload(stack, folder, { image: Image.fromBuild(folder) });
  return stack;
}
