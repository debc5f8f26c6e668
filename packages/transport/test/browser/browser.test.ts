import { type Browser, bundle, launchBrowser } from '@disruptorx/browser'
import { createTransport } from '@disruptorx/transport'
import { ws } from '@disruptorx/transport/ws'
import { afterAll, beforeAll, expect, it } from 'vitest'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.[Symbol.asyncDispose]())

it('a page in Chromium is linked with a node by its WebSocket, with the secret of the cluster', async () => {
  const heard: string[] = []
  await using node = createTransport({
    node: 'server',
    cluster: 'browser',
    carriers: [ws({ origins: origin => origin.startsWith('http://127.0.0.1:') })],
    secret: 'sixteen bytes, or more',
  })
  node.onMessage((_, message) => void heard.push(new TextDecoder().decode(message.payload())))
  node.onRequest(({ peer }) => {
    node.send(peer, new TextEncoder().encode('hello'))
    return new TextEncoder().encode(`${heard.length} from ${heard[0]} to ${heard.at(-1)}`)
  })
  let streamed = 0
  node.onStream(async stream => {
    for await (const piece of stream) streamed += piece.length
  })
  const { address } = await node.listen('ws://127.0.0.1:0')
  const script = await bundle(new URL('pages/link.mjs', import.meta.url))
  const { reports, errors } = await browser.open({ files: { '/main.js': script, '/address.txt': address } })
  expect(errors).toEqual([])
  expect(reports[0]).toEqual({
    peer: 'server',
    answer: '1000 from 0 to 999',
    heard: ['server hello'],
    refused: 'DX_PEER_SECRET',
    reached: true,
  })
  expect(streamed).toBe(3_000_000)
})
