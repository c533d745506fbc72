import { createHash } from 'node:crypto';
import { renderPalette } from './palette';
import { readAsset } from './read-asset';

export interface PageCode {
  readonly style: string;
  readonly script: string;
  /** The value of the page's Content-Security-Policy. */
  readonly policy: string;
}

export interface PageCodeOptions {
  /** Whether keel serves the page, which then asks the server for changes. */
  readonly live: boolean;
}

/** In the order in which they are put together. */
const SCRIPTS = [
  ...['dom.js', 'camera.js', 'diagram.js', 'neighbours.js', 'panel.js'],
  ...['timeline.js', 'former.js', 'views.js', 'main.js'],
];

/** The page's own style and script: the same for every project, so that a policy can know them by their hashes. */
export function readPageCode({ live }: PageCodeOptions): PageCode {
  const sheets = [renderPalette({ chosen: true }), readAsset('diagram.css'), readAsset('page.css')];
  const style = `\n${sheets.join('\n')}\n`;
  const script = `\n(() => {\n'use strict';\n${SCRIPTS.map(readAsset).join('\n')}\n})();\n`;
  const policy = [
    `default-src 'none'`,
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    ...(live ? [`connect-src 'self'`] : []),
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return { style, script, policy };
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
