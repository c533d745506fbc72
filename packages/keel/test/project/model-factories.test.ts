import { runInNewContext } from 'node:vm';
import { Model, Sequelize } from 'sequelize';
import { factoriesOf } from '../../src/project/model-factories';

/** What the text of a module exports. */
function exportsOf(text: string): unknown {
  const module = { exports: {} };
  runInNewContext(text, { module, exports: module.exports });
  return module.exports;
}

const judge = (exported: unknown): unknown => {
  const found = factoriesOf(exported);
  if (found.length === 0) return 'none';
  return found.every(({ certain }) => certain) ? found.length : 'perhaps';
};

test.each<[string, unknown]>([
  ['module.exports = (sequelize, DataTypes) => sequelize.define("User", {})', 1],
  ['module.exports = (s, T) => s.define("User", {})', 1],
  ['module.exports = function (sequelize) { return make(sequelize); }', 1],
  ['module.exports = async (connection, dataTypes) => make(connection, dataTypes)', 1],
  ['exports.default = (s, T) => User.init({}, { sequelize: s })', 1],
  ['exports.defineUser = (s) => s.define("User"); exports.definePost = (s) => s.define("Post")', 2],
  ['exports.initModels = (s) => { User.initModel(s); }; exports.format = (u) => u.name', 1],
  ['exports.default = (s) => s.define("User"); exports.other = (s) => s.define("Other")', 1],
  // What could be either is called, and may fail.
  ['module.exports = (s, T) => make(s, T)', 'perhaps'],
  ['module.exports = (p) => p.replace(/[^0-9]/g, "")', 'perhaps'],
  ['module.exports = (value, digits) => value.toFixed(digits)', 'perhaps'],
  ['module.exports = String.prototype.trim.bind("x")', 'perhaps'],
  // What is sure to be something else is not called.
  ['exports.initials = (name) => initials(name)', 'none'],
  ['exports.lock = (object) => Object.defineProperty(object, "x", {})', 'none'],
  ['exports.format = (user) => user.name; exports.parse = (text) => text.split(" ")', 'none'],
  ['module.exports = class Money { constructor(amount) { this.amount = amount; } }', 'none'],
  ['function Money(x) {} Money.prototype.add = function () {}; module.exports = Money', 'none'],
  ['module.exports = { active: { where: {} }, Kind: Object.freeze({ A: 1 }) }', 'none'],
  ['module.exports = null', 'none'],
])('%s', (text, expected) => {
  expect(judge(exportsOf(text))).toBe(expected);
});

it('takes neither Sequelize nor its classes for functions that define models', () => {
  expect(judge({ Sequelize, Model })).toBe('none');
  expect(judge(Sequelize)).toBe('none');
});
