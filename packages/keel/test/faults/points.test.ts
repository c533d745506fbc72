import { FAULTS, type Fault } from './fault-kinds';
import { allPoints, prepareScenarios, type Scenarios } from './scenarios';
import { runTrial } from './trial';

// A selection of what `npm run faults` tries at every statement: points spread evenly, others for each fault.

let scenarios: Scenarios;

beforeAll(async () => {
  scenarios = await prepareScenarios();
}, 120_000);

afterAll(() => scenarios.dispose());

const cases: readonly (readonly [string, Fault, keyof Omit<Scenarios, 'dispose'>, number])[] = [
  ['SIGKILL while migrating', FAULTS.kill, 'migrate', 5],
  ['SIGKILL while seeding', FAULTS.kill, 'seed', 1],
  ['SIGKILL while undoing', FAULTS.kill, 'undo', 2],
  ['pg_terminate_backend', FAULTS.terminate, 'migrate', 4],
  ['pg_terminate_backend of the lock', FAULTS.terminateLock, 'migrate', 2],
  ['a cut network', FAULTS.cut, 'migrate', 3],
  ['Ctrl-C', FAULTS.interrupt, 'migrate', 3],
];

test.each(cases)(
  '%s: schema and ledger agree, and the next run finishes',
  async (_name, fault, key, count) => {
    const scenario = scenarios[key];
    const points = allPoints(scenario, fault);
    const chosen = Array.from({ length: count }, (_, index) => {
      const middle = Math.floor(((index + 0.5) * points.length) / count);
      return points[middle] as (typeof points)[number];
    });
    const results = await Promise.all(chosen.map((point) => runTrial(scenario, fault, point)));
    expect(results.filter(({ problems }) => problems.length > 0)).toEqual([]);
    expect(results.filter(({ missed }) => missed)).toEqual([]);
  },
  120_000,
);
