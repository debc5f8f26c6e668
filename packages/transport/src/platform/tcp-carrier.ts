import { connect } from 'node:net'
import type { Carrier } from '@disruptorx/contracts'
import { InsecureAddressError, UnreachableError } from '../errors.ts'
import { isLoopbackHost, parseHostAddress } from './host-address.ts'
import { SocketPipe } from './socket-pipe.ts'
import { describeSystemError } from './system-errors.ts'
import { listenTcp } from './tcp-listener.ts'

/** Time for a connection to be made, in milliseconds. */
const CONNECT_MS = 10_000

/** Plain TCP, with addresses such as `tcp://127.0.0.1:7000`: port 0 listens at one that is free. Beyond this machine a secret is needed; see {@link tls}. */
export function tcp(): Carrier {
  return {
    scheme: 'tcp',
    listen: (address, terms, acceptor) =>
      listenTcp(address, terms, acceptor, {
        scheme: 'tcp',
        isAuthenticated: false,
        beginMs: CONNECT_MS,
        begin: visit => visit.accept(new SocketPipe(visit.socket, visit.remoteAddress)),
      }),
    dial(address, terms, opened, failed) {
      const { host, port } = parseHostAddress(address, 'tcp')
      if (!terms.hasSecret && !isLoopbackHost(host)) throw new InsecureAddressError(address, 'dial')
      const socket = connect({ host, port, noDelay: true, timeout: CONNECT_MS })
      const fail = (error: Error) => failed(new UnreachableError(address, describeSystemError(error), error))
      const tooLong = () => socket.destroy(new Error(`no answer within ${CONNECT_MS} ms`))
      socket.once('error', fail)
      socket.once('timeout', tooLong)
      socket.once('connect', () => {
        socket.off('error', fail)
        socket.off('timeout', tooLong)
        socket.setTimeout(0)
        opened(new SocketPipe(socket, socket.remoteAddress ?? host))
      })
      return () => {
        socket.removeAllListeners()
        socket.on('error', () => {})
        socket.destroy()
      }
    },
  }
}
