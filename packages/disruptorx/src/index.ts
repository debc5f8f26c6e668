/**
 * DisruptorX in one install. The most used names are here; each package has a sub-path of its own: `disruptorx/core`, `disruptorx/cluster`, ...
 *
 * @example
 * import { createNode, defineApp, struct } from 'disruptorx'
 * @packageDocumentation
 */
export { createNode, defineApp } from '@disruptorx/cluster'
export { DisruptorError, isDisruptorError } from '@disruptorx/contracts'
export { struct } from '@disruptorx/layout'
