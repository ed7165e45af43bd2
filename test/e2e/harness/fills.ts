/** Number of the orders that the risk manager approved before they were filled. */
export const CHECKED_FILLS = `
  SELECT count(*) FROM fills JOIN risk_checks USING (order_id)
  WHERE risk_checks.approved AND risk_checks.checked_at <= fills.filled_at`;
