/**
 * What the pictures of a project show, as values that survive JSON: the page carries them for its script.
 * Every text comes from the project or its database, and is hostile until `escapeMarkup` has seen it.
 */

/** Whether one of the three sides was read, and what to say of it. */
export interface PageSide {
  readonly read: boolean;
  readonly text: string;
}

export interface PageColumn {
  readonly name: string;
  /** As the side says it that the picture is drawn from. */
  readonly type: string;
  readonly notNull: boolean;
  readonly default?: string;
  readonly primaryKey: boolean;
  readonly foreignKey: boolean;
  /** Unique by itself. */
  readonly unique: boolean;
  readonly comment?: string;
}

/** A table at one time: what the picture of a moment is drawn from. */
export interface TableShape {
  readonly key: string;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly PageColumn[];
  /** `name definition`, by name. */
  readonly constraints: readonly string[];
  readonly indexes: readonly string[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly comment?: string;
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  /** Key of the table that it refers to. */
  readonly parent: string;
  readonly parentColumns: readonly string[];
  readonly onUpdate: string;
  readonly onDelete: string;
}

/** A column as a model declares it. */
export interface ModelColumn {
  readonly name: string;
  readonly model: string;
  readonly attribute: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly default?: string;
}

/** What a model's instances can do because of an association. */
export interface AssociationCall {
  /** `await user.getPosts()`. */
  readonly code: string;
  readonly type: string;
  /** The line for the model's interface. */
  readonly declaration: string;
}

export interface PageAssociation {
  readonly method: 'hasOne' | 'hasMany' | 'belongsTo' | 'belongsToMany';
  readonly source: string;
  readonly target: string;
  readonly sourceTable: string;
  readonly targetTable: string;
  /** Key of the junction's table. */
  readonly through?: string;
  /** `User.hasMany(Post)`, shown in the picture; of a many-to-many also what it goes through. */
  readonly label: readonly string[];
  /** As in code, with its options. */
  readonly code: string;
  /** `Post`, or `'author'` where the association has a name of its own. */
  readonly include: string;
  /** What `findAll` with this include sends; undefined where it could not be had. */
  readonly sql?: string;
  readonly calls: readonly AssociationCall[];
  /** The columns that make it: those of the table that refers, and of the one referred to. */
  readonly ends: readonly AssociationEnd[];
}

/** One line that an association draws. A many-to-many has two, and owns the first. */
export interface AssociationEnd {
  readonly child: string;
  readonly childColumn: string;
  readonly parent: string;
  readonly parentColumn: string;
}

export type LinkKind = '1:1' | '1:N' | 'N:M';

export type LinkMark = 'no association' | 'no foreign key' | 'not unique';

/** A line of the picture: from the table that refers to the one referred to. */
export interface PageLink {
  readonly id: string;
  readonly kind: LinkKind;
  readonly child: string;
  readonly childColumns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
  /** Whether the child may have no parent. */
  readonly optional: boolean;
  /** What the models call it, one line each. */
  readonly labels: readonly string[];
  readonly marks: readonly LinkMark[];
  readonly onUpdate?: string;
  readonly onDelete?: string;
  /** Drawn from the child to the parent, so that a junction comes between its sides. */
  readonly reversed: boolean;
}

export interface PageTable extends TableShape {
  readonly models: readonly string[];
  readonly junction: boolean;
  readonly modelColumns: readonly ModelColumn[];
  /** As the database has it; undefined where it does not. */
  readonly live?: TableShape | 'as drawn';
  readonly inMigrations: boolean;
  readonly rows?: number;
  /** Whether `rows` is the planner's estimate. */
  readonly estimated?: boolean;
  readonly bytes?: number;
  /** The migrations that made or changed it. */
  readonly migrations: readonly string[];
  /** What `db:check` says of it. */
  readonly drift: readonly string[];
}

/** A table before and after a migration; undefined where it is not there. */
export interface TableChange {
  readonly key: string;
  readonly before?: TableShape;
  readonly after?: TableShape;
  /** In words. */
  readonly said: readonly string[];
}

/** The strongest lock that a migration takes on a table that was there before it. */
export interface PageLock {
  /** With its schema. */
  readonly table: string;
  /** PostgreSQL's name of it, such as `ACCESS EXCLUSIVE`. */
  readonly mode: string;
}

export interface PageMigration {
  readonly name: string;
  /** `unknown` where the database could not be asked. */
  readonly status: 'applied' | 'pending' | 'missing' | 'unknown';
  readonly changedFile: boolean;
  readonly batch?: number;
  readonly appliedAt?: string;
  readonly appliedBy?: string;
  readonly durationMs?: number;
  /** As they were sent to a scratch database; undefined where it was not replayed. */
  readonly statements?: readonly string[];
  readonly locks: readonly PageLock[];
  readonly changes: readonly TableChange[];
}

/** The result of `db:check`, by comparison. */
export interface PageDrift {
  readonly failed: readonly string[];
  readonly models: readonly DriftLine[];
  readonly database: readonly DriftLine[];
  readonly notices: readonly DriftLine[];
}

export interface DriftLine {
  readonly table?: string;
  readonly text: string;
}

/** All that the pictures of a project show. */
export interface PageDocument {
  readonly title: string;
  readonly environment: string;
  readonly models: PageSide;
  readonly migrationsSide: PageSide;
  readonly database: PageSide;
  readonly schemas: readonly string[];
  readonly tables: readonly PageTable[];
  readonly links: readonly PageLink[];
  readonly associations: readonly PageAssociation[];
  readonly migrations: readonly PageMigration[];
  readonly drift?: PageDrift;
}
