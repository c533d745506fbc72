import { migration } from './project';
import type { ProjectFiles } from './projects';

/** Names, comments and defaults that would do harm where they are not escaped. Each calls `pwned` if it can. */
export const HOSTILE = [
  `<script>pwned(1)</script>`,
  `</script><script>pwned(2)</script>`,
  `"><img src=x onerror=pwned(3)>`,
  `'onmouseover='pwned(4)`,
  `</text></svg><iframe src="javascript:pwned(5)">`,
  `<!--<script>`,
  `]]><x>&lt;b&gt;`,
  `javascript:pwned(6)`,
  'a"b`c\\d${pwned(7)}',
  '*/ pwned(8) /* ]]|[x](javascript:pwned(9))',
  `\u202egnp.\u0001\u007f\u2028`,
  `__proto__`,
  `%22 {{pwned(10)}} #{x}`,
  `名前 😀 ＜ｓ＞`,
  `\u2029\u200b\u200d\ufeff pwned(11)`,
  `constructor`,
  `</style><style>*{display:none}</style>`,
  '\n```\n# pwned(12)\n<img src=x onerror=pwned(12)>',
  `"; pwned(13); "`,
  `}\n'''Note: pwned(14)'''\nTable x {`,
  `&quot;&#39;><svg onload=pwned(15)>`,
  // As long as PostgreSQL takes, together with what stands before it.
  `${'wide'.repeat(15)}`,
  `\u0301\u0301\u0301`,
] as const;

/** Tables, columns, defaults, comments and models with such names, and an association between any two. */
export function hostileProject(): ProjectFiles {
  const names = JSON.stringify(HOSTILE);
  return {
    'package.json': { name: `</title><script>pwned('title')</script>` },
    'models/index.js': `
      const { Sequelize, DataTypes } = require('sequelize');
      const sequelize = new Sequelize('postgres://nobody@localhost:1/none', { logging: false });
      const names = ${names};
      const models = names.map((name) => sequelize.define(name,
        { ['c ' + name]: { type: DataTypes.STRING, defaultValue: name, comment: name }, refers: DataTypes.INTEGER },
        { tableName: 't ' + name, timestamps: false }));
      models.forEach((model, i) => model.belongsTo(models[0], { as: names[i] + i, foreignKey: 'refers' }));
      module.exports = { sequelize };`,
    'migrations/1-hostile.js': migration(
      `for (const name of ${names})
         await q.createTable('t ' + name, {
           id: { type: S.INTEGER, primaryKey: true, autoIncrement: true, allowNull: false },
           ['c ' + name]: { type: S.STRING, defaultValue: name, comment: name },
           refers: S.INTEGER,
         }, { comment: name });
       for (const name of ['__proto__', 'constructor', 'hasOwnProperty'])
         await q.sequelize.query('CREATE TABLE "' + name + '" ("__proto__" int PRIMARY KEY, "constructor" int REFERENCES "' + name + '")');`,
    ),
  };
}
