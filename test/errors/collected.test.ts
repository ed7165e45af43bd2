import { collectErrors, raise, TradingStackError } from '../../lib/errors';

function mistake(where: string): TradingStackError {
  return new TradingStackError('port-taken', where, 'the port 80 is taken', 'Use another port');
}

test('raise throws the error', () => {
  expect(() => {
    raise(mistake('desk/web'));
  }).toThrowCode('port-taken', 'desk/web');
});

test('collectErrors continues after a raised error and keeps all of them in order', () => {
  const errors: TradingStackError[] = [];
  const result = collectErrors(() => {
    raise(mistake('desk/web'));
    raise(mistake('desk/api'));
    return 'done';
  }, errors);
  expect(result).toBe('done');
  expect(errors.map(({ where }) => where)).toEqual(['desk/web', 'desk/api']);
});

test('collectErrors keeps what was raised before an error that is thrown', () => {
  const errors: TradingStackError[] = [];
  const work = (): never => {
    raise(mistake('desk/web'));
    throw new TypeError('undefined is not a function');
  };
  expect(() => collectErrors(work, errors)).toThrow(TypeError);
  expect(errors).toHaveLength(1);
});

test('raise throws again after collectErrors has ended, even with an error', () => {
  expect(() =>
    collectErrors(() => {
      throw new TypeError('undefined is not a function');
    }, []),
  ).toThrow(TypeError);
  expect(() => {
    raise(mistake('desk/web'));
  }).toThrowCode('port-taken');
});
