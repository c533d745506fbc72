import type { RuleId } from './rules/rule-ids';

/**
 * What a migration may export as `safe`: rules of `keel db:lint` that it breaks on purpose, each with the reason.
 *
 * @example
 * export const safe: SafeRules = { 'add-index': 'the table has 40 rows' };
 */
export type SafeRules = Readonly<Partial<Record<RuleId, string>>>;
