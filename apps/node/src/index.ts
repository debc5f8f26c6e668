/**
 * The reference node of DisruptorX and its command `disruptorx`: a durable pipeline with a limit order book at its end.
 *
 * @example
 * import { run } from '@disruptorx/node'
 *
 * await run(['generate', 'orders.csv', '--seed', '7', '--lines', '20000'])
 * process.exitCode = await run(['replay', 'orders.csv'])
 * @packageDocumentation
 */
export type { CommandContext } from './cli/context.ts'
export { ExitCode } from './cli/exit-codes.ts'
export { Output } from './cli/output.ts'
export { run } from './cli/run.ts'
