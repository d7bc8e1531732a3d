-- severity: warn
-- scope: rules
-- grain: one row per view whose listing is unknown
-- message: the listing of a view stands in curated.dim_listings
select v.user_id, v.listing_id, v.viewed_timestamp
from curated.fact_user_views v
left join curated.dim_listings l on v.listing_id = l.listing_id
where l.listing_id is null
