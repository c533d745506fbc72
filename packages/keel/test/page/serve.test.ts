import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { visit } from '../support/browser';
import { hostileProject } from '../support/hostile-project';
import { everyAssociation } from '../support/page';
import {
  migration,
  withDatabaseProject,
  type DatabaseProject,
  type StartedKeel,
} from '../support/project';

jest.setTimeout(180_000);

interface Serving {
  readonly url: string;
  readonly started: StartedKeel;
  /** All that keel has printed so far. */
  readonly printed: () => string;
}

/** Serves a project's page, and ends it with Ctrl-C. */
async function withServing(
  project: DatabaseProject,
  use: (serving: Serving) => Promise<void>,
): Promise<void> {
  const started = project.start(['schema:page', '--serve']);
  let text = '';
  for (const stream of [started.child.stdout, started.child.stderr])
    stream.on('data', (chunk: string) => (text += chunk));
  try {
    let url: string | undefined;
    while (url === undefined) {
      await Promise.race([once(started.child.stdout, 'data'), started.ended]);
      url = /The page is at (\S+)/.exec(text)?.[1];
      if (started.child.exitCode !== null) throw new Error(text);
    }
    await use({ url, started, printed: () => text });
  } finally {
    started.child.kill('SIGINT');
    await started.ended;
  }
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the server answers, with whatever Host the request names. */
async function ask(
  address: string,
  { method = 'GET', headers = {} }: Asked = {},
): Promise<{ status?: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  const sent = request(address, { method, headers, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  let body = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  await once(response, 'end');
  return { status: response.statusCode, headers: response.headers, body };
}

test('the server answers to who knows the address, to reading alone, on this machine alone, and ends with Ctrl-C', () =>
  withDatabaseProject(everyAssociation(), async (project) => {
    await withServing(project, async ({ url, started, printed }) => {
      const { origin, port, pathname } = new URL(url);
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/);
      const page = await ask(url);
      expect(page.status).toBe(200);
      expect(page.body).toContain('<svg id="diagram"');
      expect(page.headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
        ),
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
      expect(await ask(url, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });

      const other = `${origin}${pathname.slice(0, -2)}${pathname.at(-2) === 'x' ? 'y' : 'x'}/`;
      const nothing = [
        origin,
        other,
        `${other}events`,
        `${origin}/events`,
        `${url}..%2f`,
        `${url}data`,
      ];
      for (const address of nothing)
        expect([address, (await ask(address)).status]).toEqual([address, 404]);
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
        expect([method, (await ask(url, { method })).status]).toEqual([method, 405]);
      for (const host of [
        'evil.example',
        `evil.example:${port}`,
        '127.0.0.1',
        `127.0.0.1.evil:${port}`,
      ])
        expect([host, await ask(url, { headers: { host } })]).toMatchObject([
          host,
          { status: 403 },
        ]);
      const away = Object.values(networkInterfaces())
        .flatMap((list) => list ?? [])
        .find(({ internal, family }) => !internal && family === 'IPv4');
      if (away !== undefined)
        await expect(ask(`http://${away.address}:${port}${pathname}`)).rejects.toThrow(
          'ECONNREFUSED',
        );

      const { password } = new URL(project.database.url);
      expect(password.length).toBeGreaterThan(3);
      expect(page.body + printed()).not.toContain(password);

      started.child.kill('SIGINT');
      const { code, stderr } = await started.ended;
      expect([code, stderr]).toEqual([130, 'The page is no longer served.\n']);
      await expect(ask(url)).rejects.toThrow('ECONNREFUSED');
    });
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const refused = await project.keel(['schema:page', '--serve', '--port', `${port}`, '--json']);
    taken.close();
    expect([refused.code, JSON.parse(refused.stdout)]).toMatchObject([
      1,
      { error: { code: 'PAGE_NOT_SERVED', hint: expect.stringContaining('--port') } },
    ]);
  }));

test('an open page follows the models and the migrations, and says what cannot be drawn', () =>
  withDatabaseProject(everyAssociation(), async (project) => {
    await project.keel(['db:migrate']);
    const files = everyAssociation();
    const models = files['models/index.js'] as string;
    await withServing(project, ({ url, printed }) =>
      visit(url, 'that an open page follows the files', async ({ page, amiss }) => {
        const note = page.locator('#note');
        await page.click('.card[aria-label^="table notes"]');
        await page.click('#theme');
        const theme = await page.getAttribute('html', 'data-theme');

        project.write({
          'models/index.js': models.replace(
            'aboutId: DataTypes.INTEGER',
            'aboutId: DataTypes.INTEGER, freshText: DataTypes.TEXT',
          ),
        });
        await page.locator('#panel td', { hasText: 'freshText' }).first().waitFor();
        expect(await page.getAttribute('html', 'data-theme')).toBe(theme);

        project.write({ 'models/index.js': `${models}\nconst half = ;` });
        await note.filter({ hasText: 'Unexpected token' }).waitFor();
        expect(printed()).toContain('Unexpected token');
        expect(await page.locator('.link .kind').count()).toBe(8);
        await page.reload();
        await note.filter({ hasText: 'Unexpected token' }).waitFor();

        project.write({ 'models/index.js': models });
        await note.waitFor({ state: 'hidden' });
        await page
          .locator('#panel td', { hasText: 'freshText' })
          .first()
          .waitFor({ state: 'detached' });

        expect(await page.getAttribute('#step', 'max')).toBe('3');
        project.write({
          'migrations/4-more.js': migration(`await q.createTable('more', { id: S.INTEGER });`),
        });
        await page.locator('#step[max="4"]').waitFor({ state: 'attached' });

        project.write({ '.sequelizerc': 'throw new Error("half a config");' });
        await note.filter({ hasText: 'half a config' }).waitFor();
        project.remove('.sequelizerc');
        await note.waitFor({ state: 'hidden' });
        expect(await amiss()).toEqual([]);
      }),
    );
  }));

test('a hostile project that is served: nothing of it is executed', () =>
  withDatabaseProject(hostileProject(), (project) =>
    withServing(project, ({ url }) =>
      visit(url, 'that a served page executes nothing', async ({ page, amiss }) => {
        project.write({ 'models/index.js': `throw new Error('<img src=x onerror=pwned(11)>')` });
        await page.locator('#note', { hasText: 'pwned(11)' }).waitFor();
        for (const card of await page.locator('.card').all()) await card.dispatchEvent('click');
        expect(await page.locator('iframe, img, a').count()).toBe(0);
        expect(await amiss()).toEqual([]);
      }),
    ),
  ));
