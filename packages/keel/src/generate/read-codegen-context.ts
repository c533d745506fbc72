import type { CodegenContext } from '../codegen/codegen-context';
import { sequelizeVersion } from '../project/load-sequelize';
import type { Project } from '../project/project';
import { readFileStyle } from '../scaffold/file-style';

/** How a project's next migration is written: as its last one, for the Sequelize that it has. */
export function readCodegenContext({ paths }: Project): CodegenContext & {
  /** Of the file, without the dot. */
  readonly extension: string;
} {
  const major = sequelizeVersion(paths.root)?.major;
  return { ...readFileStyle(paths.migrations, paths.root), sequelizeMajor: major === 5 ? 5 : 6 };
}
