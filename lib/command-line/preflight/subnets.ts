import { parseCIDR } from 'ipaddr.js';
import type { TradingStack } from '../../index';
import { STACK_LABEL } from '../../internal';
import type { DockerApi } from '../engine/docker-api';
import type { NetworkSummary } from '../engine/responses';
import type { Problem } from '../output/output';

/** A problem for every foreign network on the engine that overlaps the subnet of the stack. */
export async function takenSubnets(stack: TradingStack, docker: DockerApi): Promise<Problem[]> {
  const { name, addresses, labels } = stack.platform.networkSpec;
  if (addresses === null) return [];
  // With the stack's label it is its own network under a former name, which Terraform replaces.
  const isOwn = ({ Name, Labels }: NetworkSummary): boolean =>
    Name === name || (labels[STACK_LABEL] !== undefined && Labels?.[STACK_LABEL] === labels[STACK_LABEL]);
  // An overlay network must not overlap the bridges of its nodes either, such as docker_gwbridge.
  const others = (await docker.networks()).filter((network) => !isOwn(network));
  return others.flatMap(({ Name, IPAM }): Problem[] =>
    (IPAM.Config ?? [])
      .filter(({ Subnet }) => Subnet !== undefined && overlap(Subnet, addresses.subnet))
      .map(({ Subnet }) => ({
        code: 'subnet-in-use',
        message:
          `The subnet ${addresses.subnet} of the network ${name} overlaps the subnet ${Subnet} of the network ${Name}. ` +
          `Set another \`network.subnet\`, or remove that network if it is not needed: ${docker.address.command} network rm ${Name}`,
      })),
  );
}

function overlap(one: string, other: string): boolean {
  const [[address, bits], [otherAddress, otherBits]] = [parseCIDR(one), parseCIDR(other)];
  return address.kind() === otherAddress.kind() && address.match(otherAddress, Math.min(bits, otherBits));
}
