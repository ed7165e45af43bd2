import { Engine, Image, Placement, Workload } from '../../../lib';
import { renderConstraint } from '../../../lib/internal';
import { createStack, serviceNamed, synthesizeStack } from '../../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

describe('a placement', () => {
  test.each<[Placement, string]>([
    [Placement.nodeLabel('gpu', 'true'), 'node.labels.gpu == true'],
    [Placement.withoutNodeLabel('trading.zone', 'b'), 'node.labels.trading.zone != b'],
    [Placement.node('desk-3'), 'node.hostname == desk-3'],
    [Placement.manager(), 'node.role == manager'],
    [Placement.worker(), 'node.role == worker'],
  ])('is rendered in the syntax of Docker', (placement, constraint) => {
    expect(Placement.toSpec([placement]).constraints.map(renderConstraint)).toEqual([constraint]);
  });

  test('combines with others into all constraints and the smallest limit of replicas', () => {
    const several = [Placement.replicasPerNode(3), Placement.worker(), Placement.replicasPerNode(2)];
    expect(Placement.toSpec(several)).toEqual({ constraints: [{ on: 'role', value: 'worker' }], replicasPerNode: 2 });
  });

  test.each(['', 'a b', 'a==b', '-a'])(
    'rejects %j as a label or a value, which would change the constraint',
    (name) => {
      expect(() => Placement.nodeLabel(name, 'true')).toThrowCode(
        'invalid-value',
        'Placement',
        `label cannot be '${name}'`,
      );
      expect(() => Placement.nodeLabel('gpu', name)).toThrowCode('invalid-value', `value cannot be '${name}'`);
      expect(() => Placement.node(name)).toThrowCode('invalid-value', `value cannot be '${name}'`);
    },
  );

  test.each([0, 1.5])('rejects a limit of %d replicas per node', (maximum) => {
    expect(() => Placement.replicasPerNode(maximum)).toThrowCode('invalid-value', 'Placement', `cannot be ${maximum}`);
  });
});

describe('a workload with a placement', () => {
  const placement = [Placement.nodeLabel('gpu', 'true'), Placement.replicasPerNode(1)];

  test('has constraints on a Swarm, and plans ignore the platforms that Swarm adds', () => {
    const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image, placement }), {
      engine: Engine.swarm(),
    });

    expect(serviceNamed(terraform, 'desk-bot')).toMatchObject({
      task_spec: { placement: { constraints: ['node.labels.gpu == true'], max_replicas: 1 } },
      lifecycle: { ignore_changes: ['task_spec[0].placement[0].platforms'] },
    });
  });

  test('is rejected on the Docker engine, which has one node', () => {
    expect(() => new Workload(createStack(), 'bot', { image, placement })).toThrowCode(
      'unsupported-by-engine',
      'desk/bot',
      '`placement`',
    );
  });
});
