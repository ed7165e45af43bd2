import { parseCIDR } from 'ipaddr.js';
import type { TradingStack } from '../../index';
import { STACK_LABEL } from '../../internal';
import type { DockerApi, NetworkSummary } from '../engine/docker-api';

/** One sentence for every network of somebody else that has addresses of the stack's own subnet. */
export async function takenSubnets(stack: TradingStack, docker: DockerApi): Promise<string[]> {
  const { name, addresses, labels } = stack.platform.networkSpec;
  if (addresses === null) return [];
  // Under another name it is the stack's own from before, which Terraform replaces.
  const isOwn = ({ Name, Labels }: NetworkSummary): boolean =>
    Name === name || (labels[STACK_LABEL] !== undefined && Labels?.[STACK_LABEL] === labels[STACK_LABEL]);
  // An overlay shares its addresses with the bridges of each node that it reaches: with docker_gwbridge, too.
  const others = (await docker.networks()).filter((network) => !isOwn(network));
  return others.flatMap(({ Name, IPAM }) =>
    (IPAM.Config ?? [])
      .filter(({ Subnet }) => Subnet !== undefined && overlap(Subnet, addresses.subnet))
      .map(
        ({ Subnet }) =>
          `The subnet ${addresses.subnet} of the network ${name} overlaps ${Subnet}, which the network ${Name} has. ` +
          `Give the stack another range (network.subnet), or remove that network if nobody needs it.`,
      ),
  );
}

function overlap(one: string, other: string): boolean {
  const [[address, bits], [otherAddress, otherBits]] = [parseCIDR(one), parseCIDR(other)];
  return address.kind() === otherAddress.kind() && address.match(otherAddress, Math.min(bits, otherBits));
}
