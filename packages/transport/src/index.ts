/**
 * Links between nodes: in memory, WebSocket, TCP and Unix sockets behind one contract
 *
 * @example
 * import { greeting } from '@disruptorx/transport'
 *
 * console.log(greeting('ring'))
 * @packageDocumentation
 */
export { greeting } from './greeting.ts'
