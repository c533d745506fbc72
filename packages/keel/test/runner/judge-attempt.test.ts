import type { Attempt } from '../../src/runner/attempt/attempt';
import { canWait, describeFloating, judgeAttempt } from '../../src/runner/attempt/judge-attempt';
import type { AttemptOutcome } from '../../src/runner/attempt/run-attempt';
import type { RunMode } from '../../src/runner/files/run-mode';

interface Facts {
  readonly error?: unknown;
  readonly attempt?: Partial<Attempt>;
  readonly findings?: Partial<Attempt['findings']>;
  readonly floating?: string;
  readonly lost?: boolean;
  readonly hung?: boolean;
}

/** An error as PostgreSQL sends it. */
const refused = (code: string, message = code): Error =>
  Object.assign(new Error(message), { code, severity: 'ERROR', routine: 'ProcessInterrupts' });

function outcomeOf({
  error,
  attempt,
  findings,
  floating,
  lost = false,
  hung = false,
}: Facts): AttemptOutcome {
  const empty = { statements: [], wentOnAfterError: false, overlap: false, ...findings };
  return {
    attempt: { openTransactions: 0, selfBlocked: false, ...attempt, findings: empty } as never,
    error,
    failed: error !== undefined,
    lost,
    floating,
    hung,
  };
}

const judge = (facts: Facts, mode: RunMode = 'transaction', strict = false, status = 'T') =>
  judgeAttempt(outcomeOf(facts), { mode, strict, status: status as 'T' });

const failed = new Error('no luck');
const firstError = { error: failed, sql: 'SELECT' };

describe('judgeAttempt() of a file in a transaction', () => {
  test('a good end is an end, and an error fails the file', () => {
    expect(judge({})).toEqual({ kind: 'done' });
    expect(judge({ error: failed })).toEqual({ kind: 'fail', error: failed });
  });

  test.each<[string, Facts]>([
    ['PostgreSQL refuses one', { error: failed, findings: { refusal: refused('25001') as never } }],
    ['it waits for itself', { error: failed, attempt: { selfBlocked: true } }],
    ['it takes a detour', { error: failed, attempt: { detour: 'starts a program' } }],
    ['its own transactions overlap', { findings: { overlap: true } }],
  ])('it is run again without one where %s', (_, facts) => {
    expect(judge(facts)).toMatchObject({ kind: 'again', mode: 'none' });
    expect(judge(facts, 'savepoints')).toMatchObject({ kind: 'again', mode: 'none' });
  });

  test.each<[string, Facts, string]>([
    ['ends well after an error', { findings: { wentOnAfterError: true, firstError } }, 'T'],
    ['leaves a failed transaction', { findings: { firstError } }, 'E'],
    [
      'fails by what follows from an error',
      { error: refused('25P02'), findings: { wentOnAfterError: true, firstError } },
      'E',
    ],
  ])('it is run again with savepoints where it %s', (_, facts, status) => {
    const step = judge(facts, 'transaction', false, status);
    expect(step).toMatchObject({ kind: 'again', mode: 'savepoints' });
    expect(step).toMatchObject({ reason: expect.stringContaining('no luck') as string });
  });

  test('with savepoints there is no third way: an error that it does not catch fails it', () => {
    expect(
      judge({ error: failed, findings: { wentOnAfterError: true } }, 'savepoints'),
    ).toMatchObject({ kind: 'fail' });
    expect(judge({ findings: { wentOnAfterError: true } }, 'savepoints')).toEqual({ kind: 'done' });
  });

  test('the first error, thrown on after others, fails the file as it is', () => {
    const wrapped = Object.assign(new Error('wrapped'), { original: failed });
    const findings = { wentOnAfterError: true, firstError };
    expect(judge({ error: wrapped, findings })).toEqual({ kind: 'fail', error: wrapped });
  });

  test('nothing is tried on a connection that is lost, or on code that never ends', () => {
    const lost = new Error('Connection terminated unexpectedly');
    const findings = { refusal: refused('25001') as never };
    expect(judge({ error: lost, lost: true, findings })).toEqual({ kind: 'fail', error: lost });
    const hung = { error: failed, hung: true, attempt: { selfBlocked: true } };
    expect(judge(hung)).toMatchObject({ kind: 'fail' });
  });
});

describe.each<RunMode>(['transaction', 'savepoints', 'none'])(
  'judgeAttempt() in mode %s',
  (mode) => {
    test('a statement that was not waited for fails the file in a strict project only', () => {
      expect(judge({ floating: 'SELECT 1' }, mode)).toEqual({ kind: 'done' });
      expect(judge({ floating: 'SELECT 1' }, mode, true)).toMatchObject({ kind: 'fail' });
    });

    test('a transaction that is left open fails the file', () => {
      expect(judge({ attempt: { openTransactions: 1 } }, mode)).toMatchObject({ kind: 'fail' });
    });
  },
);

test.each([
  ['SELECT  1', 'it finished while a statement was still on its way (SELECT 1); return'],
  ['', 'it finished while a statement was still on its way; return'],
])('a statement "%s" that was not waited for is named', (sql, words) => {
  expect(describeFloating(sql)).toContain(words);
});

test.each<[string, RunMode, object[], boolean]>([
  ['55P03', 'transaction', [{ answered: true }], true],
  ['57014', 'savepoints', [], true],
  ['40P01', 'transaction', [], true],
  ['23505', 'transaction', [], false],
  ['55P03', 'none', [{ error: failed }], true],
  // What has taken effect would be done twice.
  ['55P03', 'none', [{ answered: true }, { error: failed }], false],
])('after %s in mode %s waiting may help', (code, mode, statements, expected) => {
  const outcome = outcomeOf({ findings: { statements: statements as never } });
  expect(canWait(refused(code), outcome, mode)).toBe(expected);
});

test('a statement that the runner cancelled itself is not waited for', () => {
  const outcome = outcomeOf({ attempt: { abandoned: 'The run was interrupted.' } });
  expect(canWait(refused('57014'), outcome, 'transaction')).toBe(false);
});
