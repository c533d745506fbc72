import type { Schema } from '../schema/schema';
import type { Comparison } from './comparison';
import type { Rename } from './rename-operations';

/** Something that the difference may be: what is gone is what is new, under another name. One answer for all of it. */
export interface RenameCandidate {
  /** In words: `Users.first_name` and `Users.firstName`; two lists where several columns go together. */
  readonly from: string;
  readonly to: string;
  /** What follows from the answer besides, such as the columns of a renamed table; empty for most. */
  readonly also: string;
  readonly renames: readonly Rename[];
  /** As `--rename` takes them, ready for a shell. */
  readonly flags: readonly string[];
  /** What `--drop` takes where it is really to go. */
  readonly drop: string;
}

/** The sides of a rename, and the difference between them. */
export interface RenameSearch {
  readonly before: Schema;
  readonly after: Schema;
  readonly comparison: Comparison;
  /** Keys of what is to go: `public.users`, `public.users.name`, `public.users.role.admin`. */
  readonly drop: ReadonlySet<string>;
}
