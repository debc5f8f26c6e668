/**
 * The Raft consensus core: a pure state machine, without clock, random source or I/O
 *
 * @example
 * import { greeting } from '@disruptorx/raft'
 *
 * console.log(greeting('ring'))
 * @packageDocumentation
 */
export { greeting } from './greeting.ts'
