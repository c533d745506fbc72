import { dataRules } from './data-rules';
import { indexRules } from './index-rules';
import { removalRules } from './removal-rules';
import { rewriteRules } from './rewrite-rules';
import type { Rule } from './rule';
import { transactionRules } from './transaction-rules';
import { typeRules } from './type-rules';
import { validationRules } from './validation-rules';

/** Every rule, the ones that say most first. */
export const allRules: readonly Rule[] = [
  ...indexRules,
  ...validationRules,
  ...rewriteRules,
  ...removalRules,
  ...dataRules,
  ...transactionRules,
  ...typeRules,
];
