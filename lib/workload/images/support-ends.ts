import { entryFor } from './image-name';

interface ReleaseLine {
  /** Repositories, as in `KnownImage`. */
  readonly repositories: readonly string[];
  readonly tags: RegExp;
  readonly day: string;
}

/**
 * Release lines of images with the day their support ends.
 * Sources, read on 2026-08-22: endoflife.date; the official image lists of postgres, redis, rabbitmq, python and node.
 */
const SUPPORT_ENDS: readonly ReleaseLine[] = [
  ...postgresLines('(9|10|11|12)', '2024-11-21'),
  ...postgresLines('13', '2025-11-13'),
  ...postgresLines('14', '2026-11-12'),
  ...postgresLines('15', '2027-11-11'),
  ...postgresLines('16', '2028-11-09'),
  ...postgresLines('17', '2029-11-08'),
  ...postgresLines('18', '2030-11-14'),
  { repositories: ['redis'], tags: /^[3-6](\D|$)/, day: '2025-02-28' },
  { repositories: ['redis'], tags: /^8\.0(\D|$)/, day: '2026-12-01' },
  { repositories: ['redis'], tags: /^7\.4(\D|$)/, day: '2029-12-01' },
  { repositories: ['redis'], tags: /^8\.2(\D|$)/, day: '2030-09-01' },
  { repositories: ['rabbitmq'], tags: /^3(\D|$)/, day: '2025-07-31' },
  { repositories: ['rabbitmq'], tags: /^4\.2(\D|$)/, day: '2026-07-31' },
  { repositories: ['python'], tags: /^(2|3\.[0-8])(\D|$)/, day: '2024-10-07' },
  { repositories: ['python'], tags: /^3\.9(\D|$)/, day: '2025-10-31' },
  { repositories: ['node'], tags: /^(\d|1\d)(\D|$)/, day: '2025-04-30' },
  { repositories: ['node'], tags: /^20(\D|$)/, day: '2026-04-30' },
  { repositories: ['node'], tags: /^22(\D|$)/, day: '2027-04-30' },
  { repositories: ['grafana/grafana'], tags: /^12\.4(\D|$)/, day: '2027-05-24' },
  { repositories: ['prom/prometheus', 'prometheus/prometheus'], tags: /^v3\.13(\D|$)/, day: '2027-07-31' },
];

/** Images with PostgreSQL name its version in different places. */
function postgresLines(major: string, day: string): ReleaseLine[] {
  return [
    { repositories: ['postgres', 'postgis/postgis'], tags: new RegExp(`^${major}(\\D|$)`), day },
    {
      repositories: ['pgvector/pgvector', 'timescale/timescaledb', 'timescale/timescaledb-ha'],
      tags: new RegExp(`\\bpg${major}(\\D|$)`),
      day,
    },
  ];
}

/** The day on which support of the image's release line ends (`2026-11-12`), if it is known. */
export function endOfLife(image: string): string | undefined {
  return entryFor(SUPPORT_ENDS, image)?.day;
}
