import { invalidValue, TradingStackError } from '../../errors';
import { Size } from '../../workload/units/size';
import { checkSettings, type ReservedSetting, type ServerSettings } from '../server';

/**
 * The purpose of a Redis server. It decides what happens when its memory is full, so two purposes need two instances.
 */
export enum RedisPurpose {
  /** Values that can be recomputed: the least recently used keys are evicted (`allkeys-lru`). */
  CACHE = 'cache',
  /** Queues, locks, sessions: nothing is evicted, and writes fail when the memory is full (`noeviction`). */
  QUEUE = 'queue',
}

/** The options from which the settings follow. */
export interface RedisSettingsOptions {
  /** @default RedisPurpose.CACHE */
  readonly purpose?: RedisPurpose;
  /** @default true */
  readonly appendOnly?: boolean;
  /** @default - none */
  readonly settings?: ServerSettings;
}

interface RedisMemoryOptions extends RedisSettingsOptions {
  /** @default - a share of the memory limit */
  readonly maxMemory?: Size;
}

/** The smallest memory limit with which the server starts and works. */
export const MINIMUM_MEMORY = Size.mebibytes(16);

/**
 * Shares of the limit for data: by default, and at most. While Redis saves, every page that a client changes is copied, and
 * jemalloc needs up to a quarter more than the data. With 70 %, Redis 8.0.6 with a limit of 256 MiB was killed in each
 * burst of writes to a full cache; with 50 %, it survived all of them.
 */
const SHARES_WHILE_SAVING = { usual: 0.5, largest: 0.6 };
const SHARES_WITHOUT_SAVING = { usual: 0.7, largest: 0.75 };

/** Settings that clients or the volume depend on. */
const RESERVED_SETTINGS: readonly ReservedSetting[] = [
  {
    names: /^port$/,
    replacement: 'Remove it: clients connect to 6379; to use another host port, set hostPort in `ports`',
  },
  { names: /^bind$/, replacement: 'Remove it: clients on the network have to reach the server' },
  {
    names: /^dir$/,
    replacement: 'Remove it, or set volume: outside of the volume the data is lost with the container',
  },
  { names: /^maxmemory$/, replacement: 'Use maxMemory, which is checked against the memory limit' },
  { names: /^(requirepass|user|aclfile)$/, replacement: 'Use password, which clients get too' },
  {
    names: /^(masterauth|tls-(client-)?key-file-pass)$/,
    replacement: 'Put it into a secret file and name that file in the setting `include`: command lines are not secret',
  },
];

/** Options with the setting that each of them writes. */
const SETTINGS_FIXED_BY_PROPS = { purpose: 'maxmemory-policy', appendOnly: 'appendonly' } as const;

/** @throws TradingStackError for an unknown purpose, a reserved setting, and one that contradicts an option */
export function checkRedisSettings(options: RedisSettingsOptions, where: string): void {
  const { purpose = RedisPurpose.CACHE, settings = {} } = options;
  if (!Object.values(RedisPurpose).includes(purpose)) {
    throw invalidValue(where, 'purpose', purpose, 'RedisPurpose.CACHE or RedisPurpose.QUEUE');
  }
  checkSettings(settings, RESERVED_SETTINGS, where);
  for (const option of ['purpose', 'appendOnly'] as const) {
    const name = Object.keys(settings).find((key) => key.toLowerCase() === SETTINGS_FIXED_BY_PROPS[option]);
    if (name === undefined || options[option] === undefined) continue;
    const what = `${option} already sets ${name}, and settings.${name} is set too`;
    throw new TradingStackError('option-conflict', where, what, 'Remove one of them');
  }
}

/** The value of a setting: Redis reads names case-insensitively, and uses the last of several values. */
export function settingOf(settings: ServerSettings, name: string): string | number | boolean | undefined {
  return Object.entries(settings)
    .filter(([key]) => key.toLowerCase() === name)
    .at(-1)?.[1];
}

/** The value of a setting; an empty one means the default. */
export function valueOf(settings: ServerSettings, name: string, otherwise: string): string {
  return String(settingOf(settings, name) ?? '') || otherwise;
}

/** The memory limit of a server whose user sets none. */
export function defaultLimit(options: RedisMemoryOptions): Size {
  const { maxMemory } = options;
  if (maxMemory === undefined) return Size.mebibytes(256);
  const limit = Size.mebibytes(Math.ceil(maxMemory.toWholeMebibytes() / sharesFor(options).usual));
  return limit.isLessThan(MINIMUM_MEMORY) ? MINIMUM_MEMORY : limit;
}

/**
 * Memory for data within a limit.
 * @throws TradingStackError if it leaves too little of the limit
 */
export function memoryForData(options: RedisMemoryOptions, limit: Size, where: string): Size {
  const { maxMemory } = options;
  const shares = sharesFor(options);
  if (maxMemory === undefined) return limit.fraction(shares.usual);
  if (maxMemory.isLessThan(Size.mebibytes(1))) {
    throw invalidValue(where, 'maxMemory', String(maxMemory), '1 MiB or more: Redis reads 0 as no limit');
  }
  const largest = limit.fraction(shares.largest);
  if (largest.isLessThan(maxMemory)) {
    const what = `maxMemory of ${String(maxMemory)} leaves too little of the limit of ${String(limit)} for saving to disk`;
    const fix = `Set maxMemory to ${String(largest)} or less, or raise resources.memory`;
    throw new TradingStackError('memory-too-small', where, what, fix);
  }
  return maxMemory;
}

/** Without append-only files, Redis still saves snapshots, unless the setting `save` is empty. */
function sharesFor({ appendOnly = true, settings = {} }: RedisMemoryOptions): { usual: number; largest: number } {
  const appends = settingOf(settings, 'appendonly') ?? (appendOnly ? 'yes' : 'no');
  const isSaved = settingOf(settings, 'save') !== '' || appends === 'yes';
  return isSaved ? SHARES_WHILE_SAVING : SHARES_WITHOUT_SAVING;
}

/** All settings on the server's command line. */
export function settingsFor(maxMemory: Size, options: RedisSettingsOptions): ServerSettings {
  const { purpose = RedisPurpose.CACHE, appendOnly = true, settings = {} } = options;
  return {
    maxmemory: maxMemory.toBytes(),
    'maxmemory-policy': purpose === RedisPurpose.CACHE ? 'allkeys-lru' : 'noeviction',
    appendonly: appendOnly ? 'yes' : 'no',
    ...settings,
  };
}

/** The command that starts the server with these settings and, if there is one, a configuration file. */
export function serverCommand(server: string, configuration: string | undefined, settings: ServerSettings): string[] {
  const options = Object.entries(settings).flatMap(([name, value]) => option(name, String(value)));
  return [server, ...(configuration === undefined ? [] : [configuration]), ...options];
}

/** One argument for an empty value: the provider drops empty arguments, and Redis parses each argument as a line. */
function option(name: string, value: string): string[] {
  return value === '' ? [`--${name} ""`] : [`--${name}`, value];
}

/** Ports on which the server listens with these settings. */
export function portsOpenedBy(settings: ServerSettings): number[] {
  const tls = settings['tls-port'];
  return tls === undefined ? [REDIS_PORT] : [REDIS_PORT, Number(tls)];
}

/** For Redis' own protocol, without TLS. */
export const REDIS_PORT = 6379;
