import { type Frame, FrameDecoder, FrameWriter } from '@disruptorx/serializer'
import { FakeClock } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import type { ChannelHost, ChannelUser } from '../src/link/channel-contract.ts'
import { FrameChannel } from '../src/link/frame-channel.ts'
import { FakePipe } from './fake-pipe.ts'

const limits = { maxFrameBytes: 10_000, maxBatchBytes: 80_000, maxFrames: 1_000 }

/** A channel over a pipe in the hands of the test. */
function setUp() {
  const clock = new FakeClock()
  const pipe = new FakePipe()
  const listed: FrameChannel[] = []
  const told: string[] = []
  const frames: string[] = []
  const host: ChannelHost = {
    nowNs: () => clock.monotonicNs(),
    flushLater: channel => void listed.push(channel),
    ending: () => void told.push('ending'),
    gone: () => void told.push('gone'),
  }
  const user: ChannelUser = {
    frame: frame => void frames.push(`${frame.flags}:${frame.type}:${frame.length}`),
    filling: () => undefined,
    drained: () => void told.push('drained'),
    closed: reason =>
      void told.push(`closed ${reason === undefined ? 'by agreement' : ((reason as { code?: string }).code ?? reason.message)}`),
  }
  const options = { ...limits, queueBytes: 20_000, flushBytes: 4_096, flushAfterUs: 200, compressors: [], clock }
  const channel = new FrameChannel(pipe, host, options, user)
  const endTurn = () => {
    for (const one of listed.splice(0)) {
      one.isListed = false
      one.flush()
    }
  }
  const send = (length: number, type = 1) => channel.append(0, type, new Uint8Array(length), 0, length, undefined)
  return { clock, pipe, channel, listed, told, frames, endTurn, send, user }
}

function framesOf(bytes: Uint8Array): string[] {
  const frames: string[] = []
  new FrameDecoder((frame: Frame) => void frames.push(`${frame.type}:${frame.length}`)).push(bytes)
  return frames
}

describe('a channel of frames', () => {
  it('gathers what a turn sends into one write', () => {
    const { pipe, send, endTurn, listed } = setUp()
    for (const length of [1, 2, 3]) send(length, length)
    expect([pipe.writes.length, listed.length]).toEqual([0, 1])
    endTurn()
    expect(framesOf(pipe.take())).toEqual(['1:1', '2:2', '3:3'])
    expect(pipe.writes).toEqual([])
  })

  it('gathers what is sent during a write into the next one', () => {
    const { pipe, send, endTurn } = setUp()
    send(1)
    endTurn()
    send(2)
    endTurn()
    send(3)
    expect(framesOf(pipe.take())).toEqual(['1:1'])
    expect(framesOf(pipe.take())).toEqual(['1:2', '1:3'])
  })

  it('writes before the end of the turn what is large enough', () => {
    const { pipe, send } = setUp()
    send(4_000)
    expect(pipe.writes.length).toBe(0)
    send(100)
    expect(framesOf(pipe.take())).toEqual(['1:4000', '1:100'])
  })

  it('writes before the end of the turn what has waited long enough', () => {
    const { pipe, send, clock } = setUp()
    for (let i = 0; i < 40; i++) send(1)
    expect(pipe.writes.length).toBe(0)
    clock.advance(0.3)
    for (let i = 0; i < 32; i++) send(1)
    expect(framesOf(pipe.take()).length).toBeGreaterThan(40)
  })

  it('answers at once what has come, without waiting for the turn to end', () => {
    const { pipe, send, user } = setUp()
    user.frame = () => void send(5)
    const writer = new FrameWriter()
    writer.append(0, 0, Uint8Array.of(1))
    pipe.user?.received(writer.take())
    expect(framesOf(pipe.take())).toEqual(['1:5'])
  })

  it('takes what its queue holds, and no more, but always frames of the protocol', () => {
    const { pipe, channel, send, endTurn, told } = setUp()
    send(1)
    endTurn()
    let taken = 0
    while (send(1_000)) taken++
    expect(taken).toBe(19)
    expect(channel.appendParts(1, 0, new Uint8Array(8), new Uint8Array(1_000))).toBe(false)
    channel.control(32, new Uint8Array(16))
    pipe.take()
    expect(framesOf(pipe.take())).toHaveLength(20)
    expect([told, channel.mostQueuedBytes > 19_000]).toEqual([['drained', 'drained'], true])
    send(1)
    endTurn()
    while (send(1_000));
    for (let i = 0; i < 20_000; i++) channel.control(32, new Uint8Array(16))
    expect(told.slice(2)).toEqual(['closed DX_QUEUE_FULL', 'gone'])
    expect(pipe.state).toBe('destroyed')
  })

  it('ends after everything that was appended, and hears nothing more', () => {
    const { pipe, channel, send, told, frames } = setUp()
    send(1)
    channel.end()
    send(2)
    expect(pipe.state).toBe('open')
    expect(framesOf(pipe.take())).toEqual(['1:1'])
    expect(framesOf(pipe.take())).toEqual(['1:2'])
    expect(pipe.state).toBe('ended')
    const writer = new FrameWriter()
    writer.append(0, 0, Uint8Array.of(1))
    pipe.user?.received(writer.take())
    pipe.user?.closed(undefined)
    expect([told, frames]).toEqual([['ending', 'closed by agreement', 'gone'], []])
  })

  it('breaks, once, by what its pipe, its bytes or its user are', () => {
    const [reset, silent, garbage, thrower] = [setUp(), setUp(), setUp(), setUp()]
    reset.pipe.user?.closed(new Error('ECONNRESET'))
    reset.pipe.user?.closed(undefined)
    expect(reset.told).toEqual(['closed DX_LINK_LOST', 'gone'])
    silent.pipe.user?.closed(undefined)
    expect(silent.told).toEqual(['closed DX_LINK_LOST', 'gone'])
    garbage.pipe.user?.received(new Uint8Array(100))
    garbage.pipe.user?.received(new Uint8Array(100))
    expect([garbage.told, garbage.pipe.state]).toEqual([['closed DX_FRAME_DATA', 'gone'], 'destroyed'])
    thrower.user.frame = () => {
      throw new Error('a fault')
    }
    const writer = new FrameWriter()
    writer.append(0, 0, Uint8Array.of(1))
    thrower.pipe.user?.received(writer.take())
    expect(thrower.told).toEqual(['closed a fault', 'gone'])
  })

  it('counts silence only while it reads, and a stall only while it writes', () => {
    const { pipe, channel, send, endTurn } = setUp()
    channel.age(5)
    expect([channel.silentNs, channel.stalledNs]).toEqual([5, 0])
    channel.pause()
    channel.age(5)
    expect(channel.silentNs).toBe(0)
    channel.resume()
    send(1)
    endTurn()
    channel.age(7)
    expect([channel.silentNs, channel.stalledNs]).toEqual([7, 7])
    pipe.take()
    send(1)
    endTurn()
    expect(channel.stalledNs).toBe(0)
  })
})
