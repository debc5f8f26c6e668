import { accessSync, constants } from 'node:fs'
import { namingReadOnly } from '../segments/directory.ts'
import { databaseError } from '../sqlite/errors.ts'
import { LogDatabase } from '../sqlite/log-database.ts'
import type { ResolvedSqliteOptions } from '../sqlite/options.ts'
import { prepareDatabase } from '../sqlite/schema.ts'
import { SqliteStep } from '../sqlite/sqlite-step.ts'
import type { JournalChannel } from '../thread/channel.ts'
import type { Tell } from '../thread/thread-messages.ts'
import { runJournalThread, type ThreadBody } from './run-journal-thread.ts'
import { makeDirectory, syncDirectory } from './sqlite-directory.ts'
import { loadSqlite } from './sqlite-load.ts'

function openDatabase({ dir, path, verify }: ResolvedSqliteOptions): LogDatabase {
  const Database = loadSqlite()
  makeDirectory(dir)
  accessSync(dir, constants.W_OK)
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

function open(channel: JournalChannel, options: ResolvedSqliteOptions, tell: Tell): ThreadBody {
  const logs = openDatabase(options)
  try {
    return {
      opened: { lastLsn: logs.lastLsn, logs: logs.images() },
      step: new SqliteStep(logs, channel, options, tell),
      blame: cause => ({ operation: 'a commit', cause }),
      close: isWell => logs.close(isWell),
    }
  } catch (error) {
    logs.close(false)
    throw error
  }
}

void runJournalThread(open, (error, { dir, path }: ResolvedSqliteOptions) => databaseError(path, namingReadOnly(dir, error)))
