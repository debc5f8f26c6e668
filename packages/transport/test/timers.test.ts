import { FakeClock, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { Timekeeper } from '../src/time/timekeeper.ts'
import { TimerQueue } from '../src/time/timer-queue.ts'
import { FakeScheduler } from './fake-pipe.ts'

describe('a queue of timers', () => {
  it('lets timers go off in the order of their moments, whatever is added and removed', () =>
    withSeed(
      'timers',
      random => {
        const queue = new TimerQueue()
        const fired: number[] = []
        const expected: number[] = []
        const timers = Array.from({ length: 200 }, () => {
          const dueNs = random.below(1_000)
          return queue.add(dueNs, () => void fired.push(dueNs))
        })
        for (const timer of timers) {
          if (random.chance(0.3)) queue.remove(timer)
          else expected.push(timer.dueNs)
        }
        for (const timer of timers.slice(0, 5)) {
          queue.remove(timer)
          queue.remove(timer)
        }
        const left = expected.filter(dueNs => dueNs <= 700)
        queue.fire(700)
        const most = left.length
        expect(fired.length).toBeLessThanOrEqual(most)
        expect(fired.length).toBeGreaterThanOrEqual(most - 5)
        expect(fired).toEqual([...fired].sort((a, b) => a - b))
        expect(queue.nextNs).toBeGreaterThan(700)
        queue.fire(1_000)
        expect([queue.size, queue.nextNs]).toEqual([0, Number.POSITIVE_INFINITY])
      },
      { count: 20 },
    ))

  it('ends a call though each timer sets another', () => {
    const queue = new TimerQueue()
    let calls = 0
    const again = () => {
      calls++
      queue.add(0, again)
    }
    again()
    queue.fire(10)
    expect([calls, queue.size]).toEqual([2, 1])
  })
})

describe('a timekeeper', () => {
  it('needs one timer of its scheduler, for the earliest of its own', () => {
    const [clock, scheduler] = [new FakeClock(), new FakeScheduler()]
    const time = new Timekeeper(clock, scheduler)
    const fired: string[] = []
    time.after(100, () => void fired.push('late'))
    time.after(10, () => void fired.push('early'))
    const never = time.after(5, () => void fired.push('never'))
    expect(scheduler.delays).toEqual([5])
    time.cancel(never)
    time.cancel(undefined)
    clock.advance(5)
    scheduler.run(5)
    expect([fired, scheduler.delays]).toEqual([[], [5]])
    clock.advance(5)
    scheduler.run(5)
    expect([fired, scheduler.delays]).toEqual([['early'], [90]])
    time.stop()
    expect(scheduler.delays).toEqual([])
    time.after(1, () => void fired.push('after the end'))
    expect(scheduler.delays).toEqual([])
  })

  it('goes on after a task that throws', () => {
    const [clock, scheduler] = [new FakeClock(), new FakeScheduler()]
    const time = new Timekeeper(clock, scheduler)
    let fired = 0
    time.after(1, () => {
      throw new Error('a fault')
    })
    time.after(2, () => fired++)
    clock.advance(1)
    expect(() => scheduler.run(1)).toThrow('a fault')
    expect(scheduler.delays).toEqual([1])
    clock.advance(1)
    scheduler.run(1)
    expect(fired).toBe(1)
  })

  it('does not believe a timer that goes off too early', () => {
    const [clock, scheduler] = [new FakeClock(), new FakeScheduler()]
    const time = new Timekeeper(clock, scheduler)
    let fired = 0
    time.after(10, () => fired++)
    clock.advance(9.5)
    scheduler.run(10)
    expect([fired, scheduler.delays]).toEqual([0, [1]])
    clock.advance(1)
    scheduler.run(1)
    expect([fired, scheduler.delays]).toEqual([1, []])
  })
})
