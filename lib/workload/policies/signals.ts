/** What starts a workload, as far as its options say so. */
interface Start {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}

/**
 * Shells replace themselves with their last command in some cases only: bash 5.1 and later and the shell of BusyBox
 * unless it is in a pipe, dash never. `sh` is dash on Debian and Ubuntu.
 */
const SHELLS = ['sh', 'ash', 'dash', 'bash'];
const WHERE_SH_IS_ANOTHER = /alpine|busybox|fedora|ubi\d|centos|rockylinux|almalinux|amazonlinux|oraclelinux|archlinux/;
const PACKAGE_MANAGERS = ['npm', 'yarn', 'pnpm'];
/** The syntax of which this does not know what is the last command, and a program that handles signals itself. */
const COMPOUND = /\$\(|`|<<|[(){}]|(?:^|[\s;])(?:if|for|while|until|case|select|function|trap|wait)\s/;
/** Commands that end at once or are part of the shell. */
const MINOR =
  /^(?:echo|printf|exit|true|false|:|cd|export|set|unset|umask|ulimit|test|\[|sleep|exec|\.|source)(?:\s|$)/;

/**
 * The program of a service that gets no SIGTERM: a shell or a package manager starts it as a child, gets the signal
 * itself, and ends, whereupon the engine kills the child.
 * @param images names of the image and its bases
 * @returns what to do about it, or `undefined` if the program gets the signal, or it cannot be known
 */
export function withoutSignals(
  { entrypoint = [], command = [] }: Start,
  images: readonly string[],
): string | undefined {
  const [program = '', flag = '', line] = [...entrypoint, ...command];
  const name = program.slice(program.lastIndexOf('/') + 1);
  if (PACKAGE_MANAGERS.includes(name)) return `start the program itself instead of ${[name, flag].join(' ').trim()}`;
  if (!SHELLS.includes(name) || !/^-[a-z]*c$/.test(flag) || line === undefined) return undefined;
  const isDash = name === 'dash' || (name === 'sh' && !images.some((image) => WHERE_SH_IS_ANOTHER.test(image)));
  return inLine(line, isDash);
}

function inLine(line: string, isDash: boolean): string | undefined {
  // What is quoted is no syntax, but belongs to the command.
  const plain = line.replace(/'[^']*'|"(?:\\.|[^"\\])*"|\\./gs, (quoted) => '_'.repeat(quoted.length));
  if (COMPOUND.test(plain)) return undefined;
  const commands: { readonly text: string; readonly isPiped: boolean }[] = [];
  let start = 0;
  let isPiped = false;
  for (const { 0: sign, index } of [
    ...plain.matchAll(/&&|\|\||\|&?|;|\n|(?<![<>])&(?!>)/g),
    { 0: '', index: line.length },
  ]) {
    const text = line.slice(start, index).trim();
    const leads = sign.startsWith('|') && sign !== '||';
    if (text !== '') commands.push({ text, isPiped: isPiped || leads });
    isPiped = leads;
    start = index + sign.length;
  }
  const position = commands.map(({ text }) => !MINOR.test(text)).lastIndexOf(true);
  const program = commands[position];
  if (program === undefined || commands.slice(position).some(({ text }) => isExec(text))) {
    return undefined;
  }
  if (program.isPiped) return `remove the pipe with '${program.text}', in which exec has no effect`;
  const isLast = position === commands.length - 1;
  if (!isDash && isLast) return undefined;
  const variables = variablesOf(program.text);
  return `write ${variables}exec ${program.text.slice(variables.length)}${isLast ? '' : ' as the last command'}`;
}

function isExec(command: string): boolean {
  return /^exec\s+[^\d<>]/.test(command.slice(variablesOf(command).length));
}

/** The variables that a line sets for one command, before it. */
function variablesOf(command: string): string {
  return /^(?:\w+=(?:'[^']*'|"[^"]*"|\S)*\s+)*/.exec(command)?.[0] ?? '';
}
