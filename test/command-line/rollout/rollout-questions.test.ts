import { CommandError, ExitCode } from '../../../lib/command-line/output/output';
import { DeskFixture } from '../desk/fixture';

const asked = jest.fn<Promise<void>, [string, string]>();
const desk = new DeskFixture();

beforeEach(() => {
  asked.mockReset().mockResolvedValue();
  desk.context = { isInteractive: true, confirm: asked };
});

function changeMeanwhile(added: Readonly<Record<string, { actions: readonly string[] }>>): void {
  desk.project.changes = {
    'docker_container.desk-gateway': { actions: ['delete', 'create'] },
    'docker_image.node': { actions: ['create'], after: { name: 'node:24-slim' }, thenAdds: added },
  };
}

test('A plan that is carried out in steps is confirmed once', async () => {
  changeMeanwhile({});
  expect((await desk.run(['deploy', 'desk'])).exitCode).toBe(0);
  expect(asked.mock.calls).toEqual([['Apply these changes?', 'nothing is applied.']]);
});

test('A part of the confirmed changes needs no second confirmation', async () => {
  changeMeanwhile({ 'docker_container.desk-gateway': { actions: ['create'] } });
  expect((await desk.run(['deploy', 'desk'])).exitCode).toBe(0);
  expect(asked).toHaveBeenCalledTimes(1);
});

describe('changes that were not in the confirmed plan', () => {
  const ADDED = { 'docker_container.desk-redis': { actions: ['delete', 'create'] } };

  beforeEach(() => {
    asked.mockImplementation((question, otherwise) =>
      question.includes('too')
        ? Promise.reject(new CommandError('not-confirmed', `Not confirmed: ${otherwise}`, ExitCode.REFUSED))
        : Promise.resolve(),
    );
  });

  test('Changes that are not confirmed in the middle of a deploy make it fail', async () => {
    changeMeanwhile(ADDED);
    const { exitCode, stderr } = await desk.run(['deploy', 'desk']);
    expect(exitCode).toBe(1);
    expect(asked.mock.calls[1]).toEqual(['Apply these changes too?', 'the rest of the plan is not applied.']);
    expect(desk.project.changesLeft).toEqual(['docker_container.desk-gateway', 'docker_container.desk-redis']);
    expect(stderr).toMatch(
      /\nNot confirmed: the rest of the plan is not applied\.\nThe deploy of desk failed before changing the services\. /,
    );
  });

  test('Changes that are not confirmed before anything was applied refuse the deploy', async () => {
    const changes = {
      'docker_container.desk-gateway': { actions: ['delete', 'create'] },
      'docker_image.node': { actions: ['create'], needs: ['docker_container.desk-redis'] },
    };
    desk.project.changes = changes;
    asked.mockImplementationOnce(() => {
      desk.project.changes = { ...changes, ...ADDED };
      return Promise.resolve();
    });
    const { exitCode, stderr } = await desk.run(['deploy', 'desk']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe('Not confirmed: the rest of the plan is not applied. [not-confirmed]\n');
    expect(desk.project.changesLeft).toHaveLength(3);
  });
});
