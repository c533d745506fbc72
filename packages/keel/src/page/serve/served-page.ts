/** What a server shows. */
export interface Served {
  readonly html: string;
  /** Changes with what the page shows: an open page that has another one loads itself anew. */
  readonly version: string;
  /** Why the project's newest state could not be drawn; undefined where `html` is up to date. */
  readonly failure?: string;
}

/** What open pages are told. */
export interface Announcement {
  readonly version: string;
  readonly failure?: string;
}

/** The page as it is now, and those who want to hear of the next one. */
export class ServedPage {
  private readonly listeners = new Set<(told: Announcement) => void>();

  private served: Served = { html: '', version: '' };

  get html(): string {
    return this.served.html;
  }

  get announcement(): Announcement {
    const { version, failure } = this.served;
    return { version, failure };
  }

  show(served: Served): void {
    this.served = served;
    for (const listener of this.listeners) listener(this.announcement);
  }

  /** @returns ends it */
  listen(listener: (told: Announcement) => void): () => void {
    this.listeners.add(listener);
    listener(this.announcement);
    return () => void this.listeners.delete(listener);
  }
}
