import type { DiskFaultRates } from '../disk/disk-faults.ts'
import type { SimulatedNode } from '../node/simulated-node.ts'
import { drawFrom, type Range } from '../simulation/range.ts'
import { kind, nothingToEnd, type Weights } from './fault-kind.ts'
import type { FaultKind } from './nemesis.ts'

/** What disks suffer. */
export interface DiskFaultOptions {
  /** @default stall 2, full 1, failing 2, rot 1, spoil 1 */
  readonly weights?: Weights<'stall' | 'full' | 'failing' | 'rot' | 'spoil'>
  /** How long each lasts that ends, in milliseconds. @default { least: 100, most: 10_000 } */
  readonly lastsMs?: Range
  /** Rates while the kind `failing` lasts. @default { readErrors: 0.05, writeErrors: 0.05, syncErrors: 0.05, slowSyncs: 0.2, shortWrites: 0.2 } */
  readonly failing?: Partial<DiskFaultRates>
}

/**
 * Disks that answer nothing for a while, are full, fail for a while, or are damaged for good where their atlas allows it (`rot` turns a bit over, `spoil` makes
 * a sector unreadable).
 */
export function diskFaults(nodes: readonly SimulatedNode[], options: DiskFaultOptions = {}): FaultKind[] {
  const { weights = {} } = options
  const failing = options.failing ?? { readErrors: 0.05, writeErrors: 0.05, syncErrors: 0.05, slowSyncs: 0.2, shortWrites: 0.2 }
  const { lastsMs = { least: 100, most: 10_000 } } = options
  return [
    kind('stall', weights.stall ?? 2, 0, random => {
      random.pick(nodes).disk.stall(drawFrom(lastsMs, random))
      return nothingToEnd
    }),
    kind('full', weights.full ?? 1, lastsMs, random => {
      const { disk } = random.pick(nodes)
      disk.setCapacity(disk.bytes + random.below(4_096))
      return () => disk.resetCapacity()
    }),
    kind('failing', weights.failing ?? 2, lastsMs, random => random.pick(nodes).disk.faults.worsen(failing)),
    kind('rot', weights.rot ?? 1, 0, random => random.pick(nodes).disk.rot() && nothingToEnd),
    kind('spoil', weights.spoil ?? 1, 0, random => random.pick(nodes).disk.spoil() && nothingToEnd),
  ]
}
