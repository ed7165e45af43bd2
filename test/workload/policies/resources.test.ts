import { Cpu, type MinimumResources, type Resources, Size } from '../../../lib';
import type { ResourcesSpec } from '../../../lib/platform/spec';
import { resolveResources } from '../../../lib/workload/policies/resources';

function resolve(asked: Resources = {}, defaults: Resources = {}, minimum?: MinimumResources): ResourcesSpec {
  return resolveResources(asked, defaults, minimum, 'desk/bot');
}

test('nothing is limited unless somebody says so', () => {
  expect(new Set(Object.values(resolve()))).toEqual(new Set([null]));
});

test('everything that is asked for is passed on', () => {
  expect(
    resolve({
      cpus: Cpu.cores(2),
      cpuReservation: Cpu.cores(0.5),
      memory: Size.gibibytes(2),
      memoryReservation: Size.gibibytes(1),
      shmSize: Size.mebibytes(256),
      cpuset: '0-1',
    }),
  ).toEqual({
    cpuMillis: 2000,
    cpuReservationMillis: 500,
    memoryBytes: 2 * 1024 ** 3,
    memoryReservationBytes: 1024 ** 3,
    shmSizeBytes: 256 * 1024 ** 2,
    cpuset: '0-1',
  });
});

test('what the user says goes before what the service says, one by one', () => {
  const defaults = { cpus: Cpu.cores(1), memory: Size.mebibytes(512) };
  expect(resolve({ memory: Size.gibibytes(1) }, defaults)).toMatchObject({ cpuMillis: 1000, memoryBytes: 1024 ** 3 });
});

test('what is given as undefined is not given', () => {
  const defaults = { cpus: Cpu.cores(1), memory: Size.mebibytes(512), shmSize: Size.mebibytes(64), cpuset: '0' };
  const nothing = { cpus: undefined, memory: undefined, shmSize: undefined, cpuset: undefined };
  // The types refuse it where exactOptionalPropertyTypes is on; elsewhere it compiles.
  expect(resolve(nothing as unknown as Resources, defaults)).toEqual(resolve({}, defaults));
});

describe('a limit below what the server needs is refused', () => {
  const minimum = { memory: Size.mebibytes(64) };

  test('of memory', () => {
    expect(() => resolve({ memory: Size.mebibytes(32) }, {}, minimum)).toThrow(
      'desk/bot: the memory limit of 32 MiB is below the 64 MiB that this server needs. Raise resources.memory to 64 MiB or more.',
    );
  });

  test('and exactly what it needs is enough', () => {
    expect(() => resolve({ memory: Size.mebibytes(64) }, {}, minimum)).not.toThrow();
  });
});

test('a memory limit below what Docker takes is refused', () => {
  expect(() => resolve({ memory: Size.mebibytes(5) })).toThrow(
    'desk/bot: the memory limit of 5 MiB is below the 6 MiB that this server needs. Raise resources.memory to 6 MiB or more.',
  );
});

test.each<[string, Resources, string]>([
  [
    'memory',
    { memory: Size.gibibytes(1), memoryReservation: Size.gibibytes(2) },
    "desk/bot: resources.memoryReservation cannot be '2 GiB'. Give at most 1 GiB.",
  ],
  [
    'processor time',
    { cpus: Cpu.cores(1), cpuReservation: Cpu.cores(2) },
    "desk/bot: resources.cpuReservation cannot be '2 CPU'. Give at most 1 CPU.",
  ],
])('a reservation of %s above its limit is refused', (_what, resources, message) => {
  expect(() => resolve(resources)).toThrow(message);
});

test.each(['memory', 'memoryReservation', 'shmSize'] as const)(
  '%s that is no whole number of MiB is refused: the provider counts in them',
  (property) => {
    expect(() => resolve({ [property]: Size.kibibytes(10_241) })).toThrow(
      `desk/bot: resources.${property} cannot be '10241 KiB'. Give a size of whole MiB.`,
    );
  },
);
