import { counted } from '../format-count';
import { isKeelError } from '../errors';
import type { Project } from '../project/project';
import { displayName, keyOf } from '../schema/object-names';
import { planBuild } from '../schema/plan-build';
import type { AnyModel } from '../schema/sequelize-internals';
import { loadModelSide, type LoadedSide } from '../scratch/model-side';
import { fault, faultOf, ok, warning, type DoctorFinding } from './doctor-finding';

/**
 * How many models there are, and which of them cannot be loaded or planned. They are not built: that would take a
 * database, and db:check does it.
 *
 * @param tables the keys of tables that are in the database; undefined where it cannot be read
 */
export async function examineModels(
  project: Project,
  tables: ReadonlySet<string> | undefined,
): Promise<DoctorFinding[]> {
  let loaded: LoadedSide;
  try {
    loaded = await loadModelSide(project, true);
  } catch (error) {
    if (isKeelError(error, 'MODELS_NOT_FOUND')) return [ok('models', 'none')];
    // examineFolders has said so.
    if (isKeelError(error, 'FOLDER_NOT_FOUND')) return [];
    return [faultOf('models', error)];
  }
  try {
    const faults = planFaults(loaded, tables);
    const count = counted(loaded.models.length, 'model');
    const doubts = doubtsOf(loaded);
    const next = 'Whether they build what is in the database says: keel db:check';
    if (faults.length > 0) return [...faults, ...doubts];
    return [{ ...ok('models', `${count}, all can be loaded`), next }, ...doubts];
  } finally {
    await loaded.close();
  }
}

/** The models work without it: a helper that stands beside them, or a connection that their code makes. */
function doubtsOf(loaded: LoadedSide): DoctorFinding[] {
  const details = loaded.failures().map(({ text }) => text.replace(/\.$/, ''));
  if (details.length === 0) return [];
  const text = 'Some code beside the models was tried, and failed or was taken for no model';
  return [{ ...warning('models', text, 'What is no model can stand in another folder.'), details }];
}

function planFaults(
  { sequelize, models }: LoadedSide,
  tables?: ReadonlySet<string>,
): DoctorFinding[] {
  const attempt = (some: readonly AnyModel[]): DoctorFinding[] => {
    try {
      const { facts, foreignKeys } = planBuild(sequelize, { models: some });
      if (some.length < models.length || tables === undefined) return [];
      return foreignKeys
        .filter(({ target }) => !facts.models.has(keyOf(target)) && !tables.has(keyOf(target)))
        .map(({ model, target }) =>
          fault(
            'models',
            `${model} refers to the table ${displayName(target)}, which no model describes and the database has not`,
            'Correct the reference, or add the model.',
          ),
        );
    } catch (error) {
      return [faultOf('models', error)];
    }
  };
  const each = together(models.flatMap((model) => attempt([model])));
  // What contradicts each other shows in all of them together.
  return each.length > 0 ? each : attempt(models);
}

/** What is wrong with many models in the same way is said once, with the details of all. */
function together(faults: readonly DoctorFinding[]): DoctorFinding[] {
  const groups = new Map<string, DoctorFinding>();
  for (const each of faults) {
    const key = JSON.stringify([each.text, each.next]);
    const details = [...(groups.get(key)?.details ?? []), ...(each.details ?? [])];
    groups.set(key, details.length === 0 ? each : { ...each, details: [...new Set(details)] });
  }
  return [...groups.values()];
}
