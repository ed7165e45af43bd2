import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppService, BindMount, HealthCheck, Image } from '../../../lib';
import { changedMounts } from '../../../lib/command-line/history/mounted-files';
import { createStack } from '../../setup/synthesize';
import { inTemporaryFolder } from '../../setup/temporary-folder';

test('A mounted file that has changed or is missing is found, also by its absolute path', () => {
  inTemporaryFolder((folder) => {
    const rules = join(folder, 'rules');
    mkdirSync(rules);
    writeFileSync(join(rules, 'limits.json'), '1');
    const { platform } = createStack((stack) => {
      new AppService(stack, 'bot', {
        image: Image.fromRegistry('node:24-slim'),
        healthCheck: HealthCheck.http(8000, { via: 'node' }),
        bindMounts: [BindMount.readOnly(rules, '/rules')],
      });
    });
    const changed = (): string[] =>
      platform.workloads.flatMap((workload) => changedMounts(workload, join(process.cwd(), 'cdktf.out/stacks/desk')));

    expect(platform.workloads[0]?.spec.bindMounts[0]?.contentHash).not.toBeNull();
    expect(changed()).toEqual([]);
    writeFileSync(join(rules, 'limits.json'), '2');
    expect(changed()).toEqual([rules]);
    rmSync(rules, { recursive: true });
    expect(changed()).toEqual([rules]);
  });
});
