import { fileURLToPath } from 'node:url'
import type { LinkEvent, Transport } from '@disruptorx/contracts'
import { type RunningProcess, startProcess, temporaryDirectory } from '@disruptorx/testkit'
import { createTransport } from '@disruptorx/transport'
import { tcp } from '@disruptorx/transport/tcp'
import { unix } from '@disruptorx/transport/unix'
import { ws } from '@disruptorx/transport/ws'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from './ports.ts'

const program = fileURLToPath(new URL('./peer-program.ts', import.meta.url))
const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act()
})

async function startPeer(address: string): Promise<RunningProcess> {
  const peer = startProcess({ command: process.execPath, args: [program, address] })
  cleanUp.push(() => peer[Symbol.asyncDispose]())
  await peer.waitForLine(line => line.startsWith('listening'))
  return peer
}

/** This process's node: it holds that the messages of each link are numbered from 0, without gaps. */
class Watcher {
  readonly transport: Transport
  readonly events: LinkEvent[] = []
  readonly gaps: string[] = []
  /** Messages of the link that there is. */
  received = 0
  #wake = () => {}

  constructor() {
    this.transport = createTransport({
      node: 'watcher',
      cluster: 'processes',
      carriers: [tcp(), unix(), ws()],
      heartbeatMs: 50,
      deadAfterMs: 500,
      reconnect: { minDelayMs: 10, maxDelayMs: 100 },
    })
    cleanUp.push(() => this.transport.close())
    this.transport.onLink(event => {
      this.events.push(event)
      if (event.kind === 'up') this.received = 0
      this.#wake()
    })
    this.transport.onMessage((_, { source, offset, length }) => {
      const number = new DataView(source.buffer, source.byteOffset + offset, length).getUint32(0)
      if (number !== this.received) this.gaps.push(`${number} instead of ${this.received}`)
      this.received++
      this.#wake()
    })
  }

  /** Codes of the reasons for which links ended. */
  get endings(): unknown[] {
    return this.events.flatMap(event => (event.kind === 'down' ? [(event.reason as { code?: unknown } | undefined)?.code] : []))
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition())
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
  }
}

const carriers = [
  ['TCP', async () => `tcp://127.0.0.1:${await freePort()}`],
  [
    'Unix sockets',
    async () => {
      const directory = temporaryDirectory()
      cleanUp.push(() => directory[Symbol.dispose]())
      return `unix:${directory.join('peer.sock')}`
    },
  ],
  ['WebSocket', async () => `ws://127.0.0.1:${await freePort()}`],
] as const

describe.each(carriers)('two processes over %s', (_, makeAddress) => {
  it('are linked again after the peer was killed with -9, each time without a gap', { timeout: 20_000 }, async () => {
    const address = await makeAddress()
    let peer = await startPeer(address)
    const watcher = new Watcher()
    await watcher.transport.dial(address)
    for (let link = 1; link <= 3; link++) {
      await watcher.until(() => watcher.transport.peers()[0]?.link === link && watcher.received > 2_000)
      peer.kill('SIGKILL')
      await watcher.until(() => watcher.endings.length === link)
      if (link < 3) peer = await startPeer(address)
    }
    expect(watcher.gaps).toEqual([])
    expect(watcher.endings).toEqual(['DX_LINK_LOST', 'DX_LINK_LOST', 'DX_LINK_LOST'])
  })
})

describe('two processes', () => {
  it('notice a peer that stands still, and are linked again when it goes on', { timeout: 20_000 }, async () => {
    const address = `tcp://127.0.0.1:${await freePort()}`
    const peer = await startPeer(address)
    const watcher = new Watcher()
    await watcher.transport.dial(address)
    await watcher.until(() => watcher.received > 100)
    // Its socket stays open, and the system takes bytes for it: only its silence tells.
    peer.kill('SIGSTOP')
    await watcher.until(() => watcher.endings.length === 1)
    expect(watcher.endings).toEqual(['DX_PEER_SILENT'])
    peer.kill('SIGCONT')
    await watcher.until(() => watcher.transport.peers()[0]?.link === 2 && watcher.received > 100)
    expect(watcher.gaps).toEqual([])
    expect((await watcher.transport.request('peer', Uint8Array.of(1, 2, 3))).length).toBe(3)
    await peer.waitForLine(line => line.startsWith('down watcher'))
  })

  it('end their link by agreement when one of them closes', { timeout: 20_000 }, async () => {
    const address = `tcp://127.0.0.1:${await freePort()}`
    const peer = await startPeer(address)
    const watcher = new Watcher()
    await watcher.transport.dial(address)
    await watcher.until(() => watcher.received > 100)
    peer.kill('SIGTERM')
    await watcher.until(() => watcher.endings.length === 1)
    expect([watcher.endings, watcher.gaps]).toEqual([[undefined], []])
    expect((await peer.result).stdout).toContain('down watcher by agreement')
    const again = await startPeer(address)
    await watcher.until(() => watcher.transport.peers()[0]?.link === 2)
    await watcher.transport.close()
    await again.waitForLine(line => line === 'down watcher by agreement')
  })
})
