/** Counts the orders that the risk manager approved before they were filled. */
export const CHECKED_FILLS = `
  SELECT count(*) FROM fills JOIN risk_checks USING (order_id)
  WHERE risk_checks.approved AND risk_checks.checked_at <= fills.filled_at`;

/** Counts the orders that were filled without a prior approval. */
export const UNCHECKED_FILLS = `
  SELECT count(*) FROM fills WHERE NOT EXISTS (
    SELECT FROM risk_checks
    WHERE risk_checks.order_id = fills.order_id AND risk_checks.approved AND risk_checks.checked_at <= fills.filled_at)`;
