import { library } from '@disruptorx/build'

export default library({
  index: 'src/index.ts',
  internal: 'src/internal.ts',
  'platform-node': 'src/platform/crc32-node.ts',
  'platform-default': 'src/platform/crc32-default.ts',
})
