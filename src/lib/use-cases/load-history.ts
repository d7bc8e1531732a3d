import { EtlError } from '../core/errors.js'
import type { Warehouse } from '../ports/warehouse.js'

/** One loading of raw. */
export interface Load {
  seq: number
  run_id: string
}

/** The loads that a warehouse has seen, oldest first; none before the first run. @param open asked once */
export async function loadHistory(open: () => Promise<Warehouse>): Promise<Load[]> {
  await using warehouse = await open().catch((error) => {
    if (error instanceof EtlError && error.code === 'NO_WAREHOUSE') return undefined
    throw error
  })
  if (!warehouse) return []
  const { loads } = await warehouse.read<{ loads: { seq: string; run_id: string } }>({
    loads: 'select distinct seq, run_id from raw_data.load_log order by seq',
  })
  return loads.map(({ seq, run_id }) => ({ seq: Number(seq), run_id }))
}
