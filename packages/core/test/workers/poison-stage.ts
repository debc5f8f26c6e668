import { parentPort, workerData } from 'node:worker_threads'
import {
  BatchProcessor,
  type ConsumerHandle,
  EventPoisonedError,
  PoisonSet,
  type PoisonSetHandle,
  runStep,
  StructRing,
  type StructRingHandle,
} from '@disruptorx/core'
import { ticket } from '../support.ts'

/** Whether the first stage poisons this ticket. */
export function isPoisoned(number: number): boolean {
  return number % 4096 < 2048 && (number % 7 === 3 || number % 50 < 4)
}

export interface PoisonStageData {
  readonly ring: StructRingHandle
  readonly consumer: ConsumerHandle
  readonly poisonSet: PoisonSetHandle
  readonly events: number
  /** Poisons what {@link isPoisoned} says, or only looks. */
  readonly poisons: boolean
}

/** Reads `events` tickets. Its message is how many it saw, how many of those were poisoned, and its processor's figures. */
if ((workerData as Partial<PoisonStageData> | null)?.poisonSet !== undefined) run(workerData as PoisonStageData)

function run(data: PoisonStageData): void {
  const ring = StructRing.attach(data.ring, ticket)
  const consumer = ring.attachConsumer(data.consumer)
  const parker = ring.parkingLot.parker()
  let seen = 0
  let bad = 0
  const processor = new BatchProcessor({
    ring,
    consumer,
    poisonSet: PoisonSet.attach(data.poisonSet),
    canAwait: false,
    handler: {
      onEvent(event) {
        seen++
        if (!isPoisoned(event.number)) return
        bad++
        if (data.poisons) throw new EventPoisonedError('it is tested')
      },
    },
  })
  runStep(processor, { parker, stopped: () => processor.stats.events === data.events })
  processor.close()
  parentPort?.postMessage({ seen, bad, stats: { ...processor.stats } })
}
