import { isDisruptorError } from '@disruptorx/contracts'
import { openLog } from '@disruptorx/wal'

// Ends with a log open that it has written much to: all of it, or, where the thread for syncs hangs, until the journal takes nothing more.
const [dir = '', hangingWorkerUrl] = process.argv.slice(2)
const hangs = hangingWorkerUrl !== undefined
const log = await openLog(dir, {
  segmentBytes: 64 * 1024 ** 2,
  spareSegments: 0,
  ...(hangs && { syncWorkerUrl: new URL(hangingWorkerUrl) }),
})
const record = new Uint8Array(100_000)

/** Appends a record, and waits for room before when the disk is slow. False when there will be none. */
async function append(): Promise<boolean> {
  for (;;) {
    try {
      log.append(record)
      return true
    } catch (error) {
      if (!isDisruptorError(error, 'DX_LOG_FULL')) throw error
      if (hangs) return false
      await log.room()
    }
  }
}

for (let i = 0; (hangs || i < 600) && (await append()); i++) {
  // A little more than a batch that another thread syncs gathers meanwhile.
  if (i % 3 === 2) await new Promise(resolve => setTimeout(resolve, 2))
}
if (!hangs) await log.durable(log.lastLsn)
console.log(hangs ? 'full' : 'durable')
