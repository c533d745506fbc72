import type { PageDocument } from '../document/page-document';
import type { DiagramLayout } from '../layout/diagram-layout';
import { drawCard } from './draw-card';
import { drawLink } from './draw-link';
import { escapeMarkup } from './escape-markup';
import { renderPalette } from './palette';
import { readAsset } from './read-asset';

export interface SvgOptions {
  /** True inside the page, which brings the styles and the script. */
  readonly interactive: boolean;
}

/** The diagram. By itself it is a whole file, with its styles, light and dark. */
export function renderSvg(
  document: PageDocument,
  layout: DiagramLayout,
  { interactive }: SvgOptions,
): string {
  const { tables, links, schemas, title } = document;
  const { width, height, cards, routes } = layout;
  const says = escapeMarkup(`Tables and associations of ${title}`);
  const lines = links.map((link, index) => {
    const route = routes.get(link.id);
    return route === undefined ? '' : drawLink(link, route, { index, interactive });
  });
  const boxes = tables.map((table, index) => {
    const box = cards.get(table.key);
    if (box === undefined) return '';
    const count = links.filter(
      ({ child, parent }) => child === table.key || parent === table.key,
    ).length;
    const colour = schemas.indexOf(table.schema);
    return drawCard(table, box, { index, colour, links: count, interactive });
  });
  const opening = interactive
    ? `<svg id="diagram" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" tabindex="0" role="group" aria-label="${says}" data-width="${width}" data-height="${height}">`
    : `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${says}">`;
  return [
    opening,
    ...(interactive
      ? ['<g id="world">']
      : [
          `<title>${says}</title>`,
          `<style>${renderPalette({ chosen: false })}\n${readAsset('diagram.css')}</style>`,
          `<rect class="ground" width="${width}" height="${height}"/>`,
        ]),
    `<g id="links">\n${lines.join('\n')}\n</g>`,
    `<g id="cards">\n${boxes.join('\n')}\n</g>`,
    ...(interactive ? ['</g>'] : []),
    '</svg>\n',
  ].join('\n');
}
