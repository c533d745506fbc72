import { isKeelError, KeelError, messageOf, NOTHING_CHANGED } from '../errors';

/** Runs `use`; what Sequelize throws in it is said of the model. */
export function blameModel<T>(model: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (isKeelError(error)) throw error;
    throw new KeelError(`Sequelize cannot build the model ${model}: ${messageOf(error)}`, {
      code: 'MODEL_NOT_BUILDABLE',
      state: NOTHING_CHANGED,
      hint: 'Correct the model.',
      cause: error,
    });
  }
}
