import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { Inflights } from '../src/progress/inflights.ts'
import { Progress } from '../src/progress/progress.ts'

describe('the window of messages in flight', () => {
  it('counts as a list would', () =>
    withSeed(
      'inflights',
      random => {
        const [maxMessages, maxBytes] = [random.between(1, 20), random.pick([50, 500, Number.POSITIVE_INFINITY])]
        const window = new Inflights(maxMessages, maxBytes)
        let list: { index: number; bytes: number }[] = []
        let index = 0
        for (let i = 0; i < 200; i++) {
          const sum = list.reduce((total, { bytes }) => total + bytes, 0)
          expect([window.count, window.bytes, window.isFull()]).toEqual([list.length, sum, list.length >= maxMessages || sum >= maxBytes])
          if (random.chance(0.02)) {
            window.reset()
            list = []
          } else if (!window.isFull() && random.chance(0.6)) {
            index += random.between(1, 3)
            const bytes = random.below(40)
            window.add(index, bytes)
            list.push({ index, bytes })
          } else {
            const upTo = random.between(Math.max(0, index - 20), index + 2)
            window.freeUpTo(upTo)
            list = list.filter(one => one.index > upTo)
          }
        }
      },
      { count: 50 },
    ))

  it('is full at its limits, and free again up to what is acknowledged', () => {
    const window = new Inflights(3, 100)
    window.add(5, 60)
    expect(window.isFull()).toBe(false)
    window.add(7, 40)
    expect([window.count, window.bytes, window.isFull()]).toEqual([2, 100, true])
    window.freeUpTo(4)
    expect([window.count, window.bytes, window.isFull()]).toEqual([2, 100, true])
    window.freeUpTo(5)
    expect([window.count, window.bytes, window.isFull()]).toEqual([1, 40, false])
    window.add(8, 0)
    window.add(9, 0)
    expect([window.count, window.bytes, window.isFull()]).toEqual([3, 40, true])
    window.reset()
    expect([window.count, window.bytes, window.isFull()]).toEqual([0, 0, false])
  })

  it('keeps its order when it grows in the middle of its ring', () => {
    const window = new Inflights(100, 1_000)
    for (const index of [1, 2, 3, 4]) window.add(index, index)
    window.freeUpTo(2)
    for (const index of [5, 6, 7, 8, 9, 10, 11]) window.add(index, index)
    for (let index = 2; index <= 11; index++) {
      window.freeUpTo(index)
      expect([window.count, window.bytes]).toEqual([11 - index, 66 - (index * (index + 1)) / 2])
    }
  })
})

describe('progress', () => {
  const make = () => new Progress(2, 11, 2, Number.POSITIVE_INFINITY)

  it('keeps match below next, whatever is said of it', () =>
    withSeed(
      'progress',
      random => {
        const progress = make()
        let match = 0
        for (let i = 0; i < 300; i++) {
          const index = random.below(40)
          switch (random.below(7)) {
            case 0:
              progress.becomeProbe()
              break
            case 1:
              progress.becomeReplicate()
              break
            case 2:
              progress.becomeSnapshot(Math.max(index, progress.match))
              break
            case 3:
              progress.maybeUpdate(index)
              break
            case 4:
              progress.maybeDecrTo(index, random.below(40))
              break
            default:
              if (!progress.isPaused() && !progress.inflights.isFull()) progress.sentAppend(random.below(3), 1, index)
          }
          expect(progress.match).toBeGreaterThanOrEqual(match)
          expect(progress.next).toBeGreaterThan(progress.match)
          match = progress.match
        }
      },
      { count: 100 },
    ))

  it('moves next with what is sent ahead, and not with a probe', () => {
    const progress = make()
    progress.sentAppend(3, 30, 5)
    expect([progress.next, progress.isPaused()]).toEqual([11, true])
    progress.maybeUpdate(13)
    progress.becomeReplicate()
    progress.sentAppend(3, 30, 5)
    expect([progress.next, progress.inflights.bytes, progress.isPaused()]).toEqual([17, 30, false])
    progress.sentAppend(1, 10, 5)
    expect([progress.next, progress.isPaused()]).toEqual([18, true])
  })

  it('probes behind a snapshot that was sent, and from the match when it was not', () => {
    const progress = make()
    progress.maybeUpdate(3)
    progress.becomeSnapshot(20)
    progress.becomeProbe()
    expect(progress.next).toBe(21)
    progress.becomeSnapshot(20)
    progress.pendingSnapshot = 0
    progress.becomeProbe()
    expect(progress.next).toBe(4)
  })

  it('knows when the commit index is news: when it can move what the follower was sent', () => {
    const progress = make()
    progress.maybeUpdate(10)
    progress.becomeReplicate()
    progress.sentAppend(2, 2, 5)
    expect([progress.canBumpCommit(5), progress.canBumpCommit(6), progress.canBumpCommit(12)]).toEqual([false, true, true])
    progress.sentAppend(0, 0, 12)
    expect(progress.canBumpCommit(13)).toBe(false)
    progress.maybeDecrTo(11, 0)
    expect(progress.canBumpCommit(13)).toBe(false)
    progress.sentHeartbeat(7)
    expect(progress.canBumpCommit(13)).toBe(true)
  })

  it('lowers next to the hint, never to the match, and only for the last probe', () => {
    const progress = make()
    progress.maybeUpdate(4)
    expect(progress.maybeDecrTo(9, 3)).toBe(false)
    expect(progress.maybeDecrTo(10, 7)).toBe(true)
    expect(progress.next).toBe(8)
    expect(progress.maybeDecrTo(7, 1)).toBe(true)
    expect(progress.next).toBe(5)
  })

  it('starts afresh with a new term: nothing of what was known or sent is left', () => {
    const progress = make()
    progress.becomeReplicate()
    progress.sentAppend(1, 5, 0)
    progress.maybeUpdate(6)
    progress.ackedRound = 4
    progress.knownCommit = 5
    progress.becomeSnapshot(20)
    progress.sentHeartbeat(5)
    progress.markInactive()
    progress.markInactive()
    progress.recentActive = true
    progress.msgAppFlowPaused = true
    progress.restart(9)
    expect(progress).toMatchObject({
      match: 0,
      next: 9,
      state: 'probe',
      pendingSnapshot: 0,
      recentActive: false,
      ackedRound: 0,
      knownCommit: 0,
    })
    expect([progress.isPaused(), progress.inflights.count, progress.canBumpCommit(5)]).toEqual([false, 0, true])
    // Nobody has been silent yet.
    expect([progress.isAlive, make().isAlive]).toEqual([true, true])
  })

  it('is silent only when two looks in a row have found nothing', () => {
    const progress = make()
    progress.restart(9)
    progress.recentActive = true
    progress.markInactive()
    expect([progress.recentActive, progress.isAlive]).toEqual([false, true])
    progress.markInactive()
    expect(progress.isAlive).toBe(false)
  })

  it('sends ahead from the match on, wherever probing was', () => {
    const progress = make()
    progress.becomeSnapshot(20)
    expect([progress.next, progress.pendingSnapshot, progress.isPaused()]).toEqual([21, 20, true])
    progress.becomeProbe()
    progress.maybeUpdate(10)
    progress.becomeReplicate()
    expect(progress).toMatchObject({ match: 10, next: 11, pendingSnapshot: 0 })
  })

  it('waits for a snapshot, also when a heartbeat is answered meanwhile', () => {
    const progress = make()
    progress.becomeSnapshot(20)
    progress.msgAppFlowPaused = false
    expect(progress.isPaused()).toBe(true)
  })

  it('does not wait for an answer to a message without entries', () => {
    const progress = make()
    progress.sentAppend(0, 0, 5)
    expect(progress.isPaused()).toBe(false)
  })

  it('says that what is known is no news', () => {
    const progress = make()
    expect([progress.maybeUpdate(5), progress.maybeUpdate(5), progress.maybeUpdate(4), progress.match]).toEqual([true, false, false, 5])
  })

  it('never goes forward with a refusal, however high the hint', () => {
    const progress = make()
    expect(progress.maybeDecrTo(10, 30)).toBe(true)
    expect(progress.next).toBe(10)
  })

  it('goes back to the match when what was sent ahead is refused', () => {
    const progress = make()
    progress.maybeUpdate(10)
    progress.becomeReplicate()
    progress.sentAppend(5, 5, 8)
    expect([progress.maybeDecrTo(10, 3), progress.next]).toEqual([false, 16])
    expect([progress.maybeDecrTo(11, 3), progress.next]).toEqual([true, 11])
  })

  it('takes a commit index that was sent with lost messages for unknown', () => {
    const lose: readonly ((progress: Progress) => unknown)[] = [
      progress => progress.becomeProbe(),
      progress => progress.maybeDecrTo(15, 10),
    ]
    for (const lost of lose) {
      const progress = make()
      progress.maybeUpdate(10)
      progress.becomeReplicate()
      progress.sentAppend(5, 5, 14)
      expect(progress.canBumpCommit(14)).toBe(false)
      lost(progress)
      progress.maybeUpdate(15)
      expect(progress.canBumpCommit(14)).toBe(true)
    }
  })

  it('takes what a snapshot covers for known', () => {
    const progress = make()
    progress.becomeSnapshot(20)
    expect(progress.canBumpCommit(20)).toBe(false)
  })
})
