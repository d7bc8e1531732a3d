-- Every view of a listing by a user.
-- grain: one row per user_id, listing_id, viewed_timestamp
select
    v.user_id,
    v.apartment_id as listing_id,
    cast(v.viewed_at as date) as viewed_at,
    v.viewed_at as viewed_timestamp,
    v.is_wishlisted,
    v.call_to_action
from raw_data.stg_user_viewing v
where 1 = 1
-- incremental: and exists (
-- incremental:     select 1
-- incremental:     from curated.changed_views c
-- incremental:     where c.user_id = v.user_id and c.listing_id = v.apartment_id and c.viewed_timestamp = v.viewed_at
-- incremental: )
