import path from 'node:path';
import type { ConnectionOrigin } from '../db/connection';
import { isFromEnvFile } from './env-file';
import type { EnvironmentConfig } from './read-config-file';
import type { ProjectFlags } from './project-flags';

/** What was read to find the database. */
export interface ReadSources {
  /** Those of the command line alone. */
  readonly flags: ProjectFlags;
  readonly root: string;
  readonly environment: string;
  /** Undefined where a URL or a variable stands for the whole config. */
  readonly configPath: string | undefined;
  readonly config: EnvironmentConfig;
}

/** What in the project names its database, and the flags with which other commands find the same one. */
export function connectionOrigin(sources: ReadSources): ConnectionOrigin {
  const { flags, root, environment, configPath, config } = sources;
  const options = flags.optionsPath === undefined ? [] : [`--options-path ${flags.optionsPath}`];
  const hasUrl = typeof config.url === 'string' && config.url !== '';
  if (configPath === undefined && hasUrl) {
    const byFlag = flags.url !== undefined;
    return {
      place: byFlag ? '--url' : (flags.optionsPath ?? '.sequelizerc'),
      isUrl: true,
      flags: byFlag ? ['--url <the same URL>'] : options,
    };
  }
  // databaseFromUrl() says which variable it has read.
  const variable = config.use_env_variable ?? config.urlVariable;
  const byVariable = !hasUrl && typeof variable === 'string' && variable !== '';
  return {
    place: byVariable ? placeOfVariable(variable) : path.relative(root, configPath ?? root),
    isUrl: hasUrl || byVariable,
    flags: [
      ...options,
      ...(flags.config === undefined ? [] : [`--config ${flags.config}`]),
      ...(environment === 'development' ? [] : [`--env ${environment}`]),
    ],
  };
}

function placeOfVariable(variable: string): string {
  return isFromEnvFile(variable) ? `the variable ${variable} of .env` : `the variable ${variable}`;
}
