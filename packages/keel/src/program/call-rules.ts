import type { ConnectionTarget } from '../project/project';
import type { DownRequest, UpRequest } from '../runner/files/select-files';
import type {
  KeelCheckOptions,
  KeelGenerateOptions,
  KeelLintOptions,
  KeelOptions,
  KeelRunOptions,
} from './keel-options';
import type { CallRules } from './require-options';

/** What `createKeel` may be given. Empty texts are refused where flags are. */
export const KEEL_OPTIONS: CallRules<KeelOptions> = {
  known: {
    cwd: 'any',
    env: 'any',
    config: 'any',
    optionsPath: 'any',
    url: 'any',
    migrationsPath: 'any',
    seedersPath: 'any',
    modelsPath: 'any',
    debug: 'switch',
    connection: 'any',
  },
};

/** What its `connection` may be given. */
export const CONNECTION: CallRules<ConnectionTarget> = {
  known: { host: 'text', port: 'any', database: 'text', user: 'text', password: 'any' },
};

/** What to apply. */
export const UP_REQUEST: CallRules<UpRequest> = {
  known: { to: 'text', from: 'text', names: 'texts', step: 'count' },
  apart: [
    ['names', 'to'],
    ['names', 'from'],
    ['names', 'step'],
  ],
};

/** What to undo. */
export const DOWN_REQUEST: CallRules<DownRequest> = {
  known: { to: 'text', names: 'texts', step: 'count', all: 'switch', batch: 'switch' },
  apart: [['to', 'names', 'step', 'all', 'batch']],
};

const dryRunOptions = {
  signal: 'any',
  waitMs: 'number',
  lockTimeoutMs: 'number',
  lockWaitMs: 'number',
  statementTimeoutMs: 'number',
  silenceMs: 'number',
  retries: 'number',
  allowMissing: 'switch',
  allowBlocking: 'switch',
  atomic: 'switch',
  force: 'switch',
  onEvent: 'any',
  review: 'any',
  tracer: 'any',
} as const;

/** How to run. */
export const RUN_OPTIONS: CallRules<KeelRunOptions> = {
  known: { ...dryRunOptions, fake: 'switch' },
  apart: [['atomic', 'fake']],
};

/** How to show what would run. */
export const DRY_RUN_OPTIONS: CallRules<Omit<KeelRunOptions, 'fake'>> = {
  known: dryRunOptions,
};

/** How to compare. */
export const CHECK_OPTIONS: CallRules<KeelCheckOptions> = {
  known: { cache: 'switch', signal: 'any' },
};

/** What to lint. */
export const LINT_OPTIONS: CallRules<KeelLintOptions> = {
  known: {
    names: 'texts',
    all: 'switch',
    since: 'text',
    stats: 'text',
    cache: 'switch',
    signal: 'any',
  },
  apart: [['names', 'all', 'since']],
};

/** What to generate. */
export const GENERATE_OPTIONS: CallRules<KeelGenerateOptions> = {
  known: {
    name: 'any',
    renames: 'texts',
    expanded: 'any',
    noRename: 'switch',
    ask: 'any',
    drop: 'texts',
    expand: 'texts',
    steps: 'any',
    signal: 'any',
  },
};
