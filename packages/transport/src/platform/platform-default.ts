export type { Mac } from '../handshake/proof.ts'
export { platformMac } from './mac-default.ts'
export { eventLoopScheduler as platformScheduler } from './scheduler-default.ts'
