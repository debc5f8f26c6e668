/**
 * Worker threads for `@disruptorx/core`. Node only.
 *
 * @packageDocumentation
 */
export { runStep } from './steps/run-step.ts'
