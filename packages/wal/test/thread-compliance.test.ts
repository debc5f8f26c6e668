import type { LogJournal } from '@disruptorx/contracts'
import { temporaryDirectory } from '@disruptorx/testkit'
import { openJournal, openLog } from '@disruptorx/wal'
import { type LogPlace, logJournalSuite } from '@disruptorx/wal/compliance'
import { describe, it } from 'vitest'
import { KIB } from './journals.ts'

/** A directory whose journals are on threads of their own. */
function place(open: (dir: string) => Promise<LogJournal>): LogPlace {
  const dir = temporaryDirectory()
  return { open: () => open(dir.path), remove: () => dir.dispose() }
}

/** A journal with one log, which `openLog` gives. */
async function journalOfOne(dir: string): Promise<LogJournal> {
  const log = await openLog(dir, { segmentBytes: 1024 * KIB, spareSegments: 0 })
  return new Proxy(log as object, {
    get(_, name) {
      if (name === 'log') return () => log
      if (name === 'dropLog') return () => log.setValue('vote', new Uint8Array(0))
      const member: unknown = Reflect.get(log, name, log)
      return typeof member === 'function' ? member.bind(log) : member
    },
  }) as LogJournal
}

const options = { segmentBytes: 1024 * KIB, spareSegments: 0 }

logJournalSuite({ describe, it }, 'a journal on a thread of its own', { make: () => place(dir => openJournal(dir, options)) })
logJournalSuite({ describe, it }, 'a log on a thread of its own', { make: () => place(journalOfOne), onlyLog: 0 })
