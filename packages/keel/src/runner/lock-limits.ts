/** For how long a file is tried again while others hold its locks, where nobody says. */
export const LOCK_WAIT_MS = 600_000;

/**
 * What waits for a lock makes others wait behind it, and this is for how long. It is longer than PostgreSQL's
 * deadlock_timeout of 1 s: only after that does autovacuum make way, and is a deadlock found.
 */
export const LOCK_TIMEOUT_MS = 3000;
