import { runScript } from '../support/project';
import { serverUrl } from '../support/server';

interface Document {
  readonly results: readonly {
    readonly name: string;
    readonly keel: { readonly misses: readonly string[]; readonly alarms: readonly string[] };
    readonly unplaced: readonly string[];
  }[];
}

test('every migration of the corpus is told of what it does, and of nothing else, at its line', async () => {
  const args = ['bench', '--', 'lint', '--json', '--without-peers', '--url', serverUrl()];
  const { stdout, stderr } = await runScript(args, {});
  expect(stderr).toBe('');
  const { results } = JSON.parse(stdout) as Document;
  expect(results.length).toBeGreaterThan(80);
  const wrong = results.filter(
    ({ keel, unplaced }) => keel.misses.length + keel.alarms.length + unplaced.length > 0,
  );
  expect(wrong).toEqual([]);
});
