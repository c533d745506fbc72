import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PageDocument, PageSide } from '../../page/document/page-document';

export interface PageResultOptions {
  /** The file that was written; undefined where the picture goes to standard output. */
  readonly path: string | undefined;
  readonly text: string;
  readonly root: string;
}

/** What `--json` says of a picture. */
export interface PageResult {
  readonly tables: number;
  readonly associations: number;
  readonly lines: number;
  readonly migrations: number;
  /** Undefined where the sides were not compared. */
  readonly differences: number | undefined;
  /** Which sides could be read, and what is to be said of each. */
  readonly sides: Readonly<Record<'models' | 'migrations' | 'database', PageSide>>;
  /** The file that was written. */
  readonly path?: string;
  readonly bytes?: number;
  /** The picture, where it is in no file. */
  readonly text?: string;
}

/** What was drawn, and where it is. */
export function renderPageResult(
  page: PageDocument,
  { path: file, text, root }: PageResultOptions,
): { readonly document: PageResult; readonly lines: string[] } {
  const { tables, associations, links, migrations, drift } = page;
  const differences = drift === undefined ? undefined : drift.models.length + drift.database.length;
  const counts = {
    tables: tables.length,
    associations: associations.length,
    lines: links.length,
    migrations: migrations.length,
    differences,
    sides: { models: page.models, migrations: page.migrationsSide, database: page.database },
  };
  if (file === undefined)
    return { document: { ...counts, text }, lines: text.trimEnd().split('\n') };
  const name = path.relative(root, file);
  const kilobytes = Math.ceil(Buffer.byteLength(text) / 1000);
  return {
    document: { ...counts, path: file, bytes: Buffer.byteLength(text) },
    lines: [
      `${counts.tables} tables and ${counts.associations} associations were drawn to ${name} (${kilobytes} kB).`,
      ...(differences === undefined || differences === 0
        ? []
        : [`${differences} differences are marked in it; keel db:check lists them.`]),
      ...(file.endsWith('.html') ? [`Open ${pathToFileURL(file).href}`] : []),
    ],
  };
}

/** A sentence for each side that is missing from the picture. */
export function unreadSides(
  { models, migrationsSide, database }: PageDocument,
  { codeOnly }: { readonly codeOnly: boolean },
): string[] {
  const sides = [
    { name: 'the models', side: models },
    { name: 'the migrations', side: migrationsSide },
    ...(codeOnly ? [] : [{ name: 'the database', side: database }]),
  ];
  return sides
    .filter(({ side }) => !side.read)
    .map(({ name, side }) => `The picture is drawn without ${name}: ${side.text}`);
}
