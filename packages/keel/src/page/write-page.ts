import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolders } from '../make-folders';
import { prepareHome } from '../embedded/home-folder';
import { KeelError, messageOf } from '../errors';
import { layoutDiagram } from './layout/layout-diagram';
import type { PageDocument } from './document/page-document';
import { renderDbml } from './render/render-dbml';
import { renderHtml } from './render/render-html';
import { renderMermaid } from './render/render-mermaid';
import { renderSchemaMarkdown } from './render/render-schema-markdown';
import { renderSvg } from './render/render-svg';

/** What a picture can be written as. */
export const PAGE_FORMATS = ['html', 'svg', 'mermaid', 'dbml', 'markdown'] as const;

export type PageFormat = (typeof PAGE_FORMATS)[number];

export interface RenderPageOptions {
  readonly format: PageFormat;
  /** Of `html`: whether keel serves it. */
  readonly live?: boolean;
}

/** The picture as text. It depends on the document alone: the same project makes the same file. */
export async function renderPage(
  document: PageDocument,
  { format, live = false }: RenderPageOptions,
): Promise<string> {
  switch (format) {
    case 'html':
      return renderHtml(document, await layoutDiagram(document), { live });
    case 'svg':
      return renderSvg(document, await layoutDiagram(document), { interactive: false });
    case 'mermaid':
      return renderMermaid(document);
    case 'dbml':
      return renderDbml(document);
    case 'markdown':
      return renderSchemaMarkdown(document);
  }
}

/**
 * Writes the file in one step, so that nobody opens half of it.
 *
 * @throws KeelError FILE_NOT_WRITTEN
 */
export async function writePage(
  file: string,
  text: string,
  { home }: { readonly home: string },
): Promise<void> {
  const draft = `${file}.${process.pid}`;
  try {
    // With a .gitignore of its own.
    if (path.dirname(file) === home) prepareHome(home);
    else makeFolders(path.dirname(file));
    await writeFile(draft, text);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw new KeelError(`${file} could not be written: ${messageOf(error)}`, {
      code: 'FILE_NOT_WRITTEN',
      state: 'It is as it was.',
      cause: error,
    });
  }
}
