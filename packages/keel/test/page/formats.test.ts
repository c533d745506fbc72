import { createHash } from 'node:crypto';
import { gatherPage } from '../../src/page/gather/gather-page';
import { layoutDiagram } from '../../src/page/layout/layout-diagram';
import type { Box, DiagramLayout } from '../../src/page/layout/diagram-layout';
import type { PageDocument } from '../../src/page/document/page-document';
import { PAGE_FORMATS, renderPage } from '../../src/page/write-page';
import { readProject } from '../../src/project/read-project';
import { HOSTILE, hostileProject } from '../support/hostile-project';
import { dataOf, everyAssociation } from '../support/page';
import { withProject, type ProjectFiles } from '../support/projects';
import { shopProject } from '../support/shop-project';

/** What the models of a project say. */
function documentOf(files: ProjectFiles): Promise<PageDocument> {
  return withProject(files, async ({ root }) => {
    const project = await readProject({ cwd: root, url: 'postgres://nobody@localhost:1/none' });
    return gatherPage(project, { offline: true, codeOnly: false });
  });
}

test("nothing of a project becomes markup, and the policy knows the page's own script and style alone", async () => {
  const document = await documentOf(hostileProject());
  const html = await renderPage(document, { format: 'html' });
  const tags = [...html.matchAll(/<(script|iframe|img|style|svg|body|title)\b[^>]*>/g)].map(
    ([tag]) => tag,
  );
  expect(tags.filter((tag) => /iframe|img/.test(tag))).toEqual([]);
  expect(tags.filter((tag) => tag.startsWith('<script'))).toEqual([
    '<script type="application/json" id="metrics">',
    '<script type="application/json" id="data">',
    '<script>',
  ]);
  expect(tags.filter((tag) => tag.startsWith('<svg'))).toHaveLength(1);
  expect(html).not.toMatch(/<[a-z][^<>"]*("[^"]*"[^<>"]*)* on\w+=/);
  const hash = (tag: string) => {
    const [, text = ''] = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(html) ?? [];
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  };
  expect(html).toContain(
    `content="default-src 'none'; script-src ${hash('script')}; style-src ${hash('style')}; base-uri 'none'; form-action 'none'"`,
  );
  const models = dataOf(html).tables.flatMap((table) => table.models);
  expect(models).toHaveLength(HOSTILE.length);
  expect(models).toContain('<script>pwned(1)</script>');
  expect(html).not.toMatch(/[\u200b\u2028\u2029\u202e\ufeff]/);
});

test('no name ends the line, the cell or the string that it stands in', async () => {
  const document = await documentOf(hostileProject());
  const mermaid = await renderPage(document, { format: 'mermaid' });
  for (const line of mermaid.split('\n').slice(1, -1))
    expect(line).toMatch(
      /^ {2}("[^"<>{}]*" \{|\}|"[^"<>{}]*" \S+ "[^"<>{}]*" : "[^"<>{}]*"| {2}[\p{L}\p{N}_()[\]]+ [\p{L}\p{N}_]+( (PK|FK|UK)(, \w\w)*)?( "[^"<>{}]*")?)$/u,
    );
  const dbml = await renderPage(document, { format: 'dbml' });
  for (const line of dbml.split('\n').filter((each) => /^ {2}"/.test(each)))
    expect(line).toMatch(/^ {2}"[^"]*" "[^"]*"( \[.*\])?$/);
  const markdown = await renderPage(document, { format: 'markdown' });
  for (const line of markdown.split('\n').filter((each) => each.startsWith('| c ')))
    expect(line.replaceAll(/\\./g, '').split('|')).toHaveLength(7);
  expect(markdown.replaceAll(/```mermaid.*?```/gs, '')).not.toMatch(/<(?!br>)|\]\(/);
  const svg = await renderPage(document, { format: 'svg' });
  // eslint-disable-next-line no-control-regex
  expect(svg).not.toMatch(/[\u0000-\u0008]|pwned\(5\)">/);
});

test('the same project makes the same file, in every format', async () => {
  const document = await documentOf(everyAssociation());
  for (const format of PAGE_FORMATS) {
    const text = await renderPage(document, { format });
    expect(await renderPage(document, { format })).toBe(text);
    expect(text).toContain('User');
  }
});

test('300 tables: no two cards overlap, no line runs through a card, a junction stands between its sides', async () => {
  const document = await documentOf(shopProject({ tables: 300, perMigration: 300 }));
  const layout = await layoutDiagram(document);
  expect(layout.cards.size).toBe(300);
  expect(overlaps([...layout.cards.values()])).toEqual([]);
  expect(crossings(document, layout)).toEqual([]);
  expect(shapeOf(layout)).toEqual('like a window');

  const small = await documentOf(everyAssociation());
  const { cards } = await layoutDiagram(small);
  const [left, junction, right] = ['posts', 'PostTags', 'tags'].map(
    (name) => cards.get(`public.${name}`)?.x ?? 0,
  );
  expect([left, junction, right]).toEqual([left, junction, right].sort((a = 0, b = 0) => a - b));
});

test.each([12, 40, 90])('%d tables that all refer to one are no strip', async (tables) => {
  const document = await documentOf(starProject(tables));
  const layout = await layoutDiagram(document);
  expect(shapeOf(layout)).toEqual('like a window');
  expect(overlaps([...layout.cards.values()])).toEqual([]);
  expect(crossings(document, layout)).toEqual([]);
});

/** Tables that all refer to the first one, as those of many applications do to their users. */
function starProject(tables: number): ProjectFiles {
  return {
    'models/index.js': `
      const { Sequelize, DataTypes } = require('sequelize');
      const sequelize = new Sequelize('postgres://nobody@localhost:1/none', { logging: false });
      const User = sequelize.define('User', { name: DataTypes.STRING });
      for (let i = 1; i < ${tables}; i += 1)
        sequelize.define('Part' + i, { text: DataTypes.TEXT, more: DataTypes.TEXT }).belongsTo(User);
      module.exports = { sequelize };`,
  };
}

/** A strip is seen whole only where nothing of it can be read. */
function shapeOf({ width, height }: DiagramLayout): string {
  return width / height > 0.6 && width / height < 3 ? 'like a window' : `${width}x${height}`;
}

function overlaps(boxes: readonly Box[]): [Box, Box][] {
  return boxes.flatMap((a, index) =>
    boxes
      .slice(index + 1)
      .filter(
        (b) =>
          a.x < b.x + b.width &&
          b.x < a.x + a.width &&
          a.y < b.y + b.height &&
          b.y < a.y + a.height,
      )
      .map((b): [Box, Box] => [a, b]),
  );
}

/** Lines that run through a card. They are level or upright. */
function crossings({ links }: PageDocument, { cards, routes }: DiagramLayout): string[] {
  return links.flatMap(({ id }) => {
    const points = routes.get(id)?.points ?? [];
    const hit = points.slice(1).some((to, index) => {
      const from = points[index] ?? to;
      return [...cards.values()].some(
        (box) =>
          Math.min(from.x, to.x) < box.x + box.width - 1 &&
          Math.max(from.x, to.x) > box.x + 1 &&
          Math.min(from.y, to.y) < box.y + box.height - 1 &&
          Math.max(from.y, to.y) > box.y + 1,
      );
    });
    return hit ? [id] : [];
  });
}
