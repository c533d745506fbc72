import { compareNames, stem } from './compare-names';

/** A migration's or seeder's file. */
export interface MigrationFile {
  /** The base name with its extension: what the ledger holds. */
  readonly name: string;
  readonly path: string;
}

/** What keel's history says of the last time that a migration was applied. */
export interface AppliedRecord {
  readonly checksum: string | undefined;
  readonly batch: number | undefined;
  readonly appliedAt: string;
  readonly durationMs?: number;
  /** `ann@laptop (deploy)`: the user at the operating system, the machine, the role in the database. */
  readonly appliedBy?: string;
}

/** One migration as it stands: a file, a row in the ledger, or both. */
export interface MigrationState {
  /** The file's name; the ledger's where the file is gone. */
  readonly name: string;
  readonly status: 'applied' | 'pending';
  readonly file: MigrationFile | undefined;
  /** The name under which the ledger has it. */
  readonly ledgerName: string | undefined;
  /** Applied, and the file is gone. */
  readonly missing: boolean;
  /** Applied by keel, and the file's text is another now. */
  readonly changed: boolean;
  /** Pending, though a later one is applied. */
  readonly outOfOrder: boolean;
  readonly batch: number | undefined;
  readonly appliedAt: string | undefined;
  /** How long it took, in milliseconds. */
  readonly durationMs: number | undefined;
  /** The user at the operating system, the machine, and the role in the database. */
  readonly appliedBy: string | undefined;
}

/** What the state is worked out from. */
export interface StateInput {
  readonly files: readonly MigrationFile[];
  /** The names in the ledger. */
  readonly ledger: readonly string[];
  /** By ledger name. */
  readonly history?: ReadonlyMap<string, AppliedRecord>;
  /** Checksums of the files that history knows, by file name. */
  readonly checksums?: ReadonlyMap<string, string>;
}

/** The whole state of a folder against its ledger, in the order in which the migrations run. */
export function planState(input: StateInput): MigrationState[] {
  const ledgerNames = new Set(input.ledger);
  const ledgerByStem = new Map(input.ledger.map((name) => [stem(name), name]));
  const files = withoutHelpers(withoutTwins(input.files, ledgerNames), ledgerByStem);
  const doubled = new Set(sharedNames(files).flat());
  const lastApplied = [...ledgerByStem.keys()].reduce(
    (last, name) => (compareNames(last, name) < 0 ? name : last),
    '',
  );
  const known = files.map((file): MigrationState => {
    const own = stem(file.name);
    // Of two files with one name, neither stands for what is recorded of the other.
    const ledgerName = doubled.has(file.name)
      ? ledgerNames.has(file.name)
        ? file.name
        : undefined
      : ledgerByStem.get(own);
    const record = ledgerName === undefined ? undefined : input.history?.get(ledgerName);
    return {
      name: file.name,
      status: ledgerName === undefined ? 'pending' : 'applied',
      file,
      ledgerName,
      missing: false,
      changed: hasChanged(file.name, ledgerName, record, input.checksums),
      outOfOrder: ledgerName === undefined && compareNames(own, lastApplied) < 0,
      batch: record?.batch,
      appliedAt: record?.appliedAt,
      durationMs: record?.durationMs,
      appliedBy: record?.appliedBy,
    };
  });
  const claimed = new Set(known.map(({ ledgerName }) => ledgerName && stem(ledgerName)));
  const gone = input.ledger
    .filter((name) => !claimed.has(stem(name)))
    .map((name) => missingState(name, input.history?.get(name)));
  return [...known, ...gone].sort((a, b) => compareNames(a.name, b.name));
}

function missingState(name: string, record: AppliedRecord | undefined): MigrationState {
  return {
    name,
    status: 'applied',
    file: undefined,
    ledgerName: name,
    missing: true,
    changed: false,
    outOfOrder: false,
    batch: record?.batch,
    appliedAt: record?.appliedAt,
    durationMs: record?.durationMs,
    appliedBy: record?.appliedBy,
  };
}

function hasChanged(
  name: string,
  ledgerName: string | undefined,
  record: AppliedRecord | undefined,
  checksums: ReadonlyMap<string, string> | undefined,
): boolean {
  // The text of `x.js` says nothing about that of the `x.ts` which was applied.
  if (record?.checksum === undefined || ledgerName !== name) return false;
  const now = checksums?.get(name);
  return now !== undefined && now !== record.checksum;
}

const JAVASCRIPT = /\.[cm]?js$/;

/** Files whose names differ in the ending only, so that none was compiled from the other: each group of two or more. */
export function sharedNames(files: readonly Pick<MigrationFile, 'name'>[]): string[][] {
  return groupsOf(files, stem).flatMap((group) =>
    [true, false]
      .map((javaScript) => group.filter((name) => JAVASCRIPT.test(name) === javaScript))
      .filter((alike) => alike.length > 1),
  );
}

/** Names with the same key: each group of two or more. Most folders have none, so nothing is made for the others. */
function groupsOf(
  files: readonly Pick<MigrationFile, 'name'>[],
  keyOf: (name: string) => string | undefined,
): string[][] {
  const first = new Map<string, string>();
  const groups = new Map<string, string[]>();
  for (const { name } of files) {
    const key = keyOf(name);
    if (key === undefined) continue;
    const before = first.get(key);
    if (before === undefined) first.set(key, name);
    else groups.set(key, [...(groups.get(key) ?? [before]), name]);
  }
  return [...groups.values()];
}

/** Of a TypeScript file and what it was compiled to, lying side by side, one: the applied one, else JavaScript. */
function withoutTwins(
  files: readonly MigrationFile[],
  applied: ReadonlySet<string>,
): MigrationFile[] {
  const doubled = new Set(sharedNames(files).flat());
  const chosen = new Map<string, MigrationFile>();
  for (const file of files) {
    if (doubled.has(file.name)) {
      chosen.set(file.name, file);
      continue;
    }
    const own = stem(file.name);
    const twin = chosen.get(own);
    if (
      !twin ||
      applied.has(file.name) ||
      (!applied.has(twin.name) && JAVASCRIPT.test(file.name))
    ) {
      chosen.set(own, file);
    }
  }
  return [...chosen.values()];
}

/**
 * Leaves out TypeScript helpers beside JavaScript migrations: sequelize-cli looked at `.js` only for years,
 * so that projects put them there.
 */
function withoutHelpers(
  files: readonly MigrationFile[],
  appliedStems: ReadonlyMap<string, unknown>,
): MigrationFile[] {
  const numbered = files.filter(({ name }) => /^\d/.test(name));
  const allJavaScript = numbered.length > 0 && numbered.every(({ name }) => JAVASCRIPT.test(name));
  if (!allJavaScript) return [...files];
  return files.filter(
    ({ name }) => !/\.[cm]?ts$/.test(name) || /^\d/.test(name) || appliedStems.has(stem(name)),
  );
}

/** Names that share a timestamp, so that their order is by chance: each group of two or more. */
export function sharedTimestamps(states: readonly MigrationState[]): string[][] {
  return groupsOf(states, (name) => /^\d{8,}/.exec(name)?.[0]);
}
