/**
 * Links between nodes: messages, requests and streams over TCP, Unix sockets, WebSocket or memory, behind one contract.
 *
 * @example
 * import { createTransport, MemoryNetwork } from '@disruptorx/transport'
 *
 * const network = new MemoryNetwork()
 * const a = createTransport({ node: 'a', cluster: 'demo', carriers: [network.carrier()] })
 * const b = createTransport({ node: 'b', cluster: 'demo', carriers: [network.carrier()] })
 * b.onMessage((peer, message) => console.log(peer, new TextDecoder().decode(message.payload())))
 * await b.listen('memory://b')
 * await a.dial('memory://b')
 * a.send('b', new TextEncoder().encode('hello'))
 * @packageDocumentation
 */
export {
  CertificateError,
  type CertificateProblem,
  InsecureAddressError,
  LinkBrokenError,
  LinkGapError,
  LinkReplacedError,
  ListenError,
  ListenerFailedError,
  MessageSizeError,
  NotConnectedError,
  PeerFloodError,
  PeerLimitError,
  PeerProtocolError,
  PeerSilentError,
  PeerStalledError,
  QueueFullError,
  RemoteError,
  RequestFailedError,
  StreamStoppedError,
  UnreachableError,
} from './errors.ts'
export { PeerRefusedError, type RefusalKind } from './handshake/refusal.ts'
export { MemoryNetwork, type MemoryNetworkOptions } from './memory/memory-network.ts'
export { observeTransport, type TransportObserver } from './observe.ts'
export type { TransportOptions } from './options.ts'
export type { AdmissionOptions } from './peers/admission.ts'
export type { BackOffOptions } from './peers/back-off.ts'
export { webSocket } from './platform/web-socket.ts'
export { createTransport } from './transport.ts'
