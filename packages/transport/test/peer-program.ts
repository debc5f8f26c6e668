import { createTransport } from '@disruptorx/transport'
import { tcp } from '@disruptorx/transport/tcp'
import { unix } from '@disruptorx/transport/unix'
import { ws } from '@disruptorx/transport/ws'

/*
 * A node in a process of its own, named `peer`: listens at an address, answers requests, and sends numbered messages to whoever is linked with it. Prints what
 * happens to links.
 */
const [address = ''] = process.argv.slice(2)
const transport = createTransport({
  node: 'peer',
  cluster: 'processes',
  carriers: [tcp(), unix(), ws()],
  heartbeatMs: 50,
  deadAfterMs: 500,
  queueBytes: 1_048_584,
})
transport.onRequest(({ body }) => body)
transport.onLink(event => {
  if (event.kind === 'up') console.log(`up ${event.peer.node}`)
  else if (event.kind === 'down')
    console.log(`down ${event.peer.node} ${(event.reason as { code?: string } | undefined)?.code ?? 'by agreement'}`)
})
const listener = await transport.listen(address)
console.log(`listening ${listener.address}`)

const message = new Uint8Array(64)
const view = new DataView(message.buffer)
/** Messages sent on the link that there is, by its number. */
let link = 0
let sent = 0
setInterval(() => {
  const [peer] = transport.peers()
  if (peer === undefined) return
  if (peer.link !== link) {
    link = peer.link
    sent = 0
  }
  for (let i = 0; i < 200; i++) {
    view.setUint32(0, sent)
    if (!transport.send(peer.node, message)) return
    sent++
  }
}, 1)
process.on('SIGTERM', () => void transport.close().then(() => process.exit(0)))
