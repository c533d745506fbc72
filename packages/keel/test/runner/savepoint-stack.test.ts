import { SavepointStack } from '../../src/runner/attempt/savepoint-stack';

function stack() {
  const sent: string[] = [];
  const findings = { overlap: false };
  let failed = false;
  const savepoints = new SavepointStack(
    (sql) => {
      sent.push(sql);
      return Promise.resolve();
    },
    () => failed,
    findings as never,
  );
  const fail = (): void => {
    failed = true;
  };
  return { savepoints, sent, findings, fail };
}

const a = { own: true };
const b = { own: true };
const one = 'keel_transaction_1';
const two = 'keel_transaction_2';
const back = (name: string) => `ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`;

test('a transaction of the file is a savepoint, kept or taken back', async () => {
  const { savepoints, sent } = stack();
  await savepoints.control(a, 'begin');
  expect(savepoints.open).toBe(1);
  await savepoints.control(a, 'commit');
  await savepoints.control(a, 'begin');
  await savepoints.control(a, 'rollback');
  expect(savepoints.open).toBe(0);
  expect(sent).toEqual([
    `SAVEPOINT ${one}`,
    `RELEASE SAVEPOINT ${one}`,
    `SAVEPOINT ${two}`,
    back(two),
  ]);
});

test('a second BEGIN, and an end without a beginning, do nothing, as in PostgreSQL', async () => {
  const { savepoints, sent } = stack();
  await savepoints.control(a, 'commit');
  await savepoints.control(a, 'rollback');
  await savepoints.control(a, 'characteristics');
  await savepoints.control(a, 'begin');
  await savepoints.control(a, 'begin');
  expect(sent).toEqual([`SAVEPOINT ${one}`]);
});

test('the COMMIT of a failed transaction is a ROLLBACK', async () => {
  const { savepoints, sent, fail } = stack();
  await savepoints.control(a, 'begin');
  fail();
  expect(await savepoints.control(a, 'commit')).toMatchObject({ command: 'ROLLBACK' });
  expect(sent.at(-1)).toBe(back(one));
});

test('transactions that end in another order are released once the last is done', async () => {
  const { savepoints, sent, findings } = stack();
  await savepoints.control(a, 'begin');
  await savepoints.control(b, 'begin');
  await savepoints.control(a, 'commit');
  expect(sent).toEqual([`SAVEPOINT ${one}`, `SAVEPOINT ${two}`]);
  await savepoints.control(b, 'commit');
  expect(sent.slice(2)).toEqual([`RELEASE SAVEPOINT ${two}`, `RELEASE SAVEPOINT ${one}`]);
  expect(findings.overlap).toBe(false);
});

test('what another connection has sent meanwhile cannot be taken back alone', async () => {
  const { savepoints, findings } = stack();
  await savepoints.control(a, 'begin');
  savepoints.touch(a);
  await savepoints.control(a, 'rollback');
  expect(findings.overlap).toBe(false);
  await savepoints.control(a, 'begin');
  savepoints.touch(b);
  await savepoints.control(a, 'rollback');
  expect(findings.overlap).toBe(true);
});
