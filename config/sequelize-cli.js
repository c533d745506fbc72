// sequelize-cli cannot load TypeScript by itself. .sequelizerc has registered a loader.
module.exports = require('./config.ts').default;
