import type { Pipe } from '@disruptorx/contracts'
import { webSocket } from '@disruptorx/transport'
import { afterEach, describe, expect, it, vi } from 'vitest'

/** A browser's WebSocket, of which the test is the other end. */
class FakeWebSocket {
  static readonly OPEN = 1
  static made: FakeWebSocket | undefined
  readonly readyState = FakeWebSocket.OPEN
  readonly bufferedAmount = 0
  isClosed = false
  onopen = () => {}
  onmessage: (event: { data: unknown }) => void = () => {}

  constructor() {
    FakeWebSocket.made = this
  }

  send(): void {}

  close(): void {
    this.isClosed = true
  }

  /** Bytes come in a message of their own. */
  come(...bytes: number[]): void {
    this.onmessage?.({ data: Uint8Array.from(bytes).buffer })
  }
}

afterEach(() => void vi.unstubAllGlobals())

function dialed(received: (bytes: Uint8Array, pipe: Pipe) => void): { socket: FakeWebSocket; pipe: Pipe; errors: unknown[] } {
  vi.stubGlobal('WebSocket', FakeWebSocket)
  const errors: unknown[] = []
  let made: Pipe | undefined
  webSocket().dial(
    'ws://127.0.0.1:1/',
    { hasSecret: false },
    pipe => {
      made = pipe
    },
    error => void errors.push(error),
  )
  const socket = FakeWebSocket.made as FakeWebSocket
  socket.onopen()
  const pipe = made as Pipe
  pipe.open({ received: bytes => received(bytes, pipe), written: () => {}, closed: error => void errors.push(error) })
  return { socket, pipe, errors }
}

describe("a browser's WebSocket that is paused", () => {
  it('keeps what comes, in order, and hands over no more than is wanted', () => {
    const got: number[] = []
    const { socket, pipe } = dialed((bytes, pipe) => {
      got.push(...bytes)
      if (bytes[0] === 2) pipe.pause()
    })
    pipe.pause()
    for (let i = 1; i <= 4; i++) socket.come(i)
    expect(got).toEqual([])
    pipe.resume()
    expect(got).toEqual([1, 2])
    socket.come(5)
    expect(got).toEqual([1, 2])
    pipe.resume()
    expect(got).toEqual([1, 2, 3, 4, 5])
    socket.come(6)
    expect(got).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('breaks when too much comes, be it in many messages of a byte', () => {
    const { socket, pipe, errors } = dialed(() => {})
    pipe.pause()
    let messages = 0
    while (!socket.isClosed && messages < 100_000) {
      socket.come(1)
      messages++
    }
    expect(messages).toBeLessThan(100_000)
    expect(errors).toHaveLength(1)
  })
})
