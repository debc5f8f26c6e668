import { createTransport, webSocket } from '@disruptorx/transport'

const bytes = text => new TextEncoder().encode(text)
const text = of => new TextDecoder().decode(of)

const transport = createTransport({ node: 'page', cluster: 'browser', carriers: [webSocket()], secret: 'sixteen bytes, or more' })
const heard = []
transport.onMessage((peer, message) => heard.push(`${peer} ${text(message.payload())}`))
const address = await (await fetch('/address.txt')).text()
const peer = await transport.dial(address)
for (let i = 0; i < 1000; i++) while (!transport.send(peer, bytes(`${i}`))) await transport.ready(peer)
const answer = text(await transport.request(peer, bytes('what came?')))
const stream = transport.openStream(peer, bytes('bulk'))
await stream.write(new Uint8Array(3_000_000).fill(7))
await stream.end()
const refused = await createTransport({ node: 'other', cluster: 'browser', carriers: [webSocket()], secret: 'another secret, long enough' })
  .dial(address)
  .catch(error => error.code)
const result = { peer, answer, heard, refused, reached: transport.linkStats(peer).sent.bytes > 3_000_000 }
await transport.close()
report(result)
