import { counted } from '../format-count';
import path from 'node:path';
import { openMaintenance } from '../db/admin';
import { close, connect } from '../db/client';
import { isKeelError } from '../errors';
import { loadPg } from '../project/load-sequelize';
import type { Project } from '../project/project';
import type { ProjectFlags } from '../project/project-flags';
import { readOutline, readProject, type ProjectOutline } from '../project/read-project';
import { withServer, type ServerOptions } from '../project/with-server';
import { keyOf } from '../schema/object-names';
import { readProjectSchema } from '../scratch/replay';
import { withoutOutput } from '../scratch/without-output';
import { examineEnvironment, examineSettings } from './examine-environment';
import { examineEmbedded } from './examine-embedded';
import { examineConfig, examineFolders, examineOutline, examineRoot } from './examine-files';
import { examineLedger } from './examine-ledger';
import { examineModels } from './examine-models';
import { judgeServer } from './examine-server';
import { examineTypeScript } from './examine-typescript';
import { examineVersions } from './examine-versions';
import { faultOf, ok, warning, type DoctorFinding } from './doctor-finding';
import { readServerFacts } from './read-server-facts';
import { findLeftovers, type Leftovers } from './find-leftovers';
import { readUses } from './read-uses';

/** What was found in a project, and whether it works. */
export interface Examination {
  readonly findings: readonly DoctorFinding[];
  readonly warnings: number;
  readonly faults: number;
  /** 1 where there is a fault. */
  readonly exitCode: number;
}

/** The same with what a repair needs. */
export interface Diagnosis extends Examination {
  /** On its server, where that was reached. */
  readonly project: Project | undefined;
  readonly leftovers: Leftovers | undefined;
}

type Waiting = Pick<ServerOptions, 'waitMs' | 'onWait'>;

/**
 * Looks at everything that keel needs in a project, and goes on as far as it can where something is missing. It only
 * reads: no server is started, nothing is made in the database. The project's config and models are loaded.
 *
 * @throws KeelError `USAGE`, `RC_NOT_FOUND` for what is wrong with the command line
 */
export async function examineProject(flags: ProjectFlags, waiting: Waiting): Promise<Diagnosis> {
  const root = path.resolve(flags.cwd ?? process.cwd());
  const findings: DoctorFinding[] = [...examineVersions(root), examineRoot(root)];
  const outline = await attempt(findings, 'outline', () => readOutline(flags));
  if (outline === undefined) return conclude(findings);
  findings.push(...examineOutline(outline), ...examineFolders(outline));
  const project = await attempt(findings, 'config', () => readProject(flags));
  if (project !== undefined) findings.push(examineConfig(project), examineSettings(project));
  findings.push(...(await quietly(() => examineTypeScript(outline.paths, project?.configPath))));
  if (project === undefined) return conclude(findings);
  const reached = await examineServer(project, findings, waiting);
  const database = reached && (await examineDatabase(reached, findings));
  findings.push(...(await quietly(() => examineModels(project, database?.tables))));
  if (database !== undefined) findings.push(...judgeLeftovers(database.leftovers));
  return conclude(findings, reached, database?.leftovers);
}

function conclude(
  findings: readonly DoctorFinding[],
  project?: Project,
  leftovers?: Leftovers,
): Diagnosis {
  const count = (status: DoctorFinding['status']): number =>
    findings.filter((finding) => finding.status === status).length;
  const faults = count('fault');
  return {
    findings,
    warnings: count('warning'),
    faults,
    exitCode: faults > 0 ? 1 : 0,
    project,
    leftovers,
  };
}

/** What the project's code prints says nothing of it. */
function quietly<T>(use: () => Promise<T>): Promise<T> {
  return withoutOutput(use);
}

async function attempt<T extends ProjectOutline | Project>(
  findings: DoctorFinding[],
  what: 'outline' | 'config',
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await quietly(read);
  } catch (error) {
    // What is wrong with the command line is no matter of the project.
    if (isKeelError(error, 'USAGE') || isKeelError(error, 'RC_NOT_FOUND')) throw error;
    // That a folder is not there has been said.
    const isSaid = isKeelError(error, 'FOLDER_NOT_FOUND');
    if (isSaid)
      findings.push(
        warning('config', 'not read: the command line names a folder that is not there'),
      );
    else findings.push(faultOf(topicOf(error, what), error));
    return undefined;
  }
}

function topicOf(error: unknown, what: 'outline' | 'config'): DoctorFinding['topic'] {
  if (what === 'config') return 'config';
  return isKeelError(error, 'ENV_FILE_UNREADABLE') ? '.env' : '.sequelizerc';
}

/** @returns the project on its server; undefined where that is not reached, or has no such database */
async function examineServer(
  given: Project,
  findings: DoctorFinding[],
  waiting: Waiting,
): Promise<Project | undefined> {
  let project = given;
  if (given.embedded) {
    const embedded = examineEmbedded(given);
    findings.push(...embedded.findings);
    if (embedded.running === undefined) return undefined;
    project = embedded.running;
  }
  try {
    if (!project.embedded) project = await withServer(project, { database: false, ...waiting });
    const how = { pg: loadPg(project.paths.root) };
    const client = await connect(project.connection, how).catch(async (error: unknown) => {
      if (!isKeelError(error, 'DATABASE_NOT_FOUND')) throw error;
      findings.push(faultOf('server', error));
      return openMaintenance(project.connection, how);
    });
    try {
      const facts = await readServerFacts(client, project.migrationLedger.schema);
      findings.push(...(await judgeServer(facts, project)));
      return facts.database === project.connection.database ? project : undefined;
    } finally {
      await close(client);
    }
  } catch (error) {
    findings.push(faultOf('server', error));
    return undefined;
  }
}

async function examineDatabase(
  project: Project,
  findings: DoctorFinding[],
): Promise<{ readonly tables: ReadonlySet<string>; readonly leftovers: Leftovers } | undefined> {
  const client = await connect(project.connection, { pg: loadPg(project.paths.root) });
  try {
    findings.push(await examineEnvironment(client, project));
    findings.push(...(await examineLedger(project, 'migration', client)));
    findings.push(...(await examineLedger(project, 'seeder', client)));
    const schema = await readProjectSchema(project);
    const leftovers = findLeftovers(schema, await readUses(client));
    return { tables: new Set(schema.tables.map(keyOf)), leftovers };
  } catch (error) {
    findings.push(faultOf('server', error));
    return undefined;
  } finally {
    await close(client);
  }
}

function judgeLeftovers({ clear, byHand }: Leftovers): DoctorFinding[] {
  if (clear.length + byHand.length === 0)
    return [ok('leftovers', 'nothing that sync({ alter: true }) leaves behind')];
  return [
    ...(clear.length === 0
      ? []
      : [
          {
            ...warning(
              'leftovers',
              `sync({ alter: true }) has left ${counted(clear.length, 'object')} behind`,
              'Write the migration that clears them with: keel doctor --fix',
            ),
            details: clear.map(({ what }) => what),
          },
        ]),
    ...byHand.map((text) => warning('leftovers', text, 'Decide by hand which one is to stay.')),
  ];
}
