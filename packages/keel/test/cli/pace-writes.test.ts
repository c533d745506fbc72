import { migration, withDatabaseProject } from '../support/project';

test('what files print stands in its place, however quickly they follow each other, and nothing is lost at the end', () => {
  const names = Array.from({ length: 60 }, (_, i) => `202501010001${String(i).padStart(2, '0')}-f`);
  const files = names.map((name, i) => {
    const says = `console.log('out ${i}'); console.error('err ${i}');`;
    const ends = i === names.length - 1 ? 'process.exit(0);' : '';
    return [`migrations/${name}.js`, migration(`${says}${ends}`)] as const;
  });
  return withDatabaseProject(Object.fromEntries(files), async ({ keel }) => {
    const { code, stdout, stderr } = await keel(['db:migrate']);
    expect(code).toBe(1);
    const lines = stdout.split('\n').filter((line) => /^(==|out)/.test(line));
    const expected = names.flatMap((name, i) => [
      `== ${name}: migrating =======`,
      `out ${i}`,
      expect.stringMatching(`^== ${name}: migrated`) as string,
    ]);
    expect(lines).toEqual(expected.slice(0, -1));
    expect(stderr).toContain('The process was ended by the code of the project');
    expect(stderr.match(/^err \d+$/gm)).toHaveLength(60);
  });
});
