import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { hostileProject } from '../support/hostile-project';
import { visit } from '../support/browser';
import { withDatabase, withClient } from '../support/database';
import { everyAssociation, writePage } from '../support/page';
import { REPOSITORY } from '../support/paths';
import { runKeel } from '../support/cli';
import { withDatabaseProject } from '../support/project';
import { shopProject } from '../support/shop-project';
import { withProject } from '../support/projects';

// Browsers start slowly beside other tests.
jest.setTimeout(180_000);

/** A box in pixels of the window. */
type Place = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>;

async function placeOf(locator: Locator): Promise<Place> {
  const place = await locator.boundingBox();
  if (place === null) throw new Error('It is not there.');
  return place;
}

/** Whether a card is seen in the picture. */
async function inView(page: Page, selector: string): Promise<boolean> {
  const [card, pane] = await Promise.all([
    placeOf(page.locator(selector)),
    placeOf(page.locator('#picture')),
  ]);
  return (
    card.x < pane.x + pane.width &&
    card.x + card.width > pane.x &&
    card.y < pane.y + pane.height &&
    card.y + card.height > pane.y
  );
}

test("this repository's page: three associations, keys, themes, and the schema before and after a migration", () =>
  withDatabase((database) =>
    withProject({}, async ({ root }) => {
      const file = path.join(root, 'page.html');
      const { code, stderr } = await runKeel(['schema:page', '--output', file], {
        cwd: REPOSITORY,
        env: { DATABASE_URL: database.url },
      });
      expect([code, stderr]).toEqual([0, '']);
      await visit(file, "the page of this repository's associations", async ({ page, amiss }) => {
        expect(await page.locator('.link .kind').allTextContents()).toEqual([
          'N:M',
          'N:M',
          '1:N',
          '1:1',
        ]);
        await page.keyboard.press('/');
        await page.keyboard.type('user');
        expect(await page.textContent('#panel h2')).toBe('users');
        expect(await page.textContent('#panel')).toContain('await user.addPost(post)');
        expect(await page.textContent('#panel')).toContain('LEFT OUTER JOIN "posts" AS "Posts"');
        expect(await page.locator('.card.dim').count()).toBe(3);
        await page.locator('.card.chosen').focus();
        await page.keyboard.press('f');
        expect(await page.locator('.card:not(.gone)').count()).toBe(3);
        await page.keyboard.press('Escape');
        await page.keyboard.press('Escape');
        expect(await page.locator('#panel').isHidden()).toBe(true);

        await page.locator('#step').fill('2');
        expect(await page.textContent('#said')).toContain('create-profiles');
        expect(await page.locator('.card:not(.gone) .title').allTextContents()).toEqual([
          'profiles',
          'users',
        ]);
        expect(await page.locator('.card.added .title').allTextContents()).toEqual(['profiles']);
        await page.click('#now');
        expect(await page.locator('.card:not(.gone)').count()).toBe(6);

        await page.click('#view-tables');
        expect(await page.locator('#list').textContent()).toContain(
          'Student.belongsToMany(Course), through StudentCourses',
        );
        const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
        const light = await ground();
        await page.click('#theme');
        expect(await ground()).not.toBe(light);
        expect(await amiss()).toEqual([]);
      });
    }),
  ));

test('a changed column is seen before and after, and drift is marked', () =>
  withDatabaseProject(everyAssociation(), async (project) => {
    await project.keel(['db:migrate']);
    await withClient(project.database.connection, (client) =>
      client.query('ALTER TABLE tags ADD COLUMN hand text'),
    );
    const { file } = await writePage(project);
    await visit(file, 'the slider and the marks of drift', async ({ page, amiss }) => {
      expect(await page.locator('.card.drifted .title').allTextContents()).toContain('tags');
      await page.locator('#step').fill('3');
      expect(await page.locator('.card.changed .title').allTextContents()).toEqual(['posts']);
      expect(await page.locator('.rows text.col.removed').allTextContents()).toEqual(['old']);
      expect(await page.locator('.rows text.col.changed').allTextContents()).toEqual(['title']);
      await page.keyboard.press('Tab');
      await page.keyboard.press('[');
      expect(await page.locator('.card.added .title').allTextContents()).toContain('PostTags');
      expect(await amiss()).toEqual([]);
    });
  }));

test('300 tables: every card and line is there, and search, focus and the arrows lead through them', () =>
  withDatabaseProject(shopProject({ tables: 300, perMigration: 100 }), async (project) => {
    const { file, document } = await writePage(project, '--offline');
    const busy = document.links[100]?.child.split('.')[1] ?? '';
    await visit(file, 'a page of 300 tables', async ({ page, amiss }) => {
      expect(await page.locator('.card').count()).toBe(300);
      expect(await page.locator('#diagram.far').count()).toBe(1);
      await page.fill('#search', busy);
      expect(await page.textContent('#panel h2')).toContain(busy);
      expect(await inView(page, '.card.chosen')).toBe(true);
      await page.locator('.card.chosen').focus();
      await page.keyboard.press('f');
      const shown = await page.locator('.card:not(.gone)').count();
      expect(shown).toBeGreaterThan(1);
      expect(shown).toBeLessThan(20);
      const chosen = () => page.textContent('#panel h2');
      const before = await chosen();
      await page.keyboard.press('f');
      await page.keyboard.press('ArrowLeft');
      expect(await chosen()).not.toBe(before);
      expect(await amiss()).toEqual([]);
    });
  }));

test('a hostile project: nothing of it is executed, whatever is opened', () =>
  withDatabaseProject(hostileProject(), async (project) => {
    await project.keel(['db:migrate']);
    const { file } = await writePage(project);
    await visit(
      file,
      'that no name or comment of a database is executed',
      async ({ page, amiss }) => {
        const cards = page.locator('.card');
        for (let index = 0; index < (await cards.count()); index += 1) {
          await cards.nth(index).dispatchEvent('click');
          await page.evaluate(
            `for (const each of document.querySelectorAll('#panel details')) each.open = true`,
          );
          await cards.nth(index).dispatchEvent('dblclick');
        }
        for (const view of ['tables', 'migrations', 'drift', 'diagram'])
          await page.click(`#view-${view}`);
        await page.locator('#step').fill('0');
        await page.locator('#step').fill('1');
        expect(await page.evaluate('document.scripts.length')).toBe(3);
        expect(await page.locator('iframe, img, a').count()).toBe(0);
        expect(await amiss()).toEqual([]);
      },
    );
  }));
