/** The Prometheus of the stack, the data source of every panel. Grafana is provisioned with it. */
export const DATA_SOURCE = { type: 'prometheus', uid: 'prometheus' };
