import type { Page } from 'playwright-core';
import { visit } from '../support/browser';
import { withClient } from '../support/database';
import { everyAssociation, writePage } from '../support/page';
import { poorContrasts, unnamedElements } from '../support/page-audit';
import { migration, withDatabaseProject, type DatabaseProject } from '../support/project';

jest.setTimeout(180_000);

/** A project with tables that were dropped and drift. */
async function withLivedInProject(use: (file: string) => Promise<void>): Promise<void> {
  const key = (table: string) =>
    `{ type: S.INTEGER, references: { model: '${table}', key: 'id' } }`;
  const id = `{ type: S.INTEGER, primaryKey: true, autoIncrement: true }`;
  const files = {
    ...everyAssociation(),
    'migrations/4-old.js': migration(
      `await q.createTable('legacy', { id: ${id}, old: S.TEXT, userId: ${key('users')} });
       await q.createTable('legacy_items', { id: ${id}, legacyId: ${key('legacy')} });
       await q.addColumn('notes', 'tagId', ${key('tags')});`,
    ),
    'migrations/5-gone.js': migration(
      `await q.dropTable('legacy_items'); await q.dropTable('legacy'); await q.removeColumn('notes', 'tagId');`,
    ),
  };
  await withDatabaseProject(files, async (project: DatabaseProject) => {
    await project.keel(['db:migrate']);
    await withClient(project.database.connection, (client) =>
      client.query('ALTER TABLE tags ADD COLUMN hand text; CREATE TABLE by_hand (id int)'),
    );
    const { file } = await writePage(project);
    await use(file);
  });
}

/** What a reader comes to see, one after the other. */
const SIGHTS: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
  ['the picture', (page) => page.click('#all')],
  ['a table', (page) => page.fill('#search', 'users')],
  ['its neighbours', (page) => page.click('#focus')],
  ['the tables', (page) => page.click('#view-tables')],
  ['the migrations', (page) => page.click('#view-migrations')],
  ['the drift', (page) => page.click('#view-drift')],
  [
    'what a migration added',
    async (page) => {
      // Nothing is chosen any more, and so nothing is dimmed.
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await page.fill('#step', '4');
    },
  ],
  ['what a migration removed', (page) => page.fill('#step', '5')],
  [
    'the cards from afar',
    async (page) => {
      await page.click('#now');
      for (let i = 0; i < 12; i += 1) await page.click('#zoom-out');
      await page.evaluate(`document.getElementById('zoom-in').click()`);
    },
  ],
];

test.each(['light', 'dark'] as const)(
  'in %s every text can be read, and a screen reader has a name for every control',
  (colorScheme) =>
    withLivedInProject((file) =>
      visit(
        file,
        'contrast and accessible names',
        async ({ page, amiss }) => {
          await page.keyboard.press('Escape');
          for (const [sight, show] of SIGHTS) {
            await show(page);
            await page.evaluate(
              `for (const each of document.querySelectorAll('details')) each.open = true`,
            );
            const { seen, poor } = await poorContrasts(page);
            expect([sight, poor]).toEqual([sight, []]);
            expect(seen).toBeGreaterThan(10);
            const { named, unnamed } = await unnamedElements(page);
            expect([sight, unnamed]).toEqual([sight, []]);
            expect(named).toBeGreaterThan(10);
          }
          expect(await amiss()).toEqual([]);
        },
        { colorScheme },
      ),
    ),
);

test('on paper all of the picture is light and readable, without what only a screen needs, also from a dark screen', () =>
  withLivedInProject((file) =>
    visit(
      file,
      'printing',
      async ({ page, amiss }) => {
        await page.evaluate(`document.documentElement.dataset.theme = 'dark'`);
        await page.fill('#search', 'users');
        const pdf = await page.pdf({ format: 'A4', landscape: true });
        expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        await page.evaluate(`window.dispatchEvent(new Event('beforeprint'))`);
        expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
          'rgb(255, 255, 255)',
        );
        const { seen, poor } = await poorContrasts(page);
        expect(poor).toEqual([]);
        expect(seen).toBeGreaterThan(30);
        for (const selector of ['#search', '#theme', 'footer', '#legend'])
          expect([selector, await page.locator(selector).isVisible()]).toEqual([selector, false]);
        const width = await page.evaluate<number>('document.documentElement.clientWidth');
        for (const card of await page.locator('.card:not(.gone)').all()) {
          const box = await card.boundingBox();
          expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 0) <= width + 1).toBe(true);
        }
        expect(await page.textContent('#panel')).toContain('await user.addArticle(post)');
        expect(await amiss()).toEqual([]);
      },
      { colorScheme: 'dark' },
    ),
  ));

test('the slider shows tables and lines that were dropped since', () =>
  withLivedInProject((file) =>
    visit(file, 'dropped tables on the slider', async ({ page, amiss }) => {
      const titles = (selector: string) => page.locator(`${selector} .title`).allTextContents();
      expect(await titles('.card.former:not(.gone)')).toEqual([]);
      await page.fill('#step', '4');
      expect(await titles('.card.former.added')).toEqual(['legacy', 'legacy_items']);
      expect(await page.locator('.link.added').count()).toBe(3);
      await page.fill('#step', '5');
      expect(await titles('.card.former.removed')).toEqual(['legacy', 'legacy_items']);
      expect(await page.locator('.link.removed').count()).toBe(3);
      await page.fill('#step', '3');
      expect(await titles('.card.former:not(.gone)')).toEqual([]);
      await page.click('#now');
      expect(await titles('.card.former:not(.gone)')).toEqual([]);
      expect(await page.locator('.link.added, .link.removed').count()).toBe(0);
      await page.click('#view-migrations');
      expect(await page.textContent('#list')).toContain('users SHARE ROW EXCLUSIVE: writers wait');
      expect(await amiss()).toEqual([]);
    }),
  ));
