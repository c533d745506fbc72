import path from 'node:path';

/** The package under test. */
export const PACKAGE = path.join(__dirname, '..', '..');

/** The repository, whose top level is the associations project. */
export const REPOSITORY = path.join(PACKAGE, '..', '..');

/** A small project of the three kinds of associations: its models and migrations. */
export const ASSOCIATIONS = path.join(PACKAGE, 'test', 'fixtures', 'associations');

/** Where npm puts what all workspaces need. */
export const NODE_MODULES = path.join(REPOSITORY, 'node_modules');
