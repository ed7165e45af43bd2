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

  test('of several is all of them, and the smallest of their numbers', () => {
    const several = [Placement.replicasPerNode(3), Placement.worker(), Placement.replicasPerNode(2)];
    expect(Placement.toSpec(several)).toEqual({ constraints: [{ on: 'role', value: 'worker' }], replicasPerNode: 2 });
  });

  test.each(['', 'a b', 'a==b', '-a'])('has no label %j, which Docker would read as something else', (name) => {
    expect(() => Placement.nodeLabel(name, 'true')).toThrow(/^Placement: the label cannot be .*\. Use letters, digits/);
    expect(() => Placement.nodeLabel('gpu', name)).toThrow(/^Placement: the value cannot be/);
  });

  test.each([0, 1.5])('cannot be %d replicas a node', (most) => {
    expect(() => Placement.replicasPerNode(most)).toThrow(/^Placement\.replicasPerNode: the number cannot be/);
  });
});

describe('a workload with a placement', () => {
  const placement = [Placement.nodeLabel('gpu', 'true'), Placement.replicasPerNode(1)];

  test('runs there on a Swarm, and no plan takes out what Swarm adds', () => {
    const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image, placement }), {
      engine: Engine.swarm(),
    });

    expect(serviceNamed(terraform, 'desk-bot')).toMatchObject({
      task_spec: { placement: { constraints: ['node.labels.gpu == true'], max_replicas: 1 } },
      lifecycle: { ignore_changes: ['task_spec[0].placement[0].platforms'] },
    });
  });

  test('is refused on one engine, which has no nodes to choose from', () => {
    expect(() => new Workload(createStack(), 'bot', { image, placement })).toThrow(
      'desk/bot: the docker engine cannot do this: choosing a node. Leave `placement` out. Run on Engine.swarm().',
    );
  });
});
