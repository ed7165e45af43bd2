import { TradingStackError } from '../../../lib';
import { renderContainer } from '../../../lib/engines/docker/render-container';
import type { WorkloadSpec } from '../../../lib/platform/spec';
import { fullSpec, HEALTH_CHECK, RESOURCES } from '../workload-spec';

const [port] = fullSpec().ports;

const REFUSED: readonly (readonly [string, Partial<WorkloadSpec>, RegExp])[] = [
  [
    'files in a read-only root: the engine cannot put them there',
    { files: [{ path: '/etc/bot.yaml', content: 'risk: 1\n', mode: '0444' }] },
    /putting \/etc\/bot\.yaml on a read-only root file system\. Leave readOnlyRootFilesystem out/,
  ],
  [
    'one port on two host ports: it would differ in every plan',
    { ports: port ? [port, { ...port, host: 18_001 }] : [] },
    /publishing the port 8000\/tcp twice\. Publish it once/,
  ],
  [
    'processor time that is kept free',
    { resources: { ...RESOURCES, cpuReservationMillis: 500 } },
    /reserving processor time\. Leave cpuReservation out/,
  ],
  [
    'a file in a folder of the host: it would be written there',
    {
      readOnlyRootFilesystem: false,
      files: [{ path: '/conf/a.yaml', content: 'risk: 1\n', mode: '0444' }],
      bindMounts: [{ source: '/srv/conf', path: '/conf', readOnly: false, contentHash: null }],
    },
    /putting \/conf\/a\.yaml into what is mounted at \/conf\. Put the file elsewhere/,
  ],
  [
    'a file in what is in memory: it would be gone at the start',
    { readOnlyRootFilesystem: false, files: [{ path: '/tmp/bot/a.yaml', content: 'risk: 1\n', mode: '0444' }] },
    /putting \/tmp\/bot\/a\.yaml into \/tmp, which is in memory and empty at the start\. Put the file elsewhere/,
  ],
  [
    'a time to wait for a start that nobody asks after',
    { healthCheck: null },
    /waiting for the start of what has no health check\. Give it a healthCheck, or leave startTimeout out/,
  ],
  [
    'a time to wait for a start whose health check is switched off',
    { healthCheck: { ...HEALTH_CHECK, probe: { kind: 'none' }, test: ['NONE'] } },
    /waiting for the start of what has no health check\. Give it a healthCheck, or leave startTimeout out/,
  ],
  [
    'a time limit for a job: it is waited for to its end',
    { kind: 'job', startTimeoutSeconds: 60 },
    /a time limit for a job\. Have the program end itself/,
  ],
  [
    'a port of a job: it goes with the job, and every plan would differ',
    { kind: 'job', startTimeoutSeconds: null },
    /publishing a port of a job\. Leave `ports` out/,
  ],
  [
    'an IPv6 address of an extra host: the provider would cut it at its first colon',
    { extraHosts: [{ name: 'gateway', address: 'fd00::7' }] },
    /the IPv6 address of the extra host gateway\. Give an IPv4 address/,
  ],
];

test.each(REFUSED)('a container cannot have %s, and the error says what to do', (_what, changes, message) => {
  const render = (): unknown => renderContainer(fullSpec(changes));
  expect(render).toThrow(TradingStackError);
  expect(render).toThrow(/^desk\/bot: the docker engine cannot do this: /);
  expect(render).toThrow(message);
});

test.each([{ command: ['bot', ''] }, { entrypoint: [''] }])('an empty word is refused: %j', (changes) => {
  expect(() => renderContainer(fullSpec(changes))).toThrow(/^desk\/bot: .*empty/);
});

test('a file beside what is in memory is fine', () => {
  const files = [{ path: '/tmpl/bot.yaml', content: 'risk: 1\n', mode: '0444' }];
  expect(renderContainer(fullSpec({ files, readOnlyRootFilesystem: false })).upload).toHaveLength(1);
});

test('one port number for two protocols is fine', () => {
  const ports = port ? [port, { ...port, protocol: 'udp' as const }] : [];
  expect(renderContainer(fullSpec({ ports })).ports).toHaveLength(2);
});
