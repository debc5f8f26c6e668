import { library } from '@disruptorx/build'

export default library({
  index: 'src/index.ts',
  'journal-thread': 'src/platform/journal-thread.ts',
  'handler-thread': 'src/platform/handler-thread.ts',
})
