import { performance, type EventLoopUtilization } from 'node:perf_hooks';

/**
 * How long a file's own code works between two statements: the processor's time that it took, and the time in which it
 * waited for something that is not the database. A clock on the wall would also count the time that other processes took
 * from this one, and a busy machine would make slow code of every file.
 */
export class CodeClock {
  private startedAt = 0;
  private cpu: NodeJS.CpuUsage = process.cpuUsage();
  private loop: EventLoopUtilization = performance.eventLoopUtilization();

  constructor() {
    this.restart();
  }

  restart(): void {
    this.startedAt = performance.now();
    this.cpu = process.cpuUsage();
    this.loop = performance.eventLoopUtilization();
  }

  /** Milliseconds since the last restart. */
  get ms(): number {
    const { user, system } = process.cpuUsage(this.cpu);
    const { idle } = performance.eventLoopUtilization(this.loop);
    // Threads work side by side, so that the processor's time may be more than has gone by.
    return Math.min(performance.now() - this.startedAt, (user + system) / 1000 + idle);
  }
}
