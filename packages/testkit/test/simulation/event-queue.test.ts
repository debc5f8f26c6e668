import { describe, expect, it } from 'vitest'
import { withSeed } from '../../src/seeds.ts'
import { EventQueue, SimulatedEvent } from '../../src/simulation/event-queue.ts'

const event = (atNs: number, sequence: number) => new SimulatedEvent(atNs, sequence, () => undefined, undefined)

function drain(queue: EventQueue): SimulatedEvent[] {
  const taken: SimulatedEvent[] = []
  for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
    queue.take(next)
    taken.push(next)
  }
  return taken
}

describe('the event queue', () => {
  it('gives events in the order of moment and sequence, whatever was cancelled and in whichever order they came', () =>
    withSeed(
      'event queue',
      random => {
        const queue = new EventQueue()
        const events = Array.from({ length: 2_000 }, (_, i) => event(random.below(100), i))
        for (const one of events) queue.push(one)
        const likelihood = random.float()
        for (const one of events) if (random.chance(likelihood)) queue.cancel(one)
        const living = events.filter(({ cancelled }) => !cancelled)
        expect(drain(queue)).toEqual(living.sort((a, b) => a.atNs - b.atNs || a.sequence - b.sequence))
        expect(queue.size).toBe(0)
      },
      { count: 10 },
    ))

  it('forgets cancelled events before their time comes, once there are many', () => {
    const queue = new EventQueue()
    const events = Array.from({ length: 1_000 }, (_, i) => event(i, i))
    for (const one of events) queue.push(one)
    for (const one of events.slice(1)) queue.cancel(one)
    expect(queue.size).toBeLessThan(600)
    expect(drain(queue)).toEqual([events[0]])
  })

  it('takes the cancelling of what happened, and a second one, for nothing', () => {
    const queue = new EventQueue()
    const [a, b] = [event(1, 1), event(2, 2)]
    queue.push(a)
    queue.push(b)
    queue.take(a)
    for (let i = 0; i < 1_000; i++) queue.cancel(a)
    expect(queue.peek()).toBe(b)
  })
})
