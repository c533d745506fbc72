import { EventEmitter, once } from 'node:events';

/** Rung by anybody; whoever waits for it wakes once, also for what rang before. */
export class Bell {
  private rung = false;
  private readonly emitter = new EventEmitter();

  ring(): void {
    this.rung = true;
    this.emitter.emit('ring');
  }

  /** Comes back when it rings, or at the signal. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.rung && !signal.aborted)
      await once(this.emitter, 'ring', { signal }).catch(() => undefined);
    this.rung = false;
  }
}
