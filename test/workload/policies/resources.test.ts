import { Cpu, type MinimumResources, type Resources, Size } from '../../../lib';
import type { ResourcesSpec } from '../../../lib/platform/spec';
import { resolveResources } from '../../../lib/workload/policies/resources';

function resolve(asked: Resources = {}, defaults: Resources = {}, minimum?: MinimumResources): ResourcesSpec {
  return resolveResources(asked, defaults, minimum, 'desk/bot');
}

test('nothing is limited by default', () => {
  const { swapBytes, ...limits } = resolve();
  expect(new Set(Object.values(limits))).toEqual(new Set([null]));
  expect(swapBytes).toBe(0);
});

test('every limit that is set is passed on', () => {
  expect(
    resolve({
      cpus: Cpu.cores(2),
      cpuReservation: Cpu.cores(0.5),
      memory: Size.gibibytes(2),
      swap: Size.mebibytes(64),
      memoryReservation: Size.gibibytes(1),
      shmSize: Size.mebibytes(256),
      cpuset: '0-1',
    }),
  ).toEqual({
    cpuMillis: 2000,
    cpuReservationMillis: 500,
    memoryBytes: 2 * 1024 ** 3,
    swapBytes: 64 * 1024 ** 2,
    memoryReservationBytes: 1024 ** 3,
    shmSizeBytes: 256 * 1024 ** 2,
    cpuset: '0-1',
  });
});

test('a limit of the user overrides that of the service, one by one', () => {
  const defaults = { cpus: Cpu.cores(1), memory: Size.mebibytes(512) };
  expect(resolve({ memory: Size.gibibytes(1) }, defaults)).toMatchObject({ cpuMillis: 1000, memoryBytes: 1024 ** 3 });
});

test('a limit that is undefined does not override that of the service', () => {
  const defaults = { cpus: Cpu.cores(1), memory: Size.mebibytes(512), shmSize: Size.mebibytes(64), cpuset: '0' };
  const nothing = { cpus: undefined, memory: undefined, shmSize: undefined, cpuset: undefined };
  // The types refuse it where exactOptionalPropertyTypes is on; elsewhere it compiles.
  expect(resolve(nothing as unknown as Resources, defaults)).toEqual(resolve({}, defaults));
});

test('a memory limit below what the server needs is refused', () => {
  const minimum = { memory: Size.mebibytes(64) };
  expect(() => resolve({ memory: Size.mebibytes(32) }, {}, minimum)).toThrowCode(
    'memory-too-small',
    'desk/bot: ',
    '32 MiB',
    'Raise resources.memory to 64 MiB',
  );
  expect(() => resolve({ memory: Size.mebibytes(64) }, {}, minimum)).not.toThrow();
});

test('a memory limit below what Docker accepts is refused', () => {
  expect(() => resolve({ memory: Size.mebibytes(5) })).toThrowCode('memory-too-small', '5 MiB', '6 MiB');
});

test.each<[Resources, string, string]>([
  [{ memory: Size.gibibytes(1), memoryReservation: Size.gibibytes(2) }, 'memoryReservation of 2 GiB', '1 GiB'],
  [{ cpus: Cpu.cores(1), cpuReservation: Cpu.cores(2) }, 'cpuReservation of 2 CPU', '1 CPU'],
])('a reservation above its limit is refused: %p', (resources, reservation, limit) => {
  expect(() => resolve(resources)).toThrowCode('option-conflict', `desk/bot: resources.${reservation}`, limit);
});

test.each(['memory', 'memoryReservation', 'shmSize'] as const)(
  '%s that is not a whole number of MiB is refused, because the provider counts in MiB',
  (property) => {
    expect(() => resolve({ [property]: Size.kibibytes(10_241) })).toThrowCode(
      'invalid-value',
      `desk/bot: resources.${property}`,
      '10241 KiB',
    );
  },
);
