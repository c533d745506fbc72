import { loadFile, type LoadedFile } from './load-file';
import type { MigrationFile } from './migration-state';

/** Loads the files of a run for one direction. */
export class FileLoader {
  private ahead: { readonly path: string; readonly file: Promise<LoadedFile> } | undefined;

  constructor(private readonly direction: 'up' | 'down') {}

  /** Loads the file that is next. Whoever asks for it is told if that fails. */
  loadAhead(next: MigrationFile): void {
    const file = loadFile(next, this.direction);
    // Until then it must not count as an error that nobody handles.
    file.catch(() => undefined);
    this.ahead = { path: next.path, file };
  }

  /** @throws KeelError where it cannot be loaded, or has nothing for the direction */
  load(file: MigrationFile): Promise<LoadedFile> {
    const { ahead } = this;
    this.ahead = undefined;
    return ahead?.path === file.path ? ahead.file : loadFile(file, this.direction);
  }
}
