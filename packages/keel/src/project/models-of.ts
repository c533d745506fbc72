import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { isLedgerTable } from './ledger-tables';
import type { Project } from './project';

/** All models of an instance, in the order in which they were defined. */
export function allModelsOf(sequelize: Sequelize): readonly ModelStatic<Model>[] {
  const { modelManager } = sequelize as unknown as {
    readonly modelManager: { readonly models: readonly ModelStatic<Model>[] };
  };
  return [...modelManager.models];
}

/** Those that stand for no ledger: a storage of Umzug on the app's own instance makes a model for its ledger. */
export function modelsOf(sequelize: Sequelize, project: Project): ModelStatic<Model>[] {
  return allModelsOf(sequelize).filter((model) => {
    const table = model.getTableName() as string | { tableName: string; schema?: string };
    return !isLedgerTable(
      project,
      typeof table === 'string'
        ? { name: table }
        : { name: table.tableName, schema: table.schema || undefined },
    );
  });
}
