import { library } from '@disruptorx/build'

export default library({
  index: 'src/index.ts',
  linearizability: 'src/linearizability.ts',
  'scenario-child': 'src/platform/scenario-child.ts',
})
