import { library } from '@disruptorx/build'

export default library({
  index: 'src/index.ts',
  'journal-worker': 'src/platform/journal-worker.ts',
  'spare-worker': 'src/platform/spare-worker.ts',
})
