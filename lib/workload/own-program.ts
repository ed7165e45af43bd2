/** How a program runs that was written for its container, unless its user says otherwise: it needs no right at all. */
export const UNPRIVILEGED = { runAs: '1000:1000', readOnlyRootFilesystem: true } as const;
