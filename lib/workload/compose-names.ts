import { TradingStackError } from '../errors';

/** What an option of a compose file is here. */
const WRITTEN: ReadonlyMap<string, string> = new Map([
  ['build', "image: Image.fromBuild('folder')"],
  ['cap_add', "capabilities: ['NET_ADMIN']"],
  ['container_name', 'name'],
  ['cpus', 'resources: { cpus: Cpu.cores(1) }'],
  ['depends_on', 'uses: [database]'],
  ['deploy', 'resources, replicas, placement and updatePolicy'],
  ['entry_point', 'entrypoint'],
  ['env', 'environment'],
  ['env_file', 'environment, and secrets for what nobody may see'],
  ['expose', 'nothing in its place: on the network of the stack every port is open'],
  ['extra_hosts', "extraHosts: [{ name: 'broker', address: '10.0.0.7' }]"],
  ['group_add', "groups: ['5000']"],
  ['healthcheck', 'healthCheck: HealthCheck.http(8000)'],
  ['mem_limit', 'resources: { memory: Size.mebibytes(512) }'],
  ['networks', 'network of the TradingStack, for all of its services'],
  ['read_only', 'readOnlyRootFilesystem: true'],
  ['security_opt', 'securityOptions'],
  ['shm_size', 'resources: { shmSize: Size.mebibytes(128) }'],
  ['stop_grace_period', 'stopGracePeriod: Duration.seconds(30)'],
  ['stop_signal', "stopSignal: 'SIGINT'"],
  ['working_dir', "workingDirectory: '/app'"],
]);

/**
 * Where nobody looks at types, an option that there is not would be left out without a word.
 * @throws TradingStackError for one that a compose file calls so
 */
export function refuseComposeNames(options: object, where: string): void {
  for (const option of Object.keys(options)) {
    const written = WRITTEN.get(option);
    if (written === undefined) continue;
    throw new TradingStackError(
      'invalid-value',
      where,
      `there is no option ${option}, which is Compose's`,
      `Write ${written}`,
    );
  }
}
