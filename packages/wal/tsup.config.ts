import { library } from '@disruptorx/build'

const options = library({
  index: 'src/index.ts',
  compliance: 'src/compliance.ts',
  memory: 'src/memory.ts',
  sqlite: 'src/sqlite.ts',
  tools: 'src/tools.ts',
  'sqlite-worker': 'src/platform/sqlite-worker.ts',
  'journal-worker': 'src/platform/journal-worker.ts',
  'sync-worker': 'src/platform/sync-worker.ts',
  'spare-worker': 'src/platform/spare-worker.ts',
})

// Members that are marked internal are for this package only, and so are the types that only they name.
export default { ...options, dts: { compilerOptions: { stripInternal: true } } }
