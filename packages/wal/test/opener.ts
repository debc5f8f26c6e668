import { isDisruptorError } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { nodeFiles, openJournalStep } from '@disruptorx/wal'

// Opens a journal, and prints why that cannot be done.
const [dir = ''] = process.argv.slice(2)
try {
  runBlocking(runBlocking(openJournalStep(nodeFiles(), { dir, segmentBytes: 64 * 1024 })).close())
  console.log('opened')
} catch (error) {
  console.log(isDisruptorError(error) ? `${error.code}: ${error.message}` : String(error))
}
