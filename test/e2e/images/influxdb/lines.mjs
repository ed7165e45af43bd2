/** Line protocol: `measurement,tag=a field=1.5,other=2i 1700000000000000000`. */

const NANOSECONDS = { ns: 1n, us: 1_000n, ms: 1_000_000n, s: 1_000_000_000n };

/** The values of all lines, one for each field. */
export function parseLines(text, precision, bucketId) {
  const unit = NANOSECONDS[precision || 'ns'];
  if (unit === undefined) throw new Error(`invalid precision ${precision}`);
  const now = BigInt(Date.now()) * 1_000_000n;
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .flatMap((line) => parseLine(line.trim(), unit, now, bucketId));
}

function parseLine(line, unit, now, bucketId) {
  const parts = split(line, ' ').filter((part) => part !== '');
  if (parts.length < 2 || parts.length > 3) throw new Error(`unable to parse '${line}': missing fields`);
  const [series, fields, time] = parts;
  const [measurement, ...tags] = split(series, ',');
  if (time !== undefined && !/^-?\d+$/.test(time)) throw new Error(`unable to parse '${line}': bad timestamp`);
  const at = time === undefined ? now : BigInt(time) * unit;
  const point = {
    bucketId,
    measurement: unescape(measurement),
    tags: Object.fromEntries(tags.map((tag) => split(tag, '=').map(unescape))),
    // A string, because a double is not precise enough for nanoseconds.
    time: String(at),
  };
  return split(fields, ',').map((entry) => {
    const [name, value] = split(entry, '=');
    if (value === undefined) throw new Error(`unable to parse '${line}': missing field value`);
    return { ...point, field: unescape(name), ...valueOf(value, line) };
  });
}

function valueOf(text, line) {
  if (/^".*"$/s.test(text)) return { type: 'string', value: text.slice(1, -1).replace(/\\(["\\])/g, '$1') };
  if (/^(t|T|true|True|TRUE)$/.test(text)) return { type: 'boolean', value: true };
  if (/^(f|F|false|False|FALSE)$/.test(text)) return { type: 'boolean', value: false };
  if (/^-?\d+i$/.test(text)) return { type: 'long', value: Number(text.slice(0, -1)) };
  if (/^\d+u$/.test(text)) return { type: 'unsignedLong', value: Number(text.slice(0, -1)) };
  if (text === '' || Number.isNaN(Number(text))) throw new Error(`unable to parse '${line}': invalid value`);
  return { type: 'double', value: Number(text) };
}

/** Splits at a character that is neither escaped nor between quotes. */
function split(text, at) {
  const parts = [''];
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\\' && index + 1 < text.length) {
      parts[parts.length - 1] += character + text[index + 1];
      index += 1;
    } else if (character === at && !isQuoted) {
      parts.push('');
    } else {
      if (character === '"') isQuoted = !isQuoted;
      parts[parts.length - 1] += character;
    }
  }
  return parts;
}

const unescape = (text) => text.replace(/\\([,= \\])/g, '$1');
