/** The options that sequelize-cli knows for every command, from flags or `.sequelizerc`. */
export interface ProjectFlags {
  readonly env?: string;
  readonly config?: string;
  readonly optionsPath?: string;
  readonly url?: string;
  readonly migrationsPath?: string;
  readonly seedersPath?: string;
  readonly modelsPath?: string;
  readonly debug?: boolean;
  /** The folder to work in; the process's own where undefined. */
  readonly cwd?: string;
}
