import { isDisruptorError } from '@disruptorx/contracts'
import { openLog } from '@disruptorx/wal'

// Ends with a log open that it has written to until its disk hangs, or until that must have been enough.
const [dir = '', syncWorkerUrl] = process.argv.slice(2)
const url = syncWorkerUrl === undefined ? {} : { syncWorkerUrl: new URL(syncWorkerUrl) }
const log = await openLog(dir, { segmentBytes: 64 * 1024 ** 2, spareSegments: 0, ...url })
const record = new Uint8Array(100_000)
try {
  for (let i = 0; i < 200; i++) {
    for (let j = 0; j < 3; j++) log.append(record)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
  await log.durable(log.lastLsn)
  console.log('durable')
} catch (error) {
  if (!isDisruptorError(error, 'DX_LOG_FULL')) throw error
  console.log('full')
}
