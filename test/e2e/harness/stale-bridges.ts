/** What engines that no longer run leave in the network of this machine. */
import { readFile, readlink } from 'node:fs/promises';
import { processIds } from './processes';
import { mustRun } from './run';

/** The names that Docker gives to the bridges of its networks, without that of its default network. */
const BRIDGE = /^(br-[0-9a-f]{12}|docker_gwbridge)$/;
/** The tables in which Docker names bridges. */
const TABLES = ['filter', 'nat', 'raw'];

/**
 * Removes the bridges of Docker networks, with their rules and routes, unless an engine runs in this network.
 *
 * An engine that was killed leaves them. If a new engine has a network with the same subnet, the old rule masquerades
 * what its containers send each other, and the old route takes the answers, so no connection between them is made.
 */
export async function removeStaleBridges(): Promise<void> {
  if (await isEngineRunning()) return;
  const links = JSON.parse(await mustRun('ip', ['-json', 'link', 'show', 'type', 'bridge'])) as { ifname?: string }[];
  for (const { ifname } of links) {
    if (ifname !== undefined && BRIDGE.test(ifname)) await mustRun('ip', ['link', 'delete', ifname]);
  }
  for (const table of TABLES) {
    const rules = (await mustRun('iptables-save', ['--table', table])).split('\n');
    for (const rule of rules.map((line) => line.split(' '))) {
      const [action = '', ...words] = rule;
      if (action !== '-A' || !words.some((word) => BRIDGE.test(word))) continue;
      await mustRun('iptables', ['--wait', '--table', table, '--delete', ...words]);
    }
  }
}

/** Whether a Docker engine runs in the network namespace of this process. */
async function isEngineRunning(): Promise<boolean> {
  const here = await readlink('/proc/self/ns/net');
  const found = await Promise.all(
    (await processIds()).map(async (pid) => {
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return name === 'dockerd\n' && (await readlink(`/proc/${pid}/ns/net`).catch(() => '')) === here;
    }),
  );
  return found.includes(true);
}
