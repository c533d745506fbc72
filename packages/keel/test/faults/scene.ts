import { Client } from 'pg';
import { databaseUrl } from '../support/server';
import {
  copyDatabase,
  dropDatabase,
  readRecords,
  withServerClient,
  type Records,
} from './database';
import { makeProject, type Files } from './fault-project';
import { startKeel, type Ended, type RunnerProcess } from './runner-process';

/** A project and an empty database of its own. */
export interface Scene {
  readonly root: string;
  readonly database: string;
  /** The database's URL. */
  readonly url: string;
  /** Starts keel; through another URL where one is given. */
  start(args: readonly string[], url?: string): RunnerProcess;
  /** Runs keel to its end. */
  run(args: readonly string[], url?: string): Promise<Ended>;
  /** The first column of a statement's rows. */
  query(sql: string): Promise<unknown[]>;
  records(): Promise<Records>;
  /** A connection of another session, closed with the scene. */
  connect(url?: string): Promise<Client>;
}

/** Runs `use` in a project with these migrations and an empty database; both are gone afterwards. */
export async function withScene(
  migrations: Files,
  use: (scene: Scene) => Promise<void>,
): Promise<void> {
  const project = makeProject(migrations);
  const database = await copyDatabase();
  const url = databaseUrl(database);
  const clients: Client[] = [];
  const runners: RunnerProcess[] = [];
  const start: Scene['start'] = (args, through = url) => {
    const runner = startKeel(project.root, through, args);
    runners.push(runner);
    return runner;
  };
  try {
    await use({
      root: project.root,
      database,
      url,
      start,
      run: (args, through) => start(args, through).ended,
      query: (sql) =>
        withServerClient(async (client) => {
          const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
          return rows.map(([first]) => first);
        }, url),
      records: () => readRecords(database),
      connect: async (through = url) => {
        const client = new Client({ connectionString: through, application_name: 'other session' });
        client.on('error', () => undefined);
        await client.connect();
        clients.push(client);
        return client;
      },
    });
  } finally {
    for (const { child, kill } of runners)
      if (child.exitCode === null && child.signalCode === null) await kill();
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    await dropDatabase(database);
    project.remove();
  }
}

/** What a run printed on both of its channels. */
export function textOf({ stdout, stderr }: Ended): string {
  return stdout + stderr;
}
