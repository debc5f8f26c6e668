import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { meaningOf, systemCode } from '../cli/describe-error.ts'
import { CommandError } from '../cli/errors.ts'
import { ExitCode } from '../cli/exit-codes.ts'

const LOOPBACK = '127.0.0.1'

/** What the HTTP side of a live node answers from. */
export interface StatusProvider {
  /** Whether the node runs and takes events in. */
  healthy(): boolean
  /** The status as it is now; undefined while the node is being opened. */
  status(): object | undefined
}

/** A running HTTP server on loopback. */
export interface StatusServer {
  /** `http://127.0.0.1:8080` */
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

/**
 * Answers `/healthz` (200 or 503) and `/status` (JSON) on 127.0.0.1. Port 0 takes any free port.
 *
 * @throws {CommandError} the port is in use or not allowed
 */
export async function serveStatus(port: number, provider: StatusProvider): Promise<StatusServer> {
  const server = createAdaptorServer({ fetch: routes(provider).fetch }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(portError(port, error)))
    server.listen(port, LOOPBACK, resolve)
  })
  const bound = (server.address() as AddressInfo).port
  return {
    address: `http://${LOOPBACK}:${bound}`,
    port: bound,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function routes(provider: StatusProvider): Hono {
  const app = new Hono()
  app.get('/healthz', context => {
    const healthy = provider.healthy()
    return context.json({ status: healthy ? 'ok' : 'unavailable' }, healthy ? 200 : 503)
  })
  app.get('/status', context => {
    const status = provider.status()
    return status === undefined ? context.json({ state: 'starting' }, 503) : context.json(status)
  })
  app.get('/', context => context.text('DisruptorX node\n\n/healthz  200 while it runs, 503 otherwise\n/status   its state as JSON\n'))
  app.notFound(context => context.json({ error: `nothing at ${context.req.path}; see /` }, 404))
  return app
}

function portError(port: number, error: unknown): CommandError {
  const code = systemCode(error)
  const why = code === undefined ? String(error) : meaningOf(code)
  const hint = code === 'EADDRINUSE' ? ' by another process; name a free one with --port, or 0 for any' : '; name another one with --port'
  return new CommandError(
    'DX_PORT',
    `port ${port} on ${LOOPBACK} is ${code === 'EADDRINUSE' ? why : `not usable: ${why}`}${hint}`,
    ExitCode.failed,
    { port },
  )
}
