/** Where everything of the picture is, in pixels from its top left corner. */
export interface DiagramLayout {
  readonly width: number;
  readonly height: number;
  /** By the table's key. */
  readonly cards: ReadonlyMap<string, Box>;
  /** By the link's id. */
  readonly routes: ReadonlyMap<string, Route>;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line from the referring table to the one referred to, with the place of its label where it has one. */
export interface Route {
  readonly points: readonly Point[];
  readonly label?: Box;
}
