import { LogLineReader } from '../../../lib/command-line/logs/log-line';

const TIME = '2026-01-01T12:00:00.000000001Z';
const LATER = '2026-01-01T12:00:00.000000002Z';

function frame(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

test('A line that Docker has split into frames is one line with the first time', () => {
  const reader = new LogLineReader(false);
  const chunk = Buffer.concat([frame(1, `${TIME} begin`), frame(2, `${TIME} error\n`), frame(1, `${LATER} end\n`)]);
  expect(reader.add(chunk)).toEqual([
    { time: TIME, stream: 'stderr', text: 'error' },
    { time: TIME, stream: 'stdout', text: 'beginend' },
  ]);
});

test('A frame that arrives in two chunks is read once it is complete', () => {
  const reader = new LogLineReader(false);
  const content = frame(1, `${TIME} Ärger\n`);
  expect(reader.add(content.subarray(0, 12))).toEqual([]);
  expect(reader.add(content.subarray(12))).toEqual([{ time: TIME, stream: 'stdout', text: 'Ärger' }]);
});

test('The output of a terminal has no frames, and lines that end with a carriage return', () => {
  const reader = new LogLineReader(true);
  const [first, rest] = [`${TIME} one\r\n${LATER} tw`, 'o\r\n'];
  expect(reader.add(Buffer.from(first))).toEqual([{ time: TIME, stream: 'stdout', text: 'one' }]);
  expect(reader.add(Buffer.from(rest))).toEqual([{ time: LATER, stream: 'stdout', text: 'two' }]);
});

test('A last line without a line break is read at the end', () => {
  const reader = new LogLineReader(false);
  expect(reader.add(frame(1, `${TIME} password: `))).toEqual([]);
  expect(reader.end()).toEqual([{ time: TIME, stream: 'stdout', text: 'password: ' }]);
});

test('A character that Docker has split between two frames is read whole', () => {
  const reader = new LogLineReader(false);
  const [begin, end] = [Buffer.from('10 €').subarray(0, 4), Buffer.from('10 €\n').subarray(4)];
  const framed = (time: string, text: Buffer): Buffer => {
    const content = Buffer.concat([Buffer.from(`${time} `), text]);
    const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, content.length]);
    return Buffer.concat([header, content]);
  };
  expect(reader.add(Buffer.concat([framed(TIME, begin), framed(LATER, end)]))).toEqual([
    { time: TIME, stream: 'stdout', text: '10 €' },
  ]);
});
