import { BatchProcessor, type ConsumerHandle, type Producer, type ReadonlyView, runStep, runStepAsync, StructRing } from '@disruptorx/core'
import { createWaitStrategy, type WaitStrategyHandle } from '@disruptorx/wait-strategies'
import { type Event, event } from './event.ts'
import { type Part, percentile } from './part.ts'
import { nowNs, type Round } from './round.ts'
import { type SharedRing, shareRing } from './struct.ts'

/** An event each microsecond: a burst of 32 is full after 32 of them. */
const PACE_NS = 1_000
const MOST_SAMPLES = 1_000_000

/** Publishes at an even pace, each event with the time of its claim. */
export function pacedPublisher({ ring }: SharedRing): Part {
  const publisher = StructRing.attach(ring, event).publisher()
  const claim = () => {
    for (;;) {
      const view = publisher.claim()
      if (view !== undefined) return view
    }
  }
  const produce = (events: number, startNs: number) => {
    for (let i = 0; i < events; i++) {
      const dueNs = startNs + i * PACE_NS
      let claimedNs = nowNs()
      while (claimedNs < dueNs) claimedNs = nowNs()
      const view = claim()
      view.id = claimedNs
      view.price = view.size = view.symbol = view.side = 0
    }
  }
  return {
    play(round) {
      let chunks = 0
      for (let startNs = nowNs(); round.announce(chunks); startNs += round.chunk * PACE_NS, chunks++) produce(round.chunk, startNs)
      while (!publisher.flush());
      return { events: chunks * round.chunk }
    },
    close: () => publisher.close(),
  }
}

/** Compares the time at which it sees an event with the time of its claim. */
export function visibleConsumer({ ring: handle, consumers }: SharedRing): Part {
  const ring = StructRing.attach(handle, event)
  const consumer = ring.attachConsumer(consumers[0] as ConsumerHandle)
  const samples = new Float64Array(MOST_SAMPLES)
  const consume = (from: number, events: number) => {
    let seen = from
    while (seen < events) {
      const first = consumer.next
      const last = consumer.available()
      if (last < first) continue
      const seenNs = nowNs()
      for (let sequence = first; sequence <= last; sequence++) samples[seen++] = seenNs - ring.get(sequence).id
      consumer.advance(last)
    }
    return seen
  }
  return {
    play(round) {
      let seen = 0
      for (let limit = round.limit(0); seen < limit; limit = round.limit(seen)) seen = consume(seen, limit)
      const taken = samples.subarray(0, seen)
      const figures = { 'publisher.visibleP50Ns': percentile(taken, 0.5), 'publisher.visibleP99Ns': percentile(taken, 0.99) }
      return { events: seen, figures }
    },
  }
}

/** The rings there and back. */
export interface SharedRings {
  readonly there: SharedRing
  readonly back: SharedRing
}

/** Two rings, each with one consumer. */
export function shareRings(): SharedRings {
  return { there: shareRing(), back: shareRing() }
}

/** How both ends of a ping-pong wait: a strategy, or their event loops. */
export type PingPongWait = WaitStrategyHandle | { readonly kind: 'async' }

/** `id` of the event that ends a round. */
const LAST = 0

/** A processor on one ring whose handler publishes to another: one end of a ping-pong. */
class End {
  readonly producer: Producer
  readonly #out: StructRing<Event>
  readonly #run: (stopped: () => boolean) => Promise<void> | void
  done = false

  constructor(to: SharedRing, from: SharedRing, waits: PingPongWait, onEvent: (view: ReadonlyView<Event>) => void) {
    const ring = StructRing.attach(from.ring, event)
    const consumer = ring.attachConsumer(from.consumers[0] as ConsumerHandle)
    const step = new BatchProcessor({ ring, consumer, handler: { onEvent } })
    const parker = ring.parkingLot.parker()
    this.#out = StructRing.attach(to.ring, event)
    this.producer = this.#out.producer()
    if (waits.kind === 'async') this.#run = stopped => runStepAsync(step, { parker, stopped })
    else {
      const strategy = createWaitStrategy(waits)
      this.#run = stopped => runStep(step, { parker, strategy, stopped })
    }
  }

  send(id: number): void {
    const sequence = this.producer.tryNext(1)
    const view = this.#out.get(sequence)
    view.id = id
    view.price = view.size = view.symbol = view.side = 0
    this.producer.publish(sequence, sequence)
  }

  run(): Promise<void> | void {
    this.done = false
    return this.#run(() => this.done)
  }
}

/** Sends one event and waits for it to come back, again and again. */
export function ping({ there, back }: SharedRings, waits: PingPongWait): Part {
  const samples = new Float64Array(MOST_SAMPLES)
  let taken = 0
  let sentNs = 0
  let current: Round | undefined
  const end = new End(there, back, waits, () => {
    const backNs = nowNs()
    if (taken < MOST_SAMPLES) samples[taken++] = backNs - sentNs
    end.done = current?.over !== false
    sentNs = nowNs()
    end.send(end.done ? LAST : taken)
  })
  const played = () => {
    const figures = { [`pingpong.${waits.kind}P50Ns`]: percentile(samples.subarray(0, taken), 0.5) }
    return { events: taken, figures }
  }
  return {
    async: waits.kind === 'async',
    play(round) {
      taken = 0
      current = round
      sentNs = nowNs()
      end.send(1)
      const running = end.run()
      return running instanceof Promise ? running.then(played) : played()
    },
    close: () => end.producer.close(),
  }
}

/** Sends back what comes. */
export function pong({ there, back }: SharedRings, waits: PingPongWait): Part {
  let events = 0
  const end = new End(back, there, waits, ({ id }) => {
    events++
    if (id === LAST) end.done = true
    else end.send(id)
  })
  return {
    async: waits.kind === 'async',
    play() {
      const running = end.run()
      return running instanceof Promise ? running.then(() => ({ events })) : { events }
    },
    close: () => end.producer.close(),
  }
}
