import { messageOf } from '../errors';
import { readProject, withConnection } from '../project/read-project';
import { withServer } from '../project/with-server';
import { listFiles } from '../runner/files/list-files';
import { withScratch } from '../scratch/with-scratch';
import type { TraceAnswer, TraceOrder } from './trace-in-child';
import { traceFiles } from './trace/trace-files';

/** The process that `traceInChild` starts: one order, one answer. */
process.once('message', (order: TraceOrder) => {
  void answer(order).then((given) => process.send?.(given, () => process.disconnect()));
});

async function answer({ flags, movedTo, before, files }: TraceOrder): Promise<TraceAnswer> {
  const stop = new AbortController();
  const abort = (): void => {
    stop.abort();
  };
  // What is left of the scratch databases has to go, also where the command itself was killed.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, abort);
  process.on('disconnect', abort);
  try {
    const read = await readProject(flags);
    const project = movedTo
      ? withConnection(read, movedTo)
      : await withServer(read, { database: true });
    const listed = await listFiles(project.paths.migrations, 'migrations-path');
    const named = (names: readonly string[]) => listed.filter(({ name }) => names.includes(name));
    const trace = await withScratch(project, stop.signal, (scratch) =>
      traceFiles(scratch, {
        before: named(before),
        files: named(files),
        exclusive: true,
        signal: stop.signal,
      }),
    );
    return { trace };
  } catch (error) {
    return { failure: messageOf(error) };
  }
}
