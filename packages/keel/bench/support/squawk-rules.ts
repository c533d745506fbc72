/** What squawk calls what a rule of keel says; nothing where it has no such rule. */
export const squawkRules: Readonly<Record<string, readonly string[]>> = {
  'add-index': ['require-concurrent-index-creation'],
  'drop-index': ['require-concurrent-index-deletion'],
  reindex: ['require-concurrent-reindex'],
  'concurrently-in-transaction': ['ban-concurrent-index-creation-in-transaction'],
  'add-unique': ['disallowed-unique-constraint', 'adding-serial-primary-key-field'],
  'add-foreign-key': ['adding-foreign-key-constraint', 'constraint-missing-not-valid'],
  'foreign-key-locks-parent': ['adding-foreign-key-constraint'],
  'add-check': ['constraint-missing-not-valid'],
  'validate-under-lock': ['constraint-missing-not-valid'],
  'add-exclusion': ['constraint-missing-not-valid'],
  'set-not-null': ['adding-not-nullable-field'],
  'change-type': ['changing-column-type'],
  'add-column-volatile-default': ['adding-field-with-default'],
  'add-column-generated': ['adding-field-with-default'],
  'add-column-serial': ['adding-serial-primary-key-field', 'adding-field-with-default'],
  'add-column-required': ['adding-required-field', 'adding-not-nullable-field'],
  'detach-partition': ['require-concurrent-partition-detach'],
  'drop-column': ['ban-drop-column'],
  'drop-table': ['ban-drop-table'],
  'drop-schema': ['ban-drop-database'],
  'drop-not-null': ['ban-drop-not-null'],
  truncate: ['ban-truncate-cascade'],
  'rename-column': ['renaming-column'],
  'rename-table': ['renaming-table'],
  'enum-value-order': ['require-enum-value-ordering'],
  'small-key': ['prefer-bigint-over-int', 'prefer-identity'],
  'char-column': ['ban-char-field'],
  'timestamp-without-zone': ['prefer-timestamp-tz'],
  'name-too-long': ['identifier-too-long'],
};

/**
 * Rules of squawk that are left out of the count of false alarms: they ask for a style, or for what keel's run does for
 * every file, and would speak of nearly all of them.
 */
export const squawkStyle: readonly string[] = [
  'prefer-robust-stmts',
  'prefer-text-field',
  'prefer-identity',
  'prefer-bigint-over-int',
  'prefer-bigint-over-smallint',
  'prefer-timestamp-tz',
  'require-lock-timeout',
  'require-statement-timeout',
];
