import { AppService, Image, Workload } from '../../../lib';
import { createStack } from '../../setup/synthesize';

const image = Image.fromRegistry('bot:1');
const withZone = (zone: string) => () =>
  createStack((stack) => new Workload(stack, 'bot', { image, environment: { TZ: zone } }));

test.each([
  'Europe/Berlin',
  'US/Eastern',
  'Asia/Calcutta',
  'EST5EDT',
  'Etc/GMT+5',
  'UTC',
  'utc',
  'GMT',
  'UTC-2',
  'CET-1CEST,M3.5.0,M10.5.0/3',
  '<+03>-3',
  ':America/Coyhaique',
  '/srv/zone',
  'posix/Europe/Berlin',
  'localtime',
  '',
])('TZ may be %j', (zone) => {
  expect(withZone(zone)).not.toThrow();
});

test.each([
  ['europe/berlin', "'Europe/Berlin'"],
  ['New York', "'America/New_York'"],
  ['America/NewYork', "'America/New_York'"],
  ['Europe/Frankfurt', "'Europe/"],
  ['Berlin', "'Europe/Berlin'"],
  // Names that Node.js takes, and the C library does not.
  ['+02:00', "'UTC'"],
  ['JST', "':/srv/zone'"],
  ['PST', "':/srv/zone'"],
])('rejects a TZ of %j, with which programs would run in UTC, and names %s', (zone, named) => {
  expect(withZone(zone)).toThrowCode('invalid-value', 'desk/bot', `TZ cannot be '${zone}'`, named);
});

test('the time zone of a service is checked as well', () => {
  const create = () =>
    createStack((stack) => new AppService(stack, 'api', { image, environment: { TZ: 'Europe/Frankfurt' } }));
  expect(create).toThrowCode('invalid-value', 'desk/api', 'TZ');
});
