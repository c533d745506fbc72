import { registerRequireHook } from './project/typescript/require-hook';

/**
 * Lets this process `require` TypeScript files, by keel's own loader unless another one is registered: for
 * sequelize-cli, which cannot load them by itself. Begin `.sequelizerc` with `require('sequelize-keel/register')`.
 */
registerRequireHook();
