import { connect, type Socket } from 'node:net'
import { RAW_END } from './sizes.ts'

const now = () => process.hrtime.bigint()

/** Connects a bare socket. */
export async function rawSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  return socket
}

/** Sends as many bytes back and forth, one after the other, and adds the round trips in microseconds. */
export function rawEcho(socket: Socket, bytes: number, count: number, into: number[]): Promise<void> {
  const message = new Uint8Array(bytes)
  return new Promise(resolve => {
    let startedNs = 0n
    let left = count
    let came = 0
    const ping = () => {
      startedNs = now()
      socket.write(message)
    }
    const listener = (chunk: Uint8Array) => {
      came += chunk.length
      if (came < bytes) return
      came = 0
      into.push(Number(now() - startedNs) / 1e3)
      if (--left > 0) return ping()
      socket.off('data', listener)
      resolve()
    }
    socket.on('data', listener)
    ping()
  })
}

/** Bytes in a second over a bare socket, written 64 KiB at a time, each write after the one before. */
export async function rawBytesPerSecond(socket: Socket, writes: number): Promise<number> {
  const chunk = new Uint8Array(65_536)
  const last = new Uint8Array(65_536)
  last[last.length - 1] = RAW_END
  const startedNs = now()
  const answered = new Promise<void>(resolve => socket.once('data', () => resolve()))
  await new Promise<void>(resolve => {
    let left = writes
    const next = () => {
      if (left-- === 0) socket.write(last, () => resolve())
      else socket.write(chunk, next)
    }
    next()
  })
  await answered
  return (((writes + 1) * chunk.length) / Number(now() - startedNs)) * 1e9
}
