import { HTTP_PANELS } from '../../lib/services/app/http-panels';

const ERRORS = HTTP_PANELS.find(({ title }) => title === 'Errors')?.query ?? '';

describe('The share of errors', () => {
  test('is of all requests, those without a status too', () => {
    expect(ERRORS).toContain(
      'sum(rate(http_requests_total{job="$job",status=~"5.."}[5m])) / sum(rate(http_requests_total{job="$job"}[5m]))',
    );
  });

  test('is 0 before the first error, and nothing where requests are counted without their status', () => {
    expect(ERRORS).toMatch(/ or 0 \* sum\(rate\(http_requests_total\{job="\$job",status!=""\}\[5m\]\)\)$/);
  });
});
