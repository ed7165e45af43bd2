import { BadRule, badClass, badEscape } from './bad-rule';

/**
 * A regular expression of Go as one of JavaScript, without the syntax that rules of a `.dockerignore` never lead to, such
 * as groups with names.
 * Source: https://github.com/golang/go/blob/go1.25.0/src/regexp/syntax/parse.go
 * @throws BadRule if Go does not compile it, and for Unicode classes (`\p`), whose names differ
 */
export function fromGo(expression: string): RegExp {
  return new RegExp(new Translation(Array.from(expression)).run(), 'u');
}

const DOT = '[^\\n]';

/** ASCII only; in upper case their complements. */
const PERL_CLASSES: Readonly<Record<string, string | undefined>> = {
  d: '0-9',
  s: '\\t\\n\\f\\r ',
  w: '0-9A-Za-z_',
};

const POSIX_CLASSES: Readonly<Record<string, string | undefined>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

const CONTROLS: Readonly<Record<string, number | undefined>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

const ASSERTIONS: Readonly<Record<string, string | undefined>> = { A: '^', z: '$', b: '\\b', B: '\\B' };

/** One pass over the characters of an expression. */
class Translation {
  private at = 0;
  /** What precedes the current position, one string for each part that a quantifier can apply to. */
  private readonly parts: string[] = [];
  private isQuantified = false;

  constructor(private readonly source: readonly string[]) {}

  run(): string {
    while (this.at < this.source.length) {
      const wasQuantified = this.isQuantified;
      this.isQuantified = false;
      this.next(wasQuantified);
    }
    return this.parts.join('');
  }

  private next(wasQuantified: boolean): void {
    const character = this.take();
    if (character === '(') {
      // Only `(.*/)?` leads here.
      this.at += '.*/)'.length;
      this.parts.push(`(?:${DOT}*\\/)`);
    } else if (character === '*' || character === '?') {
      this.quantify(character, wasQuantified);
    } else if (character === '{') {
      this.braces(wasQuantified);
    } else if (character === '[') {
      this.parts.push(this.readClass());
    } else if (character === '\\') {
      this.escaped();
    } else if (character === '.') {
      this.parts.push(DOT);
    } else if (character === '^' || character === '$' || character === '|') {
      this.parts.push(character);
    } else {
      this.parts.push(literal(character));
    }
  }

  private take(): string {
    const character = this.source[this.at] ?? '';
    this.at++;
    return character;
  }

  private quantify(quantifier: string, wasQuantified: boolean): void {
    const last = this.parts.pop();
    if (wasQuantified || last === undefined || last === '|') {
      throw new BadRule(
        `'${quantifier}' repeats nothing that can be repeated`,
        `Write \\${quantifier.charAt(0)} for it`,
      );
    }
    this.parts.push(`(?:${last})${quantifier}`);
    this.isQuantified = true;
  }

  /** Docker does not escape braces, so `{2}` is a number of repetitions, and other braces are literal. */
  private braces(wasQuantified: boolean): void {
    const rest = this.source.slice(this.at).join('');
    const [quantifier, from = '', comma, to = ''] = /^(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\}/.exec(rest) ?? [];
    if (quantifier === undefined) {
      this.parts.push('\\{');
      return;
    }
    const most = comma === undefined ? from : comma === ',' ? '' : to || comma.slice(1);
    if (Number(from) > 1000 || Number(most) > 1000 || (most !== '' && Number(from) > Number(most))) {
      throw new BadRule(`'{${quantifier}' is not a number of repetitions`, 'Write \\{ for the character itself');
    }
    this.at += quantifier.length;
    this.quantify(`{${quantifier}`, wasQuantified);
  }

  /** After a backslash outside of a class. */
  private escaped(): void {
    const character = this.source[this.at] ?? '';
    const assertion = ASSERTIONS[character];
    if (assertion !== undefined) {
      this.at++;
      this.parts.push(assertion);
    } else if (character === 'Q') {
      this.at++;
      this.quoted();
    } else {
      const perl = this.perlClass();
      this.parts.push(perl === undefined ? literal(this.escape()) : `[${perl}]`);
    }
  }

  /** Everything between `\Q` and `\E`. */
  private quoted(): void {
    while (this.at < this.source.length) {
      if (this.source[this.at] === '\\' && this.source[this.at + 1] === 'E') {
        this.at += 2;
        return;
      }
      this.parts.push(literal(this.take()));
    }
  }

  private perlClass(): string | undefined {
    const character = this.source[this.at] ?? '';
    if (character === 'p' || character === 'P') {
      throw new BadRule(`'\\${character}' is the start of a Unicode class`, 'Write / between folders');
    }
    const characters = PERL_CLASSES[character.toLowerCase()];
    if (characters === undefined) return undefined;
    this.at++;
    return character in PERL_CLASSES ? characters : complementOf(characters);
  }

  /** The character that an escape sequence stands for. */
  private escape(): string {
    const character = this.take();
    const control = CONTROLS[character];
    if (control !== undefined) return String.fromCodePoint(control);
    const rest = this.source.slice(this.at).join('');
    if (/^[0-7]$/.test(character)) {
      const [digits = ''] = /^[0-7]{0,2}/.exec(rest) ?? [];
      if (character !== '0' && digits === '') throw badEscape(`\\${character}`);
      this.at += digits.length;
      return String.fromCodePoint(parseInt(character + digits, 8));
    }
    if (character === 'x') return this.hexadecimal(rest);
    if (character === '' || character > '\x7f' || /^[A-Za-z0-9]$/.test(character)) {
      throw badEscape(`\\${character}`);
    }
    return character;
  }

  private hexadecimal(rest: string): string {
    const [all, inBraces, bare] = /^(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/.exec(rest) ?? [];
    const code = parseInt(inBraces ?? bare ?? '', 16);
    if (all === undefined || code > 0x10ffff) throw badEscape('\\x');
    this.at += all.length;
    return String.fromCodePoint(code);
  }

  /** After the `[` of a class. */
  private readClass(): string {
    const isNegated = this.source[this.at] === '^';
    if (isNegated) this.at++;
    const items: string[] = [];
    while (this.source[this.at] !== ']' || items.length === 0) items.push(this.readClassItem());
    this.at++;
    return `[${isNegated ? '^' : ''}${items.join('')}]`;
  }

  private readClassItem(): string {
    const named = this.posixClass();
    if (named !== undefined) return named;
    if (this.source[this.at] === '\\') {
      this.at++;
      const perl = this.perlClass();
      if (perl !== undefined) return perl;
      this.at--;
    }
    const low = this.classCharacter();
    if (this.source[this.at] !== '-' || [']', undefined].includes(this.source[this.at + 1])) return inClass(low);
    this.at++;
    const high = this.classCharacter();
    if (codeOf(high) < codeOf(low)) throw badClass(`the range '${low}-${high}' is reversed`);
    return `${inClass(low)}-${inClass(high)}`;
  }

  private posixClass(): string | undefined {
    const [all, sign, name = ''] = /^\[:(\^?)(.*?):\]/su.exec(this.source.slice(this.at).join('')) ?? [];
    if (all === undefined) return undefined;
    const characters = POSIX_CLASSES[name];
    if (characters === undefined) throw badClass(`'${all}' is not a name`);
    this.at += Array.from(all).length;
    return sign === '^' ? complementOf(characters) : characters;
  }

  private classCharacter(): string {
    const character = this.take();
    if (character === '') throw badClass("']' is missing");
    return character === '\\' ? this.escape() : character;
  }
}

/** The ASCII ranges that a class does not have, and everything beyond ASCII, as a class has no part that is negated. */
function complementOf(characters: string): string {
  const isIn = new RegExp(`^[${characters}]$`, 'u');
  const others = Array.from({ length: 0x80 }, (_, code) => String.fromCodePoint(code)).filter(
    (character) => !isIn.test(character),
  );
  return `${others.map(inClass).join('')}\\u{80}-\\u{10ffff}`;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}

function inClass(character: string): string {
  return character.replace(/[\\\]^[-]/, '\\$&');
}
