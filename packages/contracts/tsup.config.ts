import { library } from '@disruptorx/build'

export default library({
  index: 'src/index.ts',
  internal: 'src/internal.ts',
  'platform-node': 'src/platform/system-node.ts',
  'platform-default': 'src/platform/system-default.ts',
})
