import type { FileStyle } from '../../scaffold/file-style';
import { uses } from './model-code';

/**
 * A model's file in TypeScript as its module may be written: where TypeScript keeps imports as they are, it refuses
 * `import` and `export` of values in a CommonJS file (errors 1286 and 1287). Those of types stay.
 */
export function forModule(text: string, { requires, hasNodeTypes }: FileStyle): string {
  const code = requires === true ? withRequire(text) : text;
  const needsNode = hasNodeTypes === true && (requires === true || uses(text, 'Buffer'));
  return needsNode ? `/// <reference types="node" />\n${code}` : code;
}

function withRequire(text: string): string {
  const exported: string[] = [];
  const code = text
    .replace(
      /^import (\{[^}]*\}) from 'sequelize';$/m,
      "import Package = require('sequelize');\nconst $1 = Package;",
    )
    .replace(/^export (?=class (\w+))/gm, (_, name: string) => {
      exported.push(name);
      return '';
    })
    .replace(/^export (default )?(?=function (\w+))/gm, (_, isDefault: unknown, name: string) => {
      exported.push(isDefault === undefined ? name : `default: ${name}`);
      return '';
    });
  const types = [...text.matchAll(/^export class (\w+)/gm)].map(([, name]) => name ?? '');
  return [
    code,
    ...types.map((name) => `\nexport type { ${name} };`),
    `\nmodule.exports = { ${exported.join(', ')} };\n`,
  ].join('');
}
