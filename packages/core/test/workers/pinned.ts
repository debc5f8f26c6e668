import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { affinity, pin } from '../../src/platform/affinity.ts'

/** Pins itself, and tells what it was given and what the kernel says of this thread and of the whole process. */
const kernel = (path: string) => /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync(path, 'utf8'))?.[1]
const before = kernel('/proc/thread-self/status')
const cores = pin(workerData as number | number[])
const told = affinity()
parentPort?.postMessage({ before, cores, told, thread: kernel('/proc/thread-self/status'), process: kernel(`/proc/${process.pid}/status`) })
