import { chmodSync, existsSync, lstatSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import type { LinkEvent, Transport } from '@disruptorx/contracts'
import { startProcess, temporaryDirectory } from '@disruptorx/testkit'
import { createTransport, webSocket } from '@disruptorx/transport'
import { unix } from '@disruptorx/transport/unix'
import { type WsOptions, ws } from '@disruptorx/transport/ws'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act()
})

function node(name: string, carrier: Parameters<typeof createTransport>[0]['carriers'][number], more = {}): Transport {
  const transport = createTransport({ node: name, cluster: 'test', carriers: [carrier], ...more })
  cleanUp.push(() => transport.close())
  return transport
}

describe('a Unix socket', () => {
  function place() {
    const directory = temporaryDirectory()
    cleanUp.push(() => directory[Symbol.dispose]())
    return directory.join('link.sock')
  }

  it('can be opened by its user alone, and is gone when nobody listens any more', async () => {
    const path = place()
    const listener = await node('b', unix()).listen(`unix:${path}`)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await node('a', unix()).dial(`unix:${path}`)).toBe('b')
    await listener.close()
    expect(existsSync(path)).toBe(false)
  })

  it('takes the place of what a dead process has left, and of nothing else', async () => {
    const path = place()
    const source = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    await startProcess({ command: process.execPath, args: ['-e', source] }).result
    expect(lstatSync(path).isSocket()).toBe(true)
    const b = node('b', unix())
    const listener = await b.listen(`unix:${path}`)
    const refused = { code: 'DX_LISTEN', message: expect.stringContaining('somebody listens there already') }
    await expect(node('c', unix()).listen(`unix:${path}`)).rejects.toMatchObject(refused)
    await listener.close()
    writeFileSync(path, 'precious')
    await expect(b.listen(`unix:${path}`)).rejects.toThrow('there is a file of that name which is no socket')
    expect(statSync(path).size).toBe(8)
  })

  it('is left alone when it closes and another process has put its own there', async () => {
    const path = place()
    const listener = await node('b', unix()).listen(`unix:${path}`)
    const { unlinkSync } = await import('node:fs')
    unlinkSync(path)
    const other = createServer()
    await new Promise<void>(resolve => other.listen(path, resolve))
    cleanUp.push(() => new Promise(resolve => other.close(resolve)))
    await listener.close()
    expect(existsSync(path)).toBe(true)
  })

  it('is refused where it cannot be, with the reason', async () => {
    const b = node('b', unix())
    for (const wrong of ['unix:relative.sock', 'unix:', 'unix:/', `unix:/${'x'.repeat(103)}`, 'unix:/tmp/a\0b'])
      await expect(b.listen(wrong)).rejects.toMatchObject({ code: 'DX_OPTION' })
    await expect(b.listen('unix:/no/such/directory/x.sock')).rejects.toMatchObject({ code: 'DX_LISTEN' })
    if (process.getuid?.() !== 0) {
      const path = place()
      chmodSync(path.replace('/link.sock', ''), 0o500)
      await expect(b.listen(`unix:${path}`)).rejects.toMatchObject({ code: 'DX_LISTEN' })
    }
  })
})

describe('a WebSocket listener', () => {
  async function listening(options: WsOptions = {}) {
    const events: LinkEvent[] = []
    const b = node('b', ws(options), { handshakeMs: 200 })
    b.onLink(event => void events.push(event))
    const { address } = await b.listen('ws://127.0.0.1:0/link')
    return { address, events }
  }

  /** What HTTP says to a WebSocket that is to be opened. */
  function opened(address: string, headers: Record<string, string> = {}): Promise<string> {
    const socket = new WebSocket(address, { headers })
    cleanUp.push(() => socket.terminate())
    return new Promise(resolve => {
      socket.on('open', () => resolve('open'))
      socket.on('error', error => resolve(error.message))
    })
  }

  it('keeps pages out that may not connect, though they are on this machine', async () => {
    const { address, events } = await listening({ origins: ['https://app.example.com'] })
    expect(await opened(address)).toBe('open')
    expect(await opened(address, { origin: 'https://app.example.com' })).toBe('open')
    expect(await opened(address, { origin: 'https://evil.example.com' })).toMatch(/403|hang up|ECONNRESET/)
    expect(await opened(address, { origin: 'null' })).toMatch(/403|hang up|ECONNRESET/)
    expect(events.map(event => (event as { reason?: Error }).reason?.message)).toEqual([
      'pages of https://evil.example.com may not connect (option origins)',
      'pages of null may not connect (option origins)',
    ])
  })

  it('answers nothing but a WebSocket at its path', async () => {
    const { address } = await listening()
    expect(await opened(address.replace('/link', '/other'))).toMatch(/404|hang up|ECONNRESET/)
    const status = await new Promise(resolve => get(address.replace('ws:', 'http:'), response => resolve(response.statusCode)))
    expect(status).toBe(426)
  })

  it('cuts off who sends texts, or messages without an end', async () => {
    for (const message of ['a text', new Uint8Array(2 ** 20 + 1)]) {
      const { address, events } = await listening()
      const socket = new WebSocket(address)
      socket.on('error', () => {})
      socket.on('open', () => socket.send(message))
      await new Promise(resolve => socket.on('close', resolve))
      while (events.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
      expect(events[0]).toMatchObject({ kind: 'refused', reason: { code: 'DX_LINK_LOST' } })
    }
  })

  it('is dialled only, in a browser', async () => {
    const page = node('page', webSocket())
    await expect(page.listen('ws://127.0.0.1:0')).rejects.toMatchObject({ code: 'DX_LISTEN' })
    await expect(page.dial('ws://example.com:80')).rejects.toMatchObject({ code: 'DX_INSECURE_ADDRESS' })
    await expect(page.dial('ws://')).rejects.toMatchObject({ code: 'DX_OPTION' })
  })
})
