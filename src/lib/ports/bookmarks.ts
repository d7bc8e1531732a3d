/** Forgets how far source tables were read. */
export interface BookmarkReset {
  /** Has the next run read these tables whole and rebuild them. @throws EtlError NO_WAREHOUSE, LOCKED, IO */
  reset(tables: readonly string[]): Promise<void>
}
