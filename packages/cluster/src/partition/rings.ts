import {
  ByteRing,
  type ByteRingHandle,
  type Consumer,
  type ConsumerHandle,
  ParkingLot,
  type ParkingLotHandle,
  StructRing,
  type StructRingHandle,
} from '@disruptorx/core'
import { type StructValue, struct } from '@disruptorx/layout'
import type { AnyApp } from '../app/define-app.ts'
import { activation, eventHeader, MAX_PAYLOAD_BYTES, padded } from '../entry/entry-format.ts'
import { AppError } from '../errors.ts'

/** Bytes before the event in a slot of the ingress ring: when it was published. */
export const SLOT_EVENT_OFFSET = 8

/** Bytes before the payload in a slot of the ingress ring. */
export const SLOT_PAYLOAD_OFFSET = SLOT_EVENT_OFFSET + eventHeader.size

/** What precedes an entry in the committed ring. Of this process alone: it never reaches a disk. */
export const committedHeader = struct({
  index: 'u53',
  term: 'u53',
  /** The ingress sequence of the entry's last event; -1 for an entry of an earlier run. */
  sequence: 'f64',
  /** When the entry's oldest event was published, in nanoseconds of the monotonic clock; 0 when that is not known. */
  publishedNs: 'f64',
})

/** What precedes a reply or an answer in the egress ring. `client` is 0 for an answer, whose `number` is the query's. */
export const egressHeader = struct({ client: 'u53', number: 'u53', index: 'u53', ordinal: 'u32', kind: 'u8' })

/** The kinds of record in the egress ring. */
export const egressKind = { reply: 0, duplicate: 1, expired: 2, gap: 3, tooLarge: 4, answer: 5, queryError: 6 } as const

/** What precedes a question in the query ring. */
export const queryHeader = struct({ number: 'u53' })

const COMMITTED_BYTES = 4 * 1024 * 1024
const EGRESS_BYTES = 2 * 1024 * 1024
const QUERY_BYTES = 256 * 1024

/** One slot of the ingress ring: an event as the log will hold it, after the time of its publishing. Its payload lies behind. */
const ingressSlot = struct({ publishedNs: 'f64', client: 'u53', number: 'u53', type: 'u16', flags: 'u16', length: 'u32' })

/** What an ingress slot holds before the payload. */
export type IngressSlot = StructValue<typeof ingressSlot.spec>

/** The rings of one partition, which its threads share. All sleep in one parking lot, so a thread can wait for any of them. */
export interface PartitionRings {
  readonly parkingLot: ParkingLot
  readonly ingress: StructRing<IngressSlot>
  /** The reading side of the ingress ring: the replica's. It is there before the first event, so none is missed. */
  readonly ingressConsumer: Consumer
  readonly committed: ByteRing
  readonly egress: ByteRing
  readonly query: ByteRing
}

/** {@link PartitionRings} as they cross a thread. */
export interface PartitionRingHandles {
  readonly parkingLot: ParkingLotHandle
  readonly ingress: StructRingHandle
  readonly ingressConsumer: ConsumerHandle
  readonly committed: ByteRingHandle
  readonly egress: ByteRingHandle
  readonly query: ByteRingHandle
}

/** Makes the rings for an application. @throws {AppError} when an event is too large */
export function createRings(app: AnyApp, ingressCapacity: number): PartitionRings {
  const parkingLot = ParkingLot.create()
  const slots = { layout: ingressSlot, slotBytes: slotBytes(app), capacity: ingressCapacity }
  const ingress = StructRing.create({ ...slots, producers: 'multi', parkingLot })
  return {
    parkingLot,
    ingress,
    ingressConsumer: ingress.addConsumer(),
    committed: ByteRing.create({ capacityBytes: COMMITTED_BYTES, parkingLot }),
    egress: ByteRing.create({ capacityBytes: EGRESS_BYTES, parkingLot }),
    query: ByteRing.create({ capacityBytes: QUERY_BYTES, parkingLot }),
  }
}

/** What crosses a thread to reach the same rings there. */
export function ringHandles(rings: PartitionRings): PartitionRingHandles {
  return {
    parkingLot: rings.parkingLot.handle,
    ingress: rings.ingress.handle,
    ingressConsumer: rings.ingressConsumer.handle,
    committed: rings.committed.handle,
    egress: rings.egress.handle,
    query: rings.query.handle,
  }
}

/** The same rings on another thread. @throws {AttachError} */
export function attachRings(handles: PartitionRingHandles): PartitionRings {
  const ingress = StructRing.attach(handles.ingress, ingressSlot)
  return {
    parkingLot: ParkingLot.attach(handles.parkingLot),
    ingress,
    ingressConsumer: ingress.attachConsumer(handles.ingressConsumer),
    committed: ByteRing.attach(handles.committed),
    egress: ByteRing.attach(handles.egress),
    query: ByteRing.attach(handles.query),
  }
}

/** A slot takes the largest event of the application. */
function slotBytes(app: AnyApp): number {
  let payload = activation.size
  for (const [name, { layout }] of Object.entries(app.events)) {
    if (layout.size > MAX_PAYLOAD_BYTES)
      throw new AppError(app.name, `event ${name} has ${layout.size} bytes; an event may have at most ${MAX_PAYLOAD_BYTES}`)
    payload = Math.max(payload, layout.size)
  }
  return SLOT_PAYLOAD_OFFSET + padded(payload)
}
