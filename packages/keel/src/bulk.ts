/** The public entry `sequelize-keel/bulk`: how a project writes its plan of bulk data. */
export {
  definePlan,
  generate,
  type ColumnGenerator,
  type ColumnOptions,
  type ModelOptions,
  type PlanFile,
  type ReferenceOptions,
} from './bulk/plan/define-plan';
