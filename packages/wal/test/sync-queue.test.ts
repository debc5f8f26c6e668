import { afterEach, describe, expect, it, vi } from 'vitest'
import { NO_ANSWER, SyncQueue } from '../src/platform/sync-queue.ts'

/** The sides of both threads. */
function pair(): { readonly ours: SyncQueue; readonly theirs: SyncQueue } {
  const ours = new SyncQueue()
  return { ours, theirs: new SyncQueue(ours.memory) }
}

/** Does something right after this thread has looked at the shared words for the nth time. */
function afterLook(nth: number, act: () => void): void {
  const load = Atomics.load
  let looks = 0
  vi.spyOn(Atomics, 'load').mockImplementation(((words: Int32Array, index: number) => {
    const seen = load(words, index)
    if (++looks === nth) act()
    return seen
  }) as typeof Atomics.load)
}

afterEach(() => vi.restoreAllMocks())

describe('the queue between a journal and its sync thread', () => {
  it('takes a request when there is somebody who answers, and gives its answer once', () => {
    const { ours, theirs } = pair()
    expect(ours.ready).toBe(false)
    theirs.begin()
    expect(ours.ready).toBe(true)
    for (const [handle, offset, length, position, outcome, written] of [
      [7, 0, 0, 0, 0, 0],
      [9, 8192, 4096, 2 ** 40 + 4096, -5, 4096],
      [0, 2 ** 33, 2 ** 32 + 1, 1, 0, 2 ** 32],
    ] as const) {
      ours.submit(handle, offset, length, position)
      expect(ours.takeAnswer()).toBeUndefined()
      expect(ours.awaitAnswer(1)).toBe(false)
      expect(theirs.next()).toBe(handle)
      expect([theirs.offset, theirs.length, theirs.position]).toEqual([offset, length, position])
      theirs.answer(outcome, written)
      expect(ours.awaitAnswer(60_000)).toBe(true)
      expect(ours.takeAnswer()).toBe(outcome)
      expect(ours.written).toBe(written)
      expect(ours.takeAnswer()).toBeUndefined()
    }
  })

  it('has the thread answer what it was asked before it ends, and says that nobody answers then', () => {
    const { ours, theirs } = pair()
    theirs.begin()
    ours.submit(7, 0, 0, 0)
    ours.close()
    ours.close()
    expect(ours.ready).toBe(false)
    expect(theirs.next()).toBe(7)
    theirs.answer(0, 0)
    expect(theirs.next()).toBeUndefined()
    theirs.end()
    expect(ours.takeAnswer()).toBe(0)
    expect(ours.takeAnswer()).toBe(NO_ANSWER)
    ours.close()
    expect(theirs.next()).toBeUndefined()
  })

  it('ends a thread that was told to before it began', () => {
    const { ours, theirs } = pair()
    ours.close()
    theirs.begin()
    expect(ours.ready).toBe(false)
    expect(theirs.next()).toBeUndefined()
  })

  it.each([1, 2])('never takes the end of the thread for the want of an answer that it has given: after look %i', nth => {
    const { ours, theirs } = pair()
    theirs.begin()
    ours.submit(7, 0, 0, 0)
    ours.close()
    afterLook(nth, () => {
      theirs.answer(0, 0)
      theirs.end()
    })
    expect(ours.takeAnswer() ?? ours.takeAnswer()).toBe(0)
  })

  it.each([1, 2, 3])('does not sleep past an answer, nor past the death of the thread: after look %i', nth => {
    for (const act of ['answer', 'end'] as const) {
      const { ours, theirs } = pair()
      theirs.begin()
      ours.submit(7, 0, 0, 0)
      afterLook(nth, () => theirs[act](0, 0))
      expect(ours.awaitAnswer(1000)).toBe(true)
      vi.restoreAllMocks()
      expect(ours.takeAnswer()).toBe(act === 'answer' ? 0 : NO_ANSWER)
    }
  })
})
