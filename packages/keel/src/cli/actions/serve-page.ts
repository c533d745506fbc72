import type { KeelError } from '../../errors';
import { readVersion } from '../../page/render/render-html';
import { Bell } from '../../page/serve/bell';
import { ServedPage } from '../../page/serve/served-page';
import { withFilesWatched } from '../../page/serve/with-files-watched';
import { withPageServer } from '../../page/serve/with-page-server';
import type { Invocation } from '../define-command';
import type { Output } from '../terminal/output';
import { drawAfresh, type Drawn, type DrawnPage } from './draw-afresh';
import { readProjectAloud } from './with-project';

export interface ServePageOptions {
  /** 0 for one that is free. */
  readonly port: number;
  readonly offline: boolean;
}

/** Who loads a page that is older, in milliseconds, has it drawn again: the database may have changed. */
const FRESH = 5000;

/** Serves the page, and draws it again when the project's files change, until the signal: that is how it is ended. */
export async function servePage<Flags extends object>(
  invocation: Invocation<Flags>,
  { port, offline }: ServePageOptions,
): Promise<void> {
  const env = { ...process.env };
  const { signal, output, flags } = invocation;
  const project = await readProjectAloud(invocation);
  const bell = new Bell();
  const board = new Board(output);
  const draw = () => drawAfresh({ flags, offline, env, signal });
  const onVisit = (): void => {
    if (Date.now() - board.since > FRESH) bell.ring();
  };
  await withFilesWatched(project, { onChange: () => bell.ring() }, () =>
    withPageServer({ port, page: board.page, onVisit }, async (url) => {
      board.begin(await draw());
      output.result({ url }, [
        `The page is at ${url}`,
        "It follows the project's files. Ctrl-C ends it.",
      ]);
      while (!signal.aborted) {
        await bell.wait(signal);
        if (!signal.aborted) board.renew(await draw());
      }
    }),
  ).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  output.note('The page is no longer served.');
}

/** What is shown, and what was said of it. */
class Board {
  readonly page = new ServedPage();
  /** When it was drawn. */
  since = 0;
  private shown: DrawnPage | undefined;
  private said = '';

  constructor(private readonly output: Output) {}

  /** @throws KeelError of a drawing that failed */
  begin(drawn: Drawn): void {
    if ('error' in drawn) throw drawn.error;
    this.renew(drawn);
  }

  renew(drawn: Drawn): void {
    this.since = Date.now();
    this.pass(drawn.said);
    const failure = 'error' in drawn ? textOf(drawn.error) : lostSide(this.shown, drawn.page);
    const before = this.page.announcement;
    if ('page' in drawn && failure === undefined) this.shown = drawn.page;
    if (this.shown === undefined) return;
    const { text: html, tables, associations } = this.shown;
    const version = readVersion(html);
    this.page.show({ html, version, failure });
    if (before.version !== '' && before.version !== version)
      this.output.line(`Drawn again: ${tables} tables and ${associations} associations.`);
  }

  /** What every drawing says again is said once. */
  private pass(said: string): void {
    if (said !== this.said && said.trim() !== '') this.output.note(said.trimEnd());
    this.said = said;
  }
}

/** A model or migration that is half written takes nothing from the picture, which stays as it was. */
function lostSide(before: DrawnPage | undefined, { sides }: DrawnPage): string | undefined {
  const names = ['models', 'migrations'] as const;
  const lost = names.find((name) => before?.sides[name].read === true && !sides[name].read);
  return lost === undefined ? undefined : sides[lost].text;
}

function textOf({ message, details, hint = '' }: KeelError): string {
  return [message, ...details, hint].join('\n').trim();
}
