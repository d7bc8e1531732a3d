/** The last day of the sample source: its default as-of date. */
export const SAMPLE_LAST_DAY = '2025-12-31'
