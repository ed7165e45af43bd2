import { HTTP_PANELS } from '../../lib/services/app/http-panels';

const ERRORS = HTTP_PANELS.find(({ title }) => title === 'Errors')?.query ?? '';

describe('the error panel of HTTP services', () => {
  test('the error rate is relative to all requests, including those without a status', () => {
    expect(ERRORS).toContain(
      'sum(rate(http_requests_total{job="$job",status=~"5.."}[$__rate_interval])) / sum(rate(http_requests_total{job="$job"}[$__rate_interval]))',
    );
  });

  test('the error rate is 0 before the first error, and empty for metrics without a status label', () => {
    expect(ERRORS).toMatch(
      / or 0 \* sum\(rate\(http_requests_total\{job="\$job",status!=""\}\[\$__rate_interval\]\)\)$/,
    );
  });
});
