import { parentPort, workerData } from 'node:worker_threads'
import { type TrialData, tryDamage } from './trial.ts'

parentPort?.postMessage(tryDamage(workerData as TrialData))
