/**
 * TCP, plain or with TLS, for `@disruptorx/transport` on Node.
 *
 * @example
 * import { createTransport } from '@disruptorx/transport'
 * import { tcp } from '@disruptorx/transport/tcp'
 *
 * const transport = createTransport({ node: 'a', cluster: 'demo', carriers: [tcp()] })
 * const { address } = await transport.listen('tcp://127.0.0.1:0')
 * @packageDocumentation
 */
export { tcp } from './tcp-carrier.ts'
export { type TlsOptions, tls } from './tls-carrier.ts'
export { TlsCredentials, type TlsFiles, type TlsFilesOptions, type TlsMaterial } from './tls-credentials.ts'
