import { type AddressInfo, createServer, type Server } from 'node:net'
import { ClosedError, type PipeAcceptor, type PipeListener, type PipeTerms } from '@disruptorx/contracts'
import { InsecureAddressError, ListenError } from '../errors.ts'
import { formatHostAddress, isLoopbackIp, parseHostAddress, resolveHost } from './host-address.ts'
import { describeSystemError } from './system-errors.ts'
import { Visit } from './visit.ts'

/** How TCP connections are taken for a carrier. */
export interface TcpListenOptions {
  readonly scheme: string
  /** Whether strangers are kept out by what the carrier does itself. */
  readonly isAuthenticated: boolean
  /** Time for what comes before the first byte of a pipe, in milliseconds. */
  readonly beginMs: number
  /** A connection was let in. */
  begin(visit: Visit): void
}

/** Listens at a TCP address, and lets connections in. @throws {OptionError | InsecureAddressError | ListenError} */
export async function listenTcp(
  address: string,
  terms: PipeTerms,
  acceptor: PipeAcceptor,
  options: TcpListenOptions,
): Promise<PipeListener> {
  const { scheme, isAuthenticated, beginMs, begin } = options
  const parts = parseHostAddress(address, scheme)
  const host = await resolveHost(parts.host).catch(error => {
    throw new ListenError(address, describeSystemError(error), error)
  })
  if (!isAuthenticated && !terms.hasSecret && !isLoopbackIp(host)) throw new InsecureAddressError(address, 'listen')
  const visits = new Set<Visit>()
  const server = createServer({ noDelay: true }, socket => {
    const visit = Visit.begin(socket, acceptor, beginMs, visits)
    if (visit !== undefined) begin(visit)
  })
  await listening(server, address, { host, port: parts.port })
  const { port } = server.address() as AddressInfo
  const close = () => {
    for (const visit of [...visits]) visit.fail(new ClosedError('the listener'))
    return closed(server)
  }
  return { address: formatHostAddress(scheme, { ...parts, port }), close }
}

/** Resolves when a server listens. @throws {ListenError} */
export function listening(server: Server, address: string, where: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => reject(new ListenError(address, describeSystemError(error), error)))
    server.listen(where, () => {
      server.removeAllListeners('error')
      // A connection that cannot be taken, for want of files, say: the next one may be.
      server.on('error', () => {})
      resolve()
    })
  })
}

/** Resolves when a server takes no more connections. Pipes that there are stay, so it does not wait for them. */
export function closed(server: Server): Promise<void> {
  server.close()
  return Promise.resolve()
}
