// In place of the thread for syncs: one that does not start.
throw new Error('this thread does not start')
