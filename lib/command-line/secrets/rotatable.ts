import { lstatSync } from 'node:fs';
import { Platform, type Secret, type TradingStack } from '../../index';
import { readSecretFile, secretsUnder, withDerived } from '../../internal';

/** A secret to which the command `rotate` can give a new content, which has as many bytes. */
export interface Rotatable {
  readonly secret: Secret;
  readonly bytes: number;
}

/** Why `rotate` refuses a secret, and what to do instead. */
interface Obstacle {
  readonly obstacle: string;
}

/** The secrets of a stack, without those of other stacks that it uses. */
export function ownSecrets(stack: TradingStack): Secret[] {
  return [...secretsUnder(stack)].filter((secret) => secret.node.scopes.includes(stack));
}

/** Those that `rotate` does not refuse. */
export function rotatableSecrets(stack: TradingStack): Secret[] {
  return ownSecrets(stack).filter((secret) => !('obstacle' in rotationOf(secret, stack)));
}

/** How a secret of a stack is rotated, or why its content is not up to this machine alone. */
export function rotationOf(secret: Secret, stack: TradingStack): Rotatable | Obstacle {
  const { source, file, boundToData, changes, manualRotation } = secret;
  const thenDeploy = `and deploy: npm run deploy -- ${stack.node.id}`;
  const deploy = `write it into ${file}, ${thenDeploy}`;
  if (source.kind === 'provided') {
    return { obstacle: `a person provides it. Get a new one from where it was issued, ${deploy}` };
  }
  if (source.kind === 'derived') {
    const parts = Object.values(source.parts).map((part) => `npm run rotate -- ${stack.node.id} ${part.name}`);
    return { obstacle: `it is derived from others. Rotate one of those: ${parts.join('; ')}` };
  }
  if (manualRotation !== undefined) return { obstacle: `${manualRotation}. Then ${deploy}` };
  if (boundToData && changes.length === 0) {
    return {
      obstacle: `data that exists can only be opened with it. Change it in the program that has the data, ${deploy}`,
    };
  }
  const addresses = stack.platform.workloads.map(({ address }) => address);
  if (!changes.every(({ server }) => addresses.includes(server))) {
    return {
      obstacle: `a server of another stack has it too, and only those of ${stack.node.id} are told. Change it there, ${deploy}`,
    };
  }
  const link = withDerived(secret).find(isLink);
  if (link !== undefined) {
    return {
      obstacle: `${link.file} is a symbolic link, whose target is never changed. Change that yourself, ${thenDeploy}`,
    };
  }
  if (readSecretFile(secret)?.includes('\n') === true) {
    return { obstacle: `${file} has several lines. Change it in the program that knows it, ${deploy}` };
  }
  return { secret, bytes: source.bytes };
}

function isLink(secret: Secret): boolean {
  const location = Platform.of(secret).projectDirectory.locate(secret.file);
  return lstatSync(location, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
