import { displayName } from '../schema/object-names';
import type { QualifiedName } from '../schema/schema';
import type { Notice } from './comparison';
import type { Difference } from './describe-operation';
import { shellWord, writePath } from './object-path';

/** Says what is left alone, and how it would be changed. */
export function describeNotice({ kind, table, name }: Notice): Difference {
  const shown = displayName(table);
  return { kind, table: shown, name, text: noticeText(kind, table, name ?? '') };
}

function noticeText(kind: Notice['kind'], table: QualifiedName, name: string): string {
  const shown = displayName(table);
  const path = [...(table.schema === 'public' ? [] : [table.schema]), table.name];
  const drop = (...part: string[]): string => `--drop ${shellWord(writePath([...path, ...part]))}`;
  switch (kind) {
    case 'table without model':
      return `table ${shown} has no model and is left alone; ${drop()} would drop it`;
    case 'index without model':
      return `index ${name} is in no model and is left alone; ${drop(name)} would drop it`;
    case 'invalid index':
      return `index ${name} is invalid, left by a failed CREATE INDEX CONCURRENTLY; it is dropped and made again`;
    case 'view for model':
      return `${shown} is a view; its model is not compared`;
    case 'constraint not validated':
      return `constraint ${name} was added NOT VALID and never validated: ALTER TABLE … VALIDATE CONSTRAINT does it`;
  }
}
