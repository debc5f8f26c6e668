import type { DiskDamage, FaultKind, SeededRandom, SimulatedDisk, SimulatedNode } from '@disruptorx/testkit'
import { segmentPath } from './damage-book.ts'
import type { Layout } from './layout.ts'
import { HEADER_BYTES } from './written-batch.ts'

/** Of a segment's header, its fixed part and the state of a few logs. */
const SEGMENT_HEADER_BYTES = 512
/** Of a footer, its fixed part and the last runs of its index. */
const FOOTER_BYTES = 200

/** Most bits of a disk are not worth much: this one turns over bits of headers and footers, which say what all the others mean. */
export function aimedRot({ disk }: SimulatedNode, layout: Layout, weight: number): FaultKind {
  return {
    name: 'aimedRot',
    weight,
    durationMs: 0,
    begin: random => {
      const aim = aimAt(disk, layout, random)
      const damage = aim && disk.rot(aim)
      return damage && (() => undefined)
    },
  }
}

/** A place in the header of a batch that is proven to be durable, or in the header, or the footer, of its segment. */
function aimAt(disk: SimulatedDisk, layout: Layout, random: SeededRandom): DiskDamage | undefined {
  const proven = layout.provenBatches.slice(-20)
  if (proven.length === 0) return undefined
  const { segment, offset } = random.pick(proven)
  const path = segmentPath(segment)
  const part = random.pick(['batch', 'batch', 'batch', 'segment', 'newest segment', 'footer'] as const)
  if (part === 'batch') return { path, position: offset + random.below(HEADER_BYTES) }
  if (part === 'segment') return { path, position: random.below(SEGMENT_HEADER_BYTES) }
  if (part === 'newest segment') return { path: segmentPath(layout.newestSegment), position: random.below(SEGMENT_HEADER_BYTES) }
  const size = disk.content(path)?.length ?? 0
  return size === 0 ? undefined : { path, position: size - 1 - random.below(FOOTER_BYTES) }
}
