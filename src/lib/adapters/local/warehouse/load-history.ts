import type { LoadHistory } from '../../../ports/load-history.js'
import { exists } from '../home/files.js'
import { homePaths } from '../home/paths.js'
import { openLocalWarehouse } from './warehouse.js'

/** The loads that the warehouse of a local home has seen; none before the first run. */
export class LocalLoadHistory implements LoadHistory {
  constructor(private readonly home: string) {}

  async loads(): Promise<{ seq: number; runId: string }[]> {
    if (!(await exists(homePaths(this.home).warehouse))) return []
    const warehouse = await openLocalWarehouse(this.home)
    try {
      const rows = await warehouse.all<{ seq: string; run_id: string }>(
        'select distinct seq, run_id from raw_data.load_log order by seq',
      )
      return rows.map(({ seq, run_id }) => ({ seq: Number(seq), runId: run_id }))
    } finally {
      warehouse.close()
    }
  }
}
