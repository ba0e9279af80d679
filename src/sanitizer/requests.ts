/**
 * Flush requests of the host's hypervisor: raised for a processor and a context, they must be served
 * while that context is loaded, and before its guest is entered again.
 */

export interface FlushRequest {
  readonly id: number;
  readonly cpu: number;
  /** What is to be flushed, in words. */
  readonly name: string;
  /** The context for which it was raised; undefined when any will do. */
  readonly context: string | undefined;
}

const PENDING_MAX = 4096;

export class Requests {
  private readonly pending = new Map<number, FlushRequest>();
  private nextId = 1;

  /** @throws RangeError when 4,096 requests are waiting. */
  raise(cpu: number, name: string, context: string | undefined): number {
    if (this.pending.size >= PENDING_MAX) throw new RangeError("too many flush requests wait");
    const id = this.nextId++;
    this.pending.set(id, { id, cpu, name, context });
    return id;
  }

  /** Ends a request; a message when it was served where it can have no effect. */
  serve(id: number, cpu: number, context: string | undefined): string | undefined {
    const request = this.pending.get(id);
    if (!request) return undefined;
    this.pending.delete(id);
    if (request.cpu !== cpu) {
      return `request "${request.name}" for CPU ${request.cpu} was served on CPU ${cpu}`;
    }
    if (request.context === undefined || request.context === context) return undefined;
    const { name } = request;
    return `request "${name}" of context ${request.context} was served in context ${context}`;
  }

  /** The guest of `context` is entered on `cpu`: messages for what should have been served. */
  enter(cpu: number, context: string): string[] {
    const lost: string[] = [];
    for (const request of [...this.pending.values()]) {
      if (request.cpu !== cpu) continue;
      if (request.context !== undefined && request.context !== context) continue;
      this.pending.delete(request.id);
      lost.push(`request "${request.name}" was not served before the guest was entered`);
    }
    return lost;
  }
}
