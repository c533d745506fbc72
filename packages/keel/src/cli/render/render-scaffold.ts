import pc from '../terminal/colours';
import type { FolderResult } from '../../scaffold/new-files';
import type { InitResult } from '../../scaffold/init-project';

/** What was done to a folder, in sequelize-cli's words. */
export function renderFolder({ name, path, created, deleted }: FolderResult): string[] {
  return [
    ...(deleted
      ? [`Deleting the ${name} folder. (--force)`, `Successfully deleted the ${name} folder.`]
      : []),
    created
      ? `Successfully created ${name} folder at "${path}".`
      : `${name} folder at "${path}" already exists.`,
  ];
}

/** A file that was generated, in sequelize-cli's words. */
export function renderGenerated(kind: 'migration' | 'seed' | 'model', path: string): string {
  return `New ${kind} was created at ${pc.blueBright(path)} .`;
}

/** What `init` made; sequelize-cli says nothing of the models' index. */
export function renderInit(result: InitResult, relative: (path: string) => string): string[] {
  switch (result.type) {
    case 'config':
      return [`Created "${relative(result.path)}"`];
    case 'folder':
      return renderFolder(result);
    case 'index':
      return [];
  }
}
