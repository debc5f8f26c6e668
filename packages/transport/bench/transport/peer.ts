import { createServer } from 'node:net'
import { createTransport } from '@disruptorx/transport'
import { tcp } from '@disruptorx/transport/tcp'
import { unix } from '@disruptorx/transport/unix'
import { ws } from '@disruptorx/transport/ws'
import { ECHO, EVENT, RAW_END, WIRE_BYTES } from './sizes.ts'

/*
 * The other process: a node that counts events and echoes messages, and beside it a bare socket that does the same. Prints where they listen.
 */
const [socketPath = ''] = process.argv.slice(2)
const transport = createTransport({ node: 'peer', cluster: 'bench', carriers: [tcp(), unix(), ws()] })
let events = 0
let sum = 0
transport.onMessage((peer, message) => {
  if (message.type === EVENT) {
    events++
    // Looks at the event, as whoever deals with it would.
    sum += message.source[message.offset] as number
  } else if (message.type === ECHO) transport.send(peer, message.source, ECHO, message.offset, message.length)
})
transport.onRequest(() => {
  const answer = new Float64Array([events, sum])
  events = 0
  sum = 0
  return new Uint8Array(answer.buffer)
})

/** Echoes messages of as many bytes as ours have on the wire. */
const echo = createServer({ noDelay: true }, socket => socket.on('data', bytes => void socket.write(bytes)))
/** Takes bytes, and answers when the last of them has come. */
const sink = createServer({ noDelay: true }, socket =>
  socket.on('data', bytes => {
    if (bytes[bytes.length - 1] === RAW_END) socket.write(Uint8Array.of(RAW_END))
  }),
)

const listen = (server: typeof echo) =>
  new Promise<number>(resolve => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)))
const addresses = await Promise.all(
  ['tcp://127.0.0.1:0', `unix:${socketPath}`, 'ws://127.0.0.1:0'].map(address => transport.listen(address)),
)
const [tcpAddress, unixAddress, wsAddress] = addresses.map(({ address }) => address)
console.log(
  JSON.stringify({
    tcp: tcpAddress,
    unix: unixAddress,
    ws: wsAddress,
    echo: await listen(echo),
    sink: await listen(sink),
    wireBytes: WIRE_BYTES,
  }),
)
