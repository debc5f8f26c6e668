import { library } from '@disruptorx/build'

export default library({
  index: 'src/index.ts',
  cluster: 'src/cluster.ts',
  contracts: 'src/contracts.ts',
  core: 'src/core.ts',
  'core-threads': 'src/core-threads.ts',
  layout: 'src/layout.ts',
  serializer: 'src/serializer.ts',
  'wait-strategies': 'src/wait-strategies.ts',
  wal: 'src/wal.ts',
})
