import type { Construct } from 'constructs';
import type { MetricsPanel } from '../../workload/connections/monitored';
import { AppService, type AppServiceProps } from '../app/app-service';

/** Properties of a {@link FeatureApi}. */
export type FeatureApiProps = AppServiceProps;

/**
 * Serves features to strategies over HTTP. Others get its address as `<ID>_URL`.
 *
 * @example
 * new FeatureApi(stack, 'feature_api', {
 *   image: Image.fromBuild('services/feature-api'),
 *   uses: [database, cache],
 * });
 */
export class FeatureApi extends AppService {
  constructor(scope: Construct, id: string, props: FeatureApiProps) {
    super(scope, id, props, { panels: PANELS });
  }
}

const PANELS: readonly MetricsPanel[] = [
  {
    title: 'Features computed',
    query: 'sum(rate(features_computed_total{job="$job"}[5m]))',
    legend: 'a second',
    unit: 'ops',
  },
];
