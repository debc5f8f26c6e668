/**
 * Unix domain sockets for `@disruptorx/transport` on Node.
 *
 * @example
 * import { createTransport } from '@disruptorx/transport'
 * import { unix } from '@disruptorx/transport/unix'
 *
 * const transport = createTransport({ node: 'a', cluster: 'demo', carriers: [unix()] })
 * await transport.listen('unix:/run/demo/a.sock')
 * @packageDocumentation
 */
export { unix } from './unix-carrier.ts'
