import path from 'node:path';
import { keelVersion } from '../keel-version';
import { loadSequelize, sequelizeVersion } from '../project/load-sequelize';
import { requireFrom } from '../project/load-module';
import { faultOf, fault, ok, type DoctorFinding } from './doctor-finding';

/** keel's own requirement, as its package.json has it. */
const LEAST_NODE = [20, 19] as const;

/** Node, keel, and the packages of the project that keel works with. */
export function examineVersions(root: string): DoctorFinding[] {
  const pg = packageVersion(root, 'pg') ?? packageVersion(sequelizeFolder(root), 'pg');
  const packages = [
    `Node ${process.versions.node}`,
    `keel ${keelVersion()}`,
    `Sequelize ${sequelizeVersion(root)?.text ?? 'not installed'}`,
    `pg ${pg ?? 'not installed'}`,
  ];
  const found = packages.join(', ');
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1]))
    return [fault('versions', found, `Install Node ${LEAST_NODE.join('.')} or later.`)];
  try {
    loadSequelize(root);
  } catch (error) {
    return [faultOf('versions', error)];
  }
  return [
    pg === undefined ? fault('versions', found, 'Run: npm install pg') : ok('versions', found),
  ];
}

function sequelizeFolder(root: string): string {
  try {
    return path.dirname(requireFrom(root).resolve('sequelize/package.json'));
  } catch {
    return root;
  }
}

/** The version of a package as it is found from a folder. */
export function packageVersion(folder: string, name: string): string | undefined {
  try {
    return (requireFrom(folder)(`${name}/package.json`) as { version: string }).version;
  } catch {
    return undefined;
  }
}
