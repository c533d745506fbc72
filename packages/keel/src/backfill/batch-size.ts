/** What one batch told of itself. */
export interface BatchCost {
  readonly rows: number;
  readonly durationMs: number;
  /** Whether another session waited for its locks. */
  readonly waitedFor: boolean;
}

const FIRST = 1000;
const LEAST = 100;
const MOST = 20_000;

/** How long the locks of a batch may last: so long a writer waits at the worst, in milliseconds. */
const TARGET_MS = 150;

/** How many rows the next batch has: as many as keep its locks short. A number that was asked for stays. */
export class BatchSize {
  rows: number;

  constructor(private readonly asked: number | undefined) {
    this.rows = asked ?? FIRST;
  }

  /** Learns from a batch that went well. */
  learn({ rows, durationMs, waitedFor }: BatchCost): void {
    if (this.asked !== undefined || rows < this.rows) return;
    const factor = waitedFor ? 0.5 : TARGET_MS / Math.max(durationMs, 1);
    this.scale(Math.min(2, Math.max(0.5, factor)));
  }

  /** Learns that a batch waited too long for a lock: fewer rows meet fewer locks. */
  shrink(): void {
    if (this.asked === undefined) this.scale(0.5);
  }

  private scale(factor: number): void {
    this.rows = Math.round(Math.min(MOST, Math.max(LEAST, this.rows * factor)));
  }
}
