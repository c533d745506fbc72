import { readProject, withConnection } from '../project/read-project';
import { withServer } from '../project/with-server';
import { buildModelSide, loadModelSide } from './model-side';
import type { ModelsAnswer, ModelsOrder } from './models-ahead';

/** The process that `startModels` starts: one order, one answer, upon which it is ended. */
process.once('message', (order: ModelsOrder) => {
  void answer(order).then((given) => process.send?.(given));
});
// Nobody waits for it any more, and models may have left something running.
process.once('disconnect', () => process.kill(process.pid));

async function answer({ flags, database, surroundings }: ModelsOrder): Promise<ModelsAnswer> {
  try {
    const project = await withServer(await readProject(flags), { database: true });
    const loaded = await loadModelSide(project, true);
    const scratch = withConnection(project, { database });
    const { failures, ...built } = await buildModelSide(scratch, loaded, surroundings);
    const isWhole = failures.length === 0;
    return { built: isWhole ? built : undefined, doubts: loaded.failures() };
  } catch {
    // Whoever asked builds them itself then, and tells what fails.
    return { doubts: [] };
  }
}
