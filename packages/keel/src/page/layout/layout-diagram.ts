import type { ELK as ElkType, ElkExtendedEdge, ElkNode } from 'elkjs';
import type { PageDocument, PageLink, PageTable } from '../document/page-document';
import type { Box, DiagramLayout, Point, Route } from './diagram-layout';
import { measureCard, METRICS, rowMiddle, textWidth } from './measure-card';

/** Up to so many lines each gets its label in the picture, with room of its own. */
const LABELLED_LINKS = 60;

/** Above so many tables the quicker placement is used: the better one takes a minute for 300. */
const CAREFUL_TABLES = 40;

/** The width of a window for each pixel of its height. */
const WINDOW = 1.6;

/** A picture that is narrower, for its height, is a strip. */
const STRIP = 0.6;

const MARGIN = 24;

/**
 * Places the cards and lines. ELK's layered algorithm leads lines to the rows of their columns and round all cards,
 * and packs the parts that hang together; its result is the same on every run.
 *
 * @see https://eclipse.dev/elk/reference/algorithms/org-eclipse-elk-layered.html
 */
export async function layoutDiagram({ tables, links }: PageDocument): Promise<DiagramLayout> {
  const elk = newElk();
  const graph = (how: Arrangement): ElkNode => ({
    id: 'root',
    layoutOptions: optionsFor(how),
    children: tables.map((table) => toNode(table, links)),
    edges: links.map((link) => toEdge(link, links.length <= LABELLED_LINKS)),
  });
  const [first, ...others] = arrangementsFor(tables.length);
  let best = await elk.layout(graph(first));
  for (const other of others) {
    if (ratioOf(best) > STRIP) break;
    const next = await elk.layout(graph(other));
    if (sizeInWindow(next) < sizeInWindow(best)) best = next;
  }
  return toLayout(best, links);
}

function toLayout(root: ElkNode, links: readonly PageLink[]): DiagramLayout {
  const cards = new Map((root.children ?? []).map((node): [string, Box] => [node.id, boxOf(node)]));
  const routes = new Map<string, Route>();
  for (const [position, link] of links.entries()) {
    const edge = root.edges?.[position];
    if (edge !== undefined) routes.set(link.id, routeOf(link, edge));
  }
  return {
    width: Math.ceil((root.width ?? 0) + 2 * MARGIN),
    height: Math.ceil((root.height ?? 0) + 2 * MARGIN),
    cards,
    routes,
  };
}

/** How the tables are put into columns, and placed within them. */
interface Arrangement {
  readonly careful: boolean;
  /** About so many tables stand above each other; undefined where each stands right beside what it refers to. */
  readonly most?: number;
}

/**
 * What to try, in this order, until it is no strip. All that refers to one table stands in one column beside it, which
 * is easy to follow; but most of a big schema refers to a few tables, and makes one column of hundreds.
 */
function arrangementsFor(tables: number): readonly [Arrangement, ...Arrangement[]] {
  // With these shares the picture has about the shape of a window; few tables have labels between them.
  const most = (share: number): number => Math.max(3, Math.round(Math.sqrt(tables) * share));
  if (tables > CAREFUL_TABLES) return [{ careful: false, most: most(0.7) }];
  return [{ careful: true }, { careful: true, most: most(1.2) }];
}

function ratioOf({ width = 1, height = 1 }: ElkNode): number {
  return width / height;
}

/** The height of the window that it fits into. */
function sizeInWindow({ width = 1, height = 1 }: ElkNode): number {
  return Math.max(width / WINDOW, height);
}

function newElk(): ElkType {
  // The file that works without a worker: 1.6 MB, loaded where it is needed only.
  const { default: Elk } = require('elkjs/lib/elk.bundled.js') as {
    default: new () => ElkType;
  };
  return new Elk();
}

function optionsFor({ careful, most }: Arrangement): Record<string, string> {
  return {
    'elk.algorithm': 'layered',
    'elk.direction': 'RIGHT',
    'elk.edgeRouting': 'ORTHOGONAL',
    'elk.aspectRatio': `${WINDOW}`,
    'elk.randomSeed': '1',
    'elk.spacing.nodeNode': '28',
    'elk.spacing.componentComponent': '40',
    'elk.spacing.edgeNode': '14',
    'elk.spacing.edgeEdge': '8',
    'elk.layered.spacing.nodeNodeBetweenLayers': '70',
    'elk.layered.spacing.edgeNodeBetweenLayers': '30',
    'elk.layered.spacing.edgeEdgeBetweenLayers': '8',
    'elk.layered.nodePlacement.strategy': careful ? 'NETWORK_SIMPLEX' : 'SIMPLE',
    'elk.layered.layering.strategy': most === undefined ? 'NETWORK_SIMPLEX' : 'MIN_WIDTH',
    'elk.layered.layering.minWidth.upperBoundOnWidth': `${most ?? 0}`,
    'elk.edgeLabels.placement': 'CENTER',
  };
}

function toNode(table: PageTable, links: readonly PageLink[]): ElkNode {
  const size = measureCard(table);
  const ports = new Map<string, { side: string; y: number }>();
  for (const link of links) {
    for (const end of ['child', 'parent'] as const) {
      if (link[end] !== table.key) continue;
      ports.set(portOf(link, end), { side: sideOf(link, end), y: heightOf(link, end, table) });
    }
  }
  return {
    id: table.key,
    ...size,
    layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
    ports: [...ports].map(([id, { side, y }]) => ({
      id,
      x: side === 'EAST' ? size.width : 0,
      y,
      width: 0,
      height: 0,
      layoutOptions: { 'elk.port.side': side },
    })),
  };
}

function heightOf(link: PageLink, end: 'child' | 'parent', table: PageTable): number {
  return rowMiddle(table, (end === 'child' ? link.childColumns : link.parentColumns)[0]);
}

/** One for each column and side: lines that end at one column run together. */
function portOf(link: PageLink, end: 'child' | 'parent'): string {
  const columns = end === 'child' ? link.childColumns : link.parentColumns;
  return JSON.stringify([link[end], sideOf(link, end), columns[0]]);
}

/** The table that is referred to stands on the left; a table that refers to itself has both ends on the right. */
function sideOf({ child, parent, reversed }: PageLink, end: 'child' | 'parent'): 'EAST' | 'WEST' {
  if (child === parent) return 'EAST';
  return (end === 'parent') === reversed ? 'WEST' : 'EAST';
}

function toEdge(link: PageLink, labelled: boolean): ElkExtendedEdge {
  const [from, to] = ends(link);
  return {
    id: link.id,
    sources: [portOf(link, from)],
    targets: [portOf(link, to)],
    labels: labelled ? [{ id: `label ${link.id}`, text: link.kind, ...measureLabel(link) }] : [],
  };
}

function ends({ reversed }: PageLink): ['parent' | 'child', 'parent' | 'child'] {
  return reversed ? ['child', 'parent'] : ['parent', 'child'];
}

/** The lines of a link's label: its kind, what the models call it, what is wrong with it. */
export function labelLines({ labels, marks }: PageLink): string[] {
  return [...labels, ...marks.map((mark) => `⚠ ${mark}`)];
}

function measureLabel(link: PageLink): { width: number; height: number } {
  const lines = labelLines(link);
  const widest = Math.max(4, ...lines.map(textWidth));
  return {
    width: Math.ceil(widest * METRICS.character * 0.86 + 12),
    height: 20 + lines.length * 15,
  };
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x: round(x + MARGIN), y: round(y + MARGIN), width: round(width), height: round(height) };
}

function routeOf(link: PageLink, { sections, labels }: ElkExtendedEdge): Route {
  const [section] = sections ?? [];
  const all =
    section === undefined
      ? []
      : [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
  const points = all.map(({ x, y }): Point => ({ x: round(x + MARGIN), y: round(y + MARGIN) }));
  const [label] = labels ?? [];
  return {
    // ELK leads the line from left to right.
    points: link.reversed ? points : points.reverse(),
    label: label === undefined ? undefined : boxOf(label),
  };
}

/** Half pixels are sharp enough, and shorter. */
function round(value: number): number {
  return Math.round(value * 2) / 2;
}
