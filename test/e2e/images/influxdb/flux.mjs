/**
 * A small part of Flux: one pipeline that starts with `from`, of
 * `range`, `filter`, `first`, `last`, `mean`, `min`, `max`, `sum`, `count`, `aggregateWindow`, `group`, `sort`,
 * `limit`, `keep`, `pivot` and `yield`. Everything else in Flux is refused.
 */
import { seconds } from './store.mjs';

export class FluxError extends Error {}

const AGGREGATES = {
  first: (rows) => rows[0],
  last: (rows) => rows.at(-1),
  min: (rows) => rows.reduce((best, row) => (row._value < best._value ? row : best)),
  max: (rows) => rows.reduce((best, row) => (row._value > best._value ? row : best)),
  mean: (rows) => ({ ...withoutTime(rows[0]), _value: sum(rows) / rows.length, type: 'double' }),
  sum: (rows) => ({ ...withoutTime(rows[0]), _value: sum(rows) }),
  count: (rows) => ({ ...withoutTime(rows[0]), _value: rows.length, type: 'long' }),
};

/** The names of the buckets that a query reads. */
export function bucketsOf(query) {
  return parse(query).flatMap(({ name, args }) => (name === 'from' ? [text(args.bucket ?? args.bucketID)] : []));
}

/** Runs a query over the points of its bucket; the answer is one list of rows for each table. */
export function run(query, points) {
  const [, ...steps] = parse(query);
  if (steps[0]?.name !== 'range') throw new FluxError('cannot submit unbounded read: the stand-in wants range first');
  const newest = new Map(points.map((point) => [`${seriesOf(point)} ${point.time}`, point]));
  const rows = [...newest.values()].map(({ measurement, field, tags, time, value, type }) => ({
    _time: BigInt(time),
    _value: value,
    _field: field,
    _measurement: measurement,
    ...tags,
    type,
  }));
  let tables = grouped(rows, (row) =>
    Object.keys(row).filter((column) => !['_time', '_value', 'type'].includes(column)),
  );
  for (const { name, args } of steps) tables = apply(name, args, tables);
  return tables.filter((table) => table.length > 0);
}

function apply(name, args, tables) {
  switch (name) {
    case 'range': {
      const [start, stop] = [time(args.start), args.stop === undefined ? now() + 1n : time(args.stop)];
      return tables.map((rows) =>
        rows.filter((row) => row._time >= start && row._time < stop).sort((a, b) => (a._time < b._time ? -1 : 1)),
      );
    }
    case 'filter': {
      const holds = predicate(args.fn);
      return tables.map((rows) => rows.filter(holds));
    }
    case 'aggregateWindow':
      return tables.map((rows) => windows(rows, duration(args.every), aggregate(args.fn)));
    case 'group':
      return grouped(tables.flat(), () => list(args.columns));
    case 'sort': {
      const [column = '_value'] = list(args.columns);
      const sign = args.desc === 'true' ? -1 : 1;
      return tables.map((rows) => [...rows].sort((a, b) => (a[column] < b[column] ? -sign : sign)));
    }
    case 'limit':
      return tables.map((rows) => rows.slice(Number(args.offset ?? 0), Number(args.offset ?? 0) + Number(args.n)));
    case 'keep': {
      const kept = [...list(args.columns), 'type'];
      return tables.map((rows) =>
        rows.map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => kept.includes(column)))),
      );
    }
    case 'pivot':
      return [pivoted(tables.flat())];
    case 'yield':
      return tables;
    default:
      return tables.map((rows) => (rows.length === 0 ? [] : [aggregate(name)(rows)]));
  }
}

function aggregate(name) {
  const found = AGGREGATES[name];
  if (found === undefined) throw new FluxError(`undefined identifier ${name} (the stand-in knows a part of Flux)`);
  return found;
}

function windows(rows, every, combine) {
  const byWindow = new Map();
  for (const row of rows) {
    const end = (row._time / every + 1n) * every;
    byWindow.set(end, [...(byWindow.get(end) ?? []), row]);
  }
  return [...byWindow]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([end, inside]) => ({ ...combine(inside), _time: end }));
}

function pivoted(rows) {
  const byTime = new Map();
  for (const { _field, _value, ...row } of rows) {
    const key = JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    byTime.set(key, { ...row, ...byTime.get(key), [_field]: _value });
  }
  return [...byTime.values()];
}

function grouped(rows, columnsOf) {
  const tables = new Map();
  for (const row of rows) {
    const key = JSON.stringify(
      columnsOf(row)
        .sort()
        .map((column) => [column, row[column]]),
    );
    tables.set(key, [...(tables.get(key) ?? []), row]);
  }
  return [...tables.values()];
}

/** `from(bucket: "x") |> range(start: -1h)` as names with their arguments. */
function parse(query) {
  const body = query
    .replace(/\/\/.*$/gm, '')
    .replace(/^\s*import\s+"[^"]*"\s*$/gm, '')
    .trim();
  const steps = body.split('|>').map((step) => {
    const match = /^\s*([A-Za-z]+)\s*\((.*)\)\s*$/s.exec(step);
    if (match === null) throw new FluxError(`the stand-in cannot read '${step.trim()}'`);
    return { name: match[1], args: argumentsOf(match[2]) };
  });
  if (steps[0].name !== 'from') throw new FluxError('the stand-in wants a query to start with from');
  return steps;
}

function argumentsOf(textOfAll) {
  const args = {};
  let depth = 0;
  let isQuoted = false;
  let current = '';
  for (const character of `${textOfAll},`) {
    if (character === '"') isQuoted = !isQuoted;
    if (!isQuoted && '([{'.includes(character)) depth += 1;
    if (!isQuoted && ')]}'.includes(character)) depth -= 1;
    if (character === ',' && depth === 0 && !isQuoted) {
      const colon = current.indexOf(':');
      if (colon > 0) args[current.slice(0, colon).trim()] = current.slice(colon + 1).trim();
      current = '';
    } else {
      current += character;
    }
  }
  return args;
}

/** `(r) => r._measurement == "tick" and (r.symbol == "A" or r["symbol"] == "B")` */
function predicate(source) {
  const match = /^\(\s*r\s*\)\s*=>(.*)$/s.exec(source ?? '');
  if (match === null) throw new FluxError(`the stand-in cannot read the function ${source}`);
  const tokens =
    match[1].match(
      /"(?:[^"\\]|\\.)*"|r\.\w+|r\["[^"]+"\]|==|!=|>=|<=|>|<|\(|\)|and\b|or\b|not\b|true|false|-?[\d.]+/g,
    ) ?? [];
  const known = tokens.join('').replace(/\s/g, '').length;
  if (known !== match[1].replace(/\s(?=(?:[^"]*"[^"]*")*[^"]*$)/g, '').replace(/\s/g, '').length) {
    throw new FluxError(`the stand-in cannot read the condition ${match[1].trim()}`);
  }
  let at = 0;
  const either = () => {
    let left = both();
    while (tokens[at] === 'or') {
      at += 1;
      const [a, b] = [left, both()];
      left = (row) => a(row) || b(row);
    }
    return left;
  };
  const both = () => {
    let left = one();
    while (tokens[at] === 'and') {
      at += 1;
      const [a, b] = [left, one()];
      left = (row) => a(row) && b(row);
    }
    return left;
  };
  const one = () => {
    if (tokens[at] === 'not') {
      at += 1;
      const inner = one();
      return (row) => !inner(row);
    }
    if (tokens[at] === '(') {
      at += 1;
      const inner = either();
      at += 1;
      return inner;
    }
    const [left, operator, right] = [operand(tokens[at]), tokens[at + 1], operand(tokens[at + 2])];
    at += 3;
    const compare = COMPARISONS[operator];
    if (compare === undefined) throw new FluxError(`the stand-in cannot read the operator ${operator}`);
    return (row) => compare(left(row), right(row));
  };
  const condition = either();
  if (at !== tokens.length) throw new FluxError(`the stand-in cannot read ${tokens.slice(at).join(' ')}`);
  return condition;
}

const COMPARISONS = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

function operand(token = '') {
  const column = /^r\.(\w+)$/.exec(token)?.[1] ?? /^r\["([^"]+)"\]$/.exec(token)?.[1];
  if (column !== undefined) return (row) => row[column];
  const value = token === 'true' || (token === 'false' ? false : token.startsWith('"') ? text(token) : Number(token));
  return () => value;
}

/** `-1h`, `now()`, `2026-01-01T00:00:00Z`, `0` and seconds since 1970, as nanoseconds. */
function time(source) {
  if (source === undefined || source === 'now()') return now();
  if (/^-\d/.test(source)) return now() - duration(source.slice(1));
  if (/^\d+$/.test(source)) return BigInt(source) * 1_000_000_000n;
  const milliseconds = Date.parse(source);
  if (Number.isNaN(milliseconds)) throw new FluxError(`the stand-in cannot read the time ${source}`);
  return BigInt(milliseconds) * 1_000_000n;
}

function duration(source = '') {
  const whole = seconds(source.replace(/\d+(ms|us|ns)/g, ''));
  const milliseconds = /(\d+)ms/.exec(source)?.[1] ?? 0;
  const total = BigInt(whole) * 1_000_000_000n + BigInt(milliseconds) * 1_000_000n;
  if (total === 0n) throw new FluxError(`the stand-in cannot read the duration '${source}'`);
  return total;
}

const now = () => BigInt(Date.now()) * 1_000_000n;
const sum = (rows) => rows.reduce((total, row) => total + row._value, 0);
const list = (source = '[]') => [...source.matchAll(/"([^"]*)"/g)].map((match) => match[1]);
const text = (source = '') => source.replace(/^"|"$/g, '');
const withoutTime = ({ _time, ...row }) => row;
const seriesOf = ({ measurement, field, tags }) => JSON.stringify([measurement, field, Object.entries(tags).sort()]);
