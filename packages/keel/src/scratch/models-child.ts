import { readProject, withConnection } from '../project/read-project';
import { withServer } from '../project/with-server';
import type { Project } from '../project/project';
import { buildModelSide, loadModelSide, planModelSide, type LoadedSide } from './model-side';
import { withoutOutput } from './without-output';
import type { ModelsAnswer, ModelsOrder } from './models-process';

interface Loading {
  readonly project: Project;
  readonly loaded: LoadedSide;
}

/** The process that `startModels` starts: it loads the models, answers each further order, and is ended. */
let loading: Promise<Loading> | undefined;

process.on('message', (order: ModelsOrder) => {
  if (order.kind === 'load') {
    loading = load(order);
    // Told with the next answer.
    loading.catch(() => undefined);
  } else {
    void answer(order).then((given) => process.send?.(given));
  }
});
// Nobody waits for it any more, and models may have left something running.
process.once('disconnect', () => process.kill(process.pid));

async function load({ flags }: Extract<ModelsOrder, { kind: 'load' }>): Promise<Loading> {
  // What the config prints, the process that has started this one has shown.
  const project = await withoutOutput(async () =>
    withServer(await readProject(flags), { database: true }),
  );
  return { project, loaded: await loadModelSide(project, true) };
}

async function answer(order: Exclude<ModelsOrder, { kind: 'load' }>): Promise<ModelsAnswer> {
  try {
    const { project, loaded } = (await loading) as Loading;
    if (order.kind === 'plan')
      return { planned: planModelSide(loaded, order.place), doubts: loaded.failures() };
    const { database, surroundings } = order;
    const scratch = withConnection(project, { database });
    const { failures, ...built } = await buildModelSide(scratch, loaded, surroundings);
    const isWhole = failures.length === 0;
    return { built: isWhole ? built : undefined, doubts: loaded.failures() };
  } catch {
    // Whoever asked builds them itself then, and tells what fails.
    return { doubts: [] };
  }
}
