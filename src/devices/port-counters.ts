/** Counts of reads and writes per port, kept only for the blocks of ports that are used. */

const BLOCK_PORTS = 256;
const BLOCKS = 0x10000 / BLOCK_PORTS;

export class PortCounters {
  /** Per port two counts: reads, writes. Doubles, so that no run can wrap them. */
  private readonly blocks: (Float64Array | undefined)[] = new Array(BLOCKS).fill(undefined);

  countRead(port: number): void {
    this.block(port)[(port % BLOCK_PORTS) * 2]++;
  }

  countWrite(port: number): void {
    this.block(port)[(port % BLOCK_PORTS) * 2 + 1]++;
  }

  list(): { port: number; reads: number; writes: number }[] {
    const result = [];
    for (let index = 0; index < BLOCKS; index++) {
      const counts = this.blocks[index];
      if (counts === undefined) continue;
      for (let offset = 0; offset < BLOCK_PORTS; offset++) {
        const reads = counts[offset * 2];
        const writes = counts[offset * 2 + 1];
        if (reads + writes > 0) result.push({ port: index * BLOCK_PORTS + offset, reads, writes });
      }
    }
    return result;
  }

  clear(): void {
    this.blocks.fill(undefined);
  }

  private block(port: number): Float64Array {
    const index = (port & 0xffff) >> 8;
    let block = this.blocks[index];
    if (block === undefined) {
      block = new Float64Array(BLOCK_PORTS * 2);
      this.blocks[index] = block;
    }
    return block;
  }
}
