import { FakeClock } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import type { FrameChannel } from '../src/link/frame-channel.ts'
import { KeepAlive } from '../src/link/keep-alive.ts'
import { LinkFigures } from '../src/link/link-figures.ts'
import { PING } from '../src/protocol/frame-kinds.ts'
import { Timekeeper } from '../src/time/timekeeper.ts'
import { FakeScheduler } from './fake-pipe.ts'

const options = {
  heartbeatMs: 100,
  deadAfterMs: 500,
  stallAfterMs: 300,
  maxFramesPerSecond: 1_000,
  maxBytesPerSecond: Number.POSITIVE_INFINITY,
}

/** A watched link in the hands of the test: what its channel counts, and what became of it. */
function setUp() {
  const [clock, scheduler] = [new FakeClock(), new FakeScheduler()]
  const channel = {
    silentNs: 0,
    stalledNs: 0,
    isWriting: false,
    receivedBytes: 0,
    sentFrames: 0,
    writingBytes: 1_000,
    age(elapsedNs: number) {
      this.silentNs += elapsedNs
      if (this.isWriting) this.stalledNs += elapsedNs
    },
    control: (kind: number) => {
      if (kind === PING) pings++
    },
  }
  let pings = 0
  const ends: unknown[] = []
  const link = {
    channel: channel as unknown as FrameChannel,
    time: new Timekeeper(clock, scheduler),
    figures: new LinkFigures(),
    receivedFrames: 0,
    nuisance: () => undefined,
    fail: (reason: Error) => void ends.push((reason as { code?: unknown }).code),
    drop: (reason: Error) => void ends.push((reason as { code?: unknown }).code),
  }
  const keepAlive = new KeepAlive(link as unknown as ConstructorParameters<typeof KeepAlive>[0], options)
  keepAlive.start()
  const beat = (ms = options.heartbeatMs) => {
    clock.advance(ms)
    scheduler.run(1_000_000)
  }
  return { channel, link, beat, ends, pings: () => pings }
}

describe('a link that is watched', () => {
  it('pings at every beat, and breaks when nothing was heard for so long', () => {
    const { beat, ends, pings } = setUp()
    for (let i = 0; i < 4; i++) beat()
    expect([pings(), ends]).toEqual([5, []])
    beat()
    expect([pings(), ends]).toEqual([5, ['DX_PEER_SILENT']])
    beat()
    expect(ends).toEqual(['DX_PEER_SILENT'])
  })

  it('lives as long as anything is heard', () => {
    const { beat, ends, channel } = setUp()
    for (let i = 0; i < 50; i++) {
      if (i % 4 === 3) channel.silentNs = 0
      beat()
    }
    expect(ends).toEqual([])
  })

  it('does not blame the peer for the time in which this process stood still', () => {
    const { beat, ends } = setUp()
    beat(60_000)
    beat(60_000)
    expect(ends).toEqual([])
    beat()
    beat()
    expect(ends).toEqual(['DX_PEER_SILENT'])
  })

  it('breaks when one write takes too long, and not when many small ones do', () => {
    const { beat, ends, channel } = setUp()
    channel.isWriting = true
    for (let i = 0; i < 20; i++) {
      channel.silentNs = 0
      if (i % 2 === 1) channel.stalledNs = 0
      beat()
    }
    expect(ends).toEqual([])
    channel.stalledNs = 0
    for (let i = 0; i < 3; i++) {
      channel.silentNs = 0
      beat()
    }
    expect(ends).toEqual(['DX_PEER_STALLED'])
  })

  it('breaks when more comes than a second may have, however long the beat was', () => {
    const { beat, ends, channel, link } = setUp()
    link.receivedFrames += 100
    beat()
    link.receivedFrames += 1_000
    beat(1_000)
    channel.silentNs = 0
    expect(ends).toEqual([])
    link.receivedFrames += 101
    beat()
    expect(ends).toEqual(['DX_PEER_FLOOD'])
  })
})
