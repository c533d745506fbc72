import { createHash } from 'node:crypto';
import type { DiagramLayout } from '../layout/diagram-layout';
import { METRICS } from '../layout/measure-card';
import type { PageDocument } from '../document/page-document';
import { escapeMarkup, jsonForScript } from './escape-markup';
import { readPageCode } from './read-page-code';
import { renderSvg } from './render-svg';

export interface HtmlOptions {
  /** Whether keel serves the page, which then asks the server for changes. */
  readonly live: boolean;
}

/** The whole page in one file. It loads nothing, and its own policy forbids everything that it does not bring. */
export function renderHtml(
  document: PageDocument,
  layout: DiagramLayout,
  { live }: HtmlOptions,
): string {
  const { style, script, policy } = readPageCode({ live });
  const title = escapeMarkup(document.title);
  const json = jsonForScript(document);
  return `<!doctype html>
<html lang="en"${live ? ` data-live="${versionOf(json)}"` : ''}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title} – schema</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<input id="search" type="search" placeholder="Search (/)" aria-label="Search tables, models and columns" autocomplete="off">
<span id="found" role="status"></span>
${toolbar(document)}
</header>
<main>
<section id="picture" aria-label="Diagram">
${renderSvg(document, layout, { interactive: true })}<div id="legend" aria-hidden="true"><b class="one">1:1</b> <b class="many">1:N</b> <b class="cross">N:M</b> · dashed: no association · dotted: no foreign key · ? may be null</div>
</section>
<section id="list" aria-label="List" tabindex="0" hidden></section>
<aside id="panel" aria-label="Table" tabindex="0" hidden></aside>
</main>
<footer>
<label for="step">Migrations</label>
<input id="step" type="range" min="0" max="0" value="0">
<button id="now" type="button" aria-pressed="true">Now</button>
<output id="said" for="step"></output>
<span id="note" class="warn" role="alert" hidden></span>
</footer>
<noscript>Without its script the page shows the picture alone.</noscript>
<script type="application/json" id="metrics">${jsonForScript(METRICS)}</script>
<script type="application/json" id="data">${json}</script>
<script>${script}</script>
</body>
</html>
`;
}

function toolbar({ drift, models, migrationsSide, database }: PageDocument): string {
  const count = drift === undefined ? '?' : `${drift.models.length + drift.database.length}`;
  const sides = [models, migrationsSide, database];
  const unread = sides.filter(({ read }) => !read).length;
  return [
    '<span class="spread"></span>',
    unread === 0 ? '' : `<span class="warn">${unread} of 3 sides not read</span>`,
    button('view-diagram', 'Diagram', 'd', true),
    button('view-tables', 'Tables', 't', false),
    button('view-migrations', 'Migrations', 'm', false),
    button('view-drift', `Drift (${count})`, undefined, false),
    button('focus', 'Neighbours', 'f', false),
    '<button id="zoom-out" type="button" aria-label="Zoom out">−</button>',
    '<button id="zoom-in" type="button" aria-label="Zoom in">+</button>',
    '<button id="all" type="button" title="0">Whole picture</button>',
    '<button id="theme" type="button">Light / dark</button>',
  ].join('\n');
}

function button(id: string, text: string, key: string | undefined, pressed: boolean): string {
  const title = key === undefined ? '' : ` title="${key}"`;
  return `<button id="${id}" type="button"${title} aria-pressed="${pressed}">${text}</button>`;
}

/** Changes with all that a page shows. */
function versionOf(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 16);
}

/** The version of a page that was rendered to be served. */
export function readVersion(html: string): string {
  return /^<!doctype html>\n<html lang="en" data-live="(\w+)">/.exec(html)?.[1] ?? '';
}
