import { library } from '@disruptorx/build'

export default library({
  index: 'src/index.ts',
  cluster: 'src/cluster.ts',
  contracts: 'src/contracts.ts',
  core: 'src/core.ts',
  'core-affinity': 'src/core-affinity.ts',
  'core-threads': 'src/core-threads.ts',
  layout: 'src/layout.ts',
  serializer: 'src/serializer.ts',
  'wait-strategies': 'src/wait-strategies.ts',
  'wait-strategies-compliance': 'src/wait-strategies-compliance.ts',
  wal: 'src/wal.ts',
  'wal-compliance': 'src/wal-compliance.ts',
  'wal-memory': 'src/wal-memory.ts',
  'wal-sqlite': 'src/wal-sqlite.ts',
  'wal-tools': 'src/wal-tools.ts',
})
