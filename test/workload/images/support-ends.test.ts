import { Image, Workload } from '../../../lib';
import { endOfLife } from '../../../lib/workload/images/support-ends';
import { createStack } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';
import { warningsOf } from '../../services/fixtures';

const project = TemporaryProject.forEveryTest();

afterEach(() => {
  jest.useRealTimers();
});

function warningsOn(day: string, image: Image): string[] {
  jest.useFakeTimers({ now: new Date(`${day}T12:00:00Z`) });
  const warnings = warningsOf(createStack((desk) => new Workload(desk, 'db', { image })));
  return warnings.filter((one) => one.endsWith('[image-end-of-life]'));
}

const POSTGRES_14 = Image.fromRegistry('postgres:14-alpine');

test('a supported image raises no warning', () => {
  expect(warningsOn('2026-11-11', POSTGRES_14)).toEqual([]);
});

test('an image raises a warning from the day on which its support ends', () => {
  expect(warningsOn('2026-11-12', POSTGRES_14)).toEqual(['postgres:14-alpine since 2026-11-12 [image-end-of-life]']);
});

test('a build raises a warning for its base image', () => {
  project.write('bot/Dockerfile', 'FROM python:3.9-slim\n');
  expect(warningsOn('2026-01-01', Image.fromBuild('bot'))).toEqual([
    'python:3.9-slim since 2025-10-31 [image-end-of-life]',
  ]);
});

test.each([
  ['postgres:9.6-alpine', '2024-11-21'],
  ['postgres:12', '2024-11-21'],
  ['redis:6.2', '2025-02-28'],
  ['redis:3', '2025-02-28'],
  ['python:2.7', '2024-10-07'],
  ['python:3.8-slim', '2024-10-07'],
  ['node:8', '2025-04-30'],
  ['node:18-alpine', '2025-04-30'],
  ['node:20.9', '2026-04-30'],
  ['postgres:13', '2025-11-13'],
  ['postgres:13.4-alpine', '2025-11-13'],
  ['docker.io/library/redis:7.4.1', '2029-12-01'],
  ['rabbitmq:3-management', '2025-07-31'],
  ['prom/prometheus:v3.13.0', '2027-07-31'],
  ['quay.io/prometheus/prometheus:v3.13.0', '2027-07-31'],
  ['grafana/grafana:12.4.1', '2027-05-24'],
  ['registry.example.com/library/postgres:13', '2025-11-13'],
  ['postgis/postgis:13-3.5', '2025-11-13'],
  ['pgvector/pgvector:0.8.1-pg13-trixie', '2025-11-13'],
  ['timescale/timescaledb:2.15.3-pg13', '2025-11-13'],
  ['timescale/timescaledb-ha:pg13.9-ts2.9.1', '2025-11-13'],
])('%s is supported until %s', (image, day) => {
  expect(endOfLife(image)).toBe(day);
});

test.each([
  'postgres:130',
  'postgres:90',
  'redis:7.40',
  'redis:60',
  'python:3.80',
  'python:3.14',
  'node:180',
  'node:24',
  'mypostgres:13',
  'timescale/timescaledb:2.30.2-pg130',
  'ghcr.io/desk/redis:4',
  'ghcr.io/desk/postgres:13',
  'desk/grafana:12.4',
  'ghcr.io/desk/bot:13',
  `postgres@sha256:${'1'.repeat(64)}`,
])('the end of support of %s is unknown', (image) => {
  expect(endOfLife(image)).toBeUndefined();
});
