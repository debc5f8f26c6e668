import { library } from '@disruptorx/build'

export default library({
  index: 'src/index.ts',
  compliance: 'src/compliance.ts',
  memory: 'src/memory.ts',
  sqlite: 'src/sqlite.ts',
  tools: 'src/tools.ts',
  'sqlite-worker': 'src/platform/sqlite-worker.ts',
  'journal-worker': 'src/platform/journal-worker.ts',
  'spare-worker': 'src/platform/spare-worker.ts',
})
