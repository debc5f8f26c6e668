import { library } from '@disruptorx/build'

export default library({
  index: 'src/index.ts',
  threads: 'src/threads.ts',
  'handler-worker': 'src/platform/handler-worker.ts',
  affinity: 'src/platform/affinity.ts',
})
