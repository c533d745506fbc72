import type { QueryInterface } from 'sequelize';

/** Sequelize's query generator, as much of it as matters here. */
export interface Generator {
  escape(value: unknown): string;
  getWhereConditions(where: unknown): string;
}

/** The query generator of an instance. */
export function generatorOf(queryInterface: QueryInterface): Generator {
  const { queryGenerator, QueryGenerator } = queryInterface as unknown as {
    readonly queryGenerator?: Generator;
    /** So it is called in version 5. */
    readonly QueryGenerator?: Generator;
  };
  return (queryGenerator ?? QueryGenerator) as Generator;
}
