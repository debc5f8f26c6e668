export type { Mac } from '../handshake/proof.ts'
export { platformMac } from './mac-node.ts'
export { eventLoopScheduler as platformScheduler } from './scheduler-node.ts'
