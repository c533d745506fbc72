import path from 'node:path';
import type { ConnectionOrigin } from '../db/connection';
import type { EnvironmentConfig } from './read-config-file';
import type { ProjectFlags } from './project-flags';

/** What was read to find the database. */
export interface ReadSources {
  /** Those of the command line alone. */
  readonly flags: ProjectFlags;
  readonly root: string;
  readonly environment: string;
  /** Undefined where a URL stands for the whole config. */
  readonly configPath: string | undefined;
  readonly config: EnvironmentConfig;
}

/** What in the project names its database, and the flags with which other commands find the same one. */
export function connectionOrigin(sources: ReadSources): ConnectionOrigin {
  const { flags, root, environment, configPath, config } = sources;
  const options = flags.optionsPath === undefined ? [] : [`--options-path ${flags.optionsPath}`];
  if (configPath === undefined) {
    const byFlag = flags.url !== undefined;
    return {
      place: byFlag ? '--url' : (flags.optionsPath ?? '.sequelizerc'),
      isUrl: true,
      flags: byFlag ? ['--url <the same URL>'] : options,
    };
  }
  const hasUrl = typeof config.url === 'string' && config.url !== '';
  // databaseFromUrl() says which variable it has read.
  const variable = config.use_env_variable ?? config.urlVariable;
  const byVariable = !hasUrl && typeof variable === 'string' && variable !== '';
  return {
    place: byVariable ? `the variable ${variable}` : path.relative(root, configPath),
    isUrl: hasUrl || byVariable,
    flags: [
      ...options,
      ...(flags.config === undefined ? [] : [`--config ${flags.config}`]),
      ...(environment === 'development' ? [] : [`--env ${environment}`]),
    ],
  };
}
