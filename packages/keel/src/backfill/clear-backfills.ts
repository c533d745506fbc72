import type pg from 'pg';
import { BackfillRecord } from './backfill-record';
import type { RunningFile } from './running-file';

/** SQL that forgets the backfills of a file which is recorded without being run: it is none where there are none. */
export async function clearBackfills(
  client: pg.Client,
  file: Pick<RunningFile, 'name' | 'direction'>,
): Promise<string[]> {
  const record = await BackfillRecord.find(client);
  return record.exists ? [record.clearSql(file)] : [];
}
