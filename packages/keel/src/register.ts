import { registerTypeScript } from './project/prepare-typescript';

/**
 * Lets this process `require` TypeScript files, by the loader that the project has installed: for sequelize-cli,
 * which cannot load them by itself. Begin `.sequelizerc` with `require('sequelize-keel/register')`.
 */
registerTypeScript(process.cwd());
