import { parentPort, workerData } from 'node:worker_threads'
import { errorToData } from '@disruptorx/contracts/internal'
import { runStep } from '@disruptorx/core'
import { SqliteChannel } from '../sqlite/channel.ts'
import { databaseError } from '../sqlite/errors.ts'
import { LogDatabase } from '../sqlite/log-database.ts'
import type { ResolvedSqliteOptions } from '../sqlite/options.ts'
import { prepareDatabase } from '../sqlite/schema.ts'
import { SqliteStep, type Tell } from '../sqlite/sqlite-step.ts'
import type { SqliteThreadData } from '../sqlite/thread-messages.ts'
import { makeDirectory, syncDirectory } from './sqlite-directory.ts'
import { loadSqlite } from './sqlite-load.ts'

const tell: Tell = (message, memory = []) => parentPort?.postMessage(message, [...memory])

function open({ dir, path, verify }: ResolvedSqliteOptions): LogDatabase {
  const Database = loadSqlite()
  makeDirectory(dir)
  const database = new Database(path, { timeout: 0 })
  try {
    prepareDatabase(database, path)
    syncDirectory(dir)
    const logs = new LogDatabase(database, path)
    if (verify === 'all') logs.verify()
    else logs.verifyEnds()
    return logs
  } catch (error) {
    database.close()
    throw error
  }
}

// The body of a SQLite journal's thread: opens, runs until told to stop, does what was still asked, closes.
function body({ channel: handle, options }: SqliteThreadData): void {
  const channel = SqliteChannel.attach(handle)
  const logs = open(options)
  let isWell = false
  try {
    const step = new SqliteStep(logs, channel, options, tell)
    tell({ kind: 'opened', lastLsn: channel.durableLsn.get(), logs: logs.images() })
    const parker = channel.parkingLot.parker()
    try {
      runStep(step, { parker, stopped: () => channel.stop.raised })
      step.drain()
    } catch (error) {
      tell({ kind: 'stopped', operation: 'a commit', error: errorToData(databaseError(options.path, error)) })
      return
    } finally {
      parker.close()
    }
    isWell = true
  } finally {
    logs.close(isWell)
  }
  tell({ kind: 'closed' })
}

const data = workerData as SqliteThreadData
try {
  body(data)
} catch (error) {
  tell({ kind: 'failed', error: errorToData(databaseError(data.options.path, error)) })
}
