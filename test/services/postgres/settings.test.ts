import { Cpu, PostgresDb, type PostgresDbProps, Size } from '../../../lib';
import { containerNamed, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';

function database(props: PostgresDbProps): TerraformBlock {
  return containerNamed(
    synthesizeStack((stack) => new PostgresDb(stack, 'db', props)),
    'desk-db',
  );
}

/** The settings on the server's command line. */
function settingsOf(container: TerraformBlock): Record<string, string> {
  const [program, ...options] = container.command as readonly string[];
  expect(program).toBe('postgres');
  const settings = options.filter((option) => option !== '-c').map((option) => option.split('='));
  return Object.fromEntries(settings as [string, string][]);
}

describe('settings', () => {
  test.each([
    // memory, shared_buffers, effective_cache_size, maintenance_work_mem, work_mem
    [Size.mebibytes(128), '32MB', '89MB', '16MB', '245kB'],
    [Size.mebibytes(512), '128MB', '358MB', '32MB', '983kB'],
    [Size.gibibytes(1), '256MB', '716MB', '64MB', '1966kB'],
    [Size.gibibytes(4), '1024MB', '2867MB', '256MB', '7864kB'],
    [Size.gibibytes(32), '8192MB', '22937MB', '1024MB', '62914kB'],
  ])(
    'the settings are derived from a memory limit of %s',
    (memory, sharedBuffers, effectiveCacheSize, maintenance, work) => {
      expect(settingsOf(database({ resources: { memory } }))).toEqual({
        max_connections: '100',
        shared_buffers: sharedBuffers,
        effective_cache_size: effectiveCacheSize,
        maintenance_work_mem: maintenance,
        work_mem: work,
      });
    },
  );

  test.each([Size.mebibytes(128), Size.gibibytes(1), Size.gibibytes(64)])(
    'shared buffers and sorting together fit into %s',
    (memory) => {
      const settings = settingsOf(database({ resources: { memory } }));
      const sortingAtOnce = (Number.parseInt(settings.work_mem ?? '', 10) * 100) / 1024;
      const sharedBuffers = Number.parseInt(settings.shared_buffers ?? '', 10);

      expect(sharedBuffers + sortingAtOnce).toBeLessThanOrEqual(memory.toBytes() / 1024 ** 2);
    },
  );

  test('the settings follow the default memory limit if only cpus is set', () => {
    const container = database({ resources: { cpus: Cpu.cores(2) } });

    expect(container).toMatchObject({ memory: 1024, cpu_quota: 200_000 });
    expect(settingsOf(container)).toMatchObject({ shared_buffers: '256MB' });
  });

  test('work_mem shares the memory for sorting among maxConnections', () => {
    expect(settingsOf(database({ maxConnections: 400 }))).toMatchObject({
      max_connections: '400',
      work_mem: '491kB',
    });
    expect(settingsOf(database({ maxConnections: 20 }))).toMatchObject({ max_connections: '20', work_mem: '9830kB' });
  });

  test('settings from the user override derived ones', () => {
    const settings = { shared_buffers: '300MB', log_min_duration_statement: 250, jit: false };

    expect(settingsOf(database({ settings }))).toMatchObject({
      shared_buffers: '300MB',
      log_min_duration_statement: '250',
      jit: 'false',
      max_connections: '100',
    });
  });

  test('a command from the user has no derived settings', () => {
    expect(database({ command: ['postgres', '-c', 'config_file=/etc/postgres.conf'] }).command).toEqual([
      'postgres',
      '-c',
      'config_file=/etc/postgres.conf',
    ]);
  });
});

describe('shared memory', () => {
  test.each([
    [Size.mebibytes(128), 64],
    [Size.gibibytes(1), 256],
    [Size.gibibytes(8), 2048],
  ])('/dev/shm is a quarter of %s, and at least the 64 MiB of the engine', (memory, mebibytes) => {
    expect(database({ resources: { memory } })).toMatchObject({ shm_size: mebibytes });
  });

  test('shmSize from the user is used as it is', () => {
    expect(database({ resources: { shmSize: Size.mebibytes(512) } })).toMatchObject({ shm_size: 512 });
  });
});
