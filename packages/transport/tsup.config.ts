import { library } from '@disruptorx/build'

export default library({ index: 'src/index.ts' })
