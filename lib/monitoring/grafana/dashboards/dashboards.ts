import type { DashboardBuilder } from './dashboard';
import { overview } from './overview';
import { errors, performance, resources, trading } from './service-rows';

/** The dashboards that Grafana is provisioned with, unless they would be empty. */
export const DASHBOARDS: readonly DashboardBuilder[] = [overview, performance, errors, resources, trading];
