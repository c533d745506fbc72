import { Attempt } from '../../src/runner/attempt/attempt';
import { observeConnection } from '../../src/runner/attempt/observe-connection';
import type { StatementTracer } from '../../src/runner/attempt/statement-tracer';
import { withClient, withDatabase } from '../support/database';

test('a connection is looked at for as long as its file runs, and no longer', async () => {
  const asked: string[] = [];
  const tracer: StatementTracer = {
    watch: () => undefined,
    settled: () => undefined,
    asked: ({ sql }) => {
      asked.push(sql);
      return (_place, send) => send();
    },
  };
  await withDatabase(({ connection }) =>
    withClient(connection, async (client) => {
      const options = {
        mode: 'none' as const,
        keepWhole: false,
        ledgerPattern: /SequelizeMeta/,
        tracer,
      };
      const attempt = new Attempt(undefined, options);
      observeConnection(client, { attempt, owner: { own: true } });
      await client.query('SELECT 1');
      attempt.closed = true;
      await client.query('SELECT 2');
      expect(asked).toEqual(['SELECT 1']);
      expect(attempt.findings.count).toBe(1);
    }),
  );
});
