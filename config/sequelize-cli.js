// The config for sequelize-cli, which takes no TypeScript file for it. keel is given the same one.
module.exports = require('./config.ts').default;
