import {
  BindMount,
  ConfigFile,
  Engine,
  Image,
  Logging,
  Placement,
  Volume,
  Workload,
  type WorkloadProps,
} from '../../lib';
import { createStack, synthesizeStack } from '../setup/synthesize';
import { TemporaryProject } from './temporary-project';

const project = TemporaryProject.forEveryTest();
const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** A string that Terraform would evaluate, in a form that is valid for names and paths. */
const TEMPLATE = '${desk}%{desk}';

/** Options with the template in every string that may contain it. */
const EVERYWHERE: Omit<WorkloadProps, 'image'> = {
  entrypoint: [TEMPLATE],
  command: [TEMPLATE],
  environment: { SYMBOL: TEMPLATE },
  labels: { [TEMPLATE]: TEMPLATE },
  workingDirectory: `/${TEMPLATE}`,
  sysctls: { [TEMPLATE]: TEMPLATE },
  files: [ConfigFile.fromText(`/files/${TEMPLATE}`, TEMPLATE)],
  tmpfs: [{ path: `/tmpfs/${TEMPLATE}` }],
  volumes: [Volume.retained('data').mountAt(`/data/${TEMPLATE}`)],
};

function expectLiteral(terraform: unknown, uses: number): void {
  const text = JSON.stringify(terraform);
  expect(text.match(/\$?\$\{desk\}/g)).toEqual(Array<string>(uses).fill('$${desk}'));
  expect(text.match(/%?%\{desk\}/g)).toEqual(Array<string>(uses).fill('%%{desk}'));
}

describe('strings that look like templates', () => {
  test('no option of a container is evaluated by Terraform', () => {
    const { resource } = synthesizeStack((stack) => {
      new Workload(stack, 'bot', {
        ...EVERYWHERE,
        image,
        securityOptions: [TEMPLATE],
        devices: [{ hostPath: `/dev/${TEMPLATE}`, containerPath: `/dev/${TEMPLATE}`, permissions: 'rwm' }],
        ulimits: [{ name: TEMPLATE, soft: 1, hard: 1 }],
        logging: Logging.driver('loki', { [TEMPLATE]: TEMPLATE }),
      });
    });
    expectLiteral(resource.docker_container, 18);
  });

  test('no option of a service is evaluated by Terraform', () => {
    const terraform = synthesizeStack(
      (stack) => {
        const placement = [Placement.nodeLabel('zone', 'a')];
        new Workload(stack, 'bot', {
          ...EVERYWHERE,
          image,
          placement,
          logging: Logging.driver('loki', { [TEMPLATE]: TEMPLATE }),
        });
      },
      { engine: Engine.swarm() },
    );
    // The labels of a service are not those of its containers.
    expectLiteral([terraform.resource.docker_service, terraform.locals], 14);
  });

  test('no path or argument of a build is evaluated by Terraform', () => {
    project.write(`${TEMPLATE}/docker/${TEMPLATE}`, `FROM scratch AS ${TEMPLATE}\n`);
    const built = Image.fromBuild(TEMPLATE, {
      name: 'desk-bot',
      dockerfile: `docker/${TEMPLATE}`,
      buildArgs: { [TEMPLATE]: TEMPLATE },
    });
    const { resource } = synthesizeStack((stack) => new Workload(stack, 'bot', { image: built }));
    expectLiteral(resource.docker_image, 4);
  });

  test('the path of a bind mount is a constant in its expression, whatever characters it has', () => {
    const name = `${TEMPLATE} "a" \\b`;
    project.write(`${name}/a`, '');
    const { resource } = synthesizeStack((stack) => {
      new Workload(stack, 'bot', { image, bindMounts: [BindMount.readOnly(name, '/a')] });
    });
    expect(Object.values(resource.docker_container ?? {})).toMatchObject([
      { volumes: [{ host_path: '${abspath("${path.root}/../../../$${desk}%%{desk} \\"a\\" \\\\b")}' }] },
    ]);
  });
});

describe('strings that cannot arrive as they are', () => {
  const withOptions = (options: Partial<WorkloadProps>) => (): unknown =>
    new Workload(createStack(), 'bot', { image, ...options });

  test.each<[string, Partial<WorkloadProps>]>([
    ['environment.DESK', { environment: { DESK: 'Zu\u0308rich' } }],
    ['environment.DESK', { environment: { DESK: 'a\0b' } }],
    ['environment.DESK', { environment: { DESK: '\ud83d' } }],
    ['command.1', { command: ['bot', 'Zu\u0308rich'] }],
    ['labels', { labels: { 'Zu\u0308rich': 'a' } }],
  ])('%s is refused for %j', (property, options) => {
    expect(withOptions(options)).toThrowCode('invalid-value', `desk/bot: ${property}`);
  });

  test.each([
    ['Zu\u0308rich', "text.normalize('NFC')"],
    ['\ud83d', 'Array.from(text)'],
  ])('a file with the text %j is refused', (text, fix) => {
    expect(withOptions({ files: [ConfigFile.fromText('/a', text)] })).toThrowCode('config-file-invalid', '/a', fix);
  });

  test.each(['Zürich 🚀 "a" \n\t\r', ' ', '\u0001'])('%j is accepted', (text) => {
    const options = { environment: { A: text }, command: [text], files: [ConfigFile.fromText('/a', text)] };
    expect(withOptions(options)).not.toThrow();
  });
});
