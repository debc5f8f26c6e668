/**
 * WebSocket for `@disruptorx/transport` on Node: listens for browsers and nodes, and dials.
 *
 * @example
 * import { createTransport } from '@disruptorx/transport'
 * import { ws } from '@disruptorx/transport/ws'
 *
 * const transport = createTransport({ node: 'a', cluster: 'demo', carriers: [ws()] })
 * await transport.listen('ws://127.0.0.1:8080/link')
 * @packageDocumentation
 */
export { type WsOptions, ws } from './ws-carrier.ts'
