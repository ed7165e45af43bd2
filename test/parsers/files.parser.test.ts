import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { ConfigFile } from '../../lib';
import { Prometheus } from '../../lib/monitoring/prometheus/prometheus';
import { containerNamed, createStack, synthesizeStack } from '../setup/synthesize';
import { describeWith, line, temporaryFolder, text } from './programs';

const folder = temporaryFolder();

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(1e-7, -2.5e-7, 1e21, 2 ** 60, -0, 1e308),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(text, fc.string({ unit: 'binary' }), number, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(line, text), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

function contentOf(file: ConfigFile): string {
  return file.bind(createStack().platform, 'desk/bot').content;
}

/** Reads both files of every case, after what Terraform does to them. Numbers are compared with their types. */
const READ_BACK = `
import json, sys, unicodedata, yaml
for line in sys.stdin:
    case = json.loads(line)
    there = unicodedata.normalize('NFC', case['yaml'])
    expected = json.loads(unicodedata.normalize('NFC', case['json']))
    try:
        read = yaml.safe_load(there)
    except Exception as error:
        read = error
    if repr(read) != repr(expected):
        print(json.dumps([case['yaml'], repr(read), repr(expected)]))
`;

describeWith('python3', ['-c', 'import yaml'], () => {
  test('what is written as YAML and as JSON is the same value for Python', () => {
    const cases = fc.sample(value, 3000).map((given) => ({
      yaml: contentOf(ConfigFile.fromYaml('/a.yaml', given)),
      json: contentOf(ConfigFile.fromJson('/a.json', given)),
    }));
    const input = cases.map((one) => `${JSON.stringify(one)}\n`).join('');
    const { stdout, stderr } = spawnSync('python3', ['-c', READ_BACK], { input, encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['', '']);
  });

  test('JSON that Python reads is the value that was given', () => {
    const given = fc.sample(value, 1000);
    const input = given.map((one) => `${JSON.stringify(contentOf(ConfigFile.fromJson('/a.json', one)))}\n`).join('');
    const program = 'import json, sys\nfor line in sys.stdin: print(json.dumps(json.loads(json.loads(line))))';
    const { stdout } = spawnSync('python3', ['-c', program], { input, encoding: 'utf8' });
    const read = stdout
      .trimEnd()
      .split('\n')
      .map((one) => JSON.parse(one) as unknown);
    expect(read).toEqual(given);
  });
});

describeWith('promtool', ['--version'], () => {
  test.each(['NO', '10-30', '1e3', '012', '0x1f', '2026-01-02', 'off'])(
    'the job %j and its odd target are accepted',
    (job) => {
      const target = { kind: 'endpoint', host: job, port: 8000, path: '/metrics/%24%7Ba%7D' } as const;
      const { resource } = synthesizeStack((stack) => {
        new Prometheus(stack, 'prometheus', { services: [{ job, target, upQuery: 'up{job="$job"}', panels: [] }] });
      });
      const [file] = containerNamed({ resource, terraform: {} }, 'desk-prometheus').upload as { content: string }[];
      writeFileSync(folder.locate('prometheus.yml'), file?.content ?? '');
      const { status, stderr } = spawnSync('promtool', ['check', 'config', folder.locate('prometheus.yml')]);
      expect([status, String(stderr)]).toEqual([0, '']);
    },
  );
});
