-- Ledger of curated.fact_user_views: every view of raw comes in, none is left out.
-- grain: one row per rule
select 'rows_in' as rule, count(*) as n
from raw_data.stg_user_viewing v
where 1 = 1
-- incremental: and exists (
-- incremental:     select 1
-- incremental:     from curated.changed_views c
-- incremental:     where c.user_id = v.user_id and c.listing_id = v.apartment_id and c.viewed_timestamp = v.viewed_at
-- incremental: )
