import { bytesReader, bytesWriter, shareBytes } from './bytes.ts'
import type { Case } from './cases.ts'
import { checksum } from './event.ts'
import { alone, type Part, percentile, type Reader, type Writer } from './part.ts'
import { rawMemory, rawReader, rawWriter } from './raw.ts'
import { nowNs } from './round.ts'
import { batchWriter, publisherWriter, shareRing, structReader } from './struct.ts'

/** Events written before they are read: less than half of a ring, so that nobody ever waits, and a multiple of every burst. */
const EVENTS = 1_920
const MOST_SAMPLES = 1_000_000

/** Writes and reads in turns on one thread, and times both: what the code costs when nothing has to cross to another core. */
function single(name: string, writer: Writer, reader: Reader): Part {
  const [writeNs, readNs] = [new Float64Array(MOST_SAMPLES), new Float64Array(MOST_SAMPLES)]
  const { tally } = reader
  const [write, read] = [alone(writer.write), alone(reader.read)]
  const due = checksum(EVENTS)
  return {
    play(round) {
      let taken = 0
      do {
        const startNs = nowNs()
        write(EVENTS)
        writer.flush?.()
        const writtenNs = nowNs()
        read(EVENTS)
        readNs[taken] = (nowNs() - writtenNs) / EVENTS
        writeNs[taken] = (writtenNs - startNs) / EVENTS
        if (tally.seen !== EVENTS || tally.sum !== due) throw new Error(`${name}: ${due} was written and ${tally.sum} read`)
        taken++
      } while (!round.over && taken < MOST_SAMPLES)
      const median = (samples: Float64Array) => percentile(samples.subarray(0, taken), 0.5)
      return { events: taken * EVENTS, figures: { [`${name}.writeNs`]: median(writeNs), [`${name}.readNs`]: median(readNs) } }
    },
  }
}

function solo<Shared>(name: string, share: () => Shared, writer: (shared: Shared) => Writer, reader: (shared: Shared) => Reader): Case {
  const part = (shared: unknown) => single(`slot.${name}`, writer(shared as Shared), reader(shared as Shared))
  return { name: `slot.${name}`, producers: 1, figures: 5, durationMs: 150, share: () => [share()], parts: [part] }
}

const list: readonly Case[] = [
  ...[1, 10, 32].map(burst => solo(`raw.burst${burst}`, rawMemory, memory => rawWriter(memory, burst), rawReader)),
  ...[1, 10, 32].map(batch => solo(`batch${batch}`, shareRing, ring => batchWriter(ring, batch), structReader)),
  solo('publisher', shareRing, ring => publisherWriter(ring), structReader),
  solo(
    'publisher.pastUint32',
    () => shareRing({ initialSequence: 2 ** 33 }),
    ring => publisherWriter(ring),
    structReader,
  ),
  solo(
    'publisher.multi',
    () => shareRing({ producers: 'multi' }),
    ring => publisherWriter(ring),
    structReader,
  ),
  solo('bytes64', shareBytes, bytesWriter, bytesReader),
]

/** Cases of one thread, by name. */
export const soloCases: ReadonlyMap<string, Case> = new Map(list.map(one => [one.name, one]))
