-- severity: error
-- scope: rules
-- grain: one row per view that stands twice
-- message: curated.fact_user_views holds one row per user, listing and time
select user_id, listing_id, viewed_timestamp, count(*) as copies
from curated.fact_user_views
group by user_id, listing_id, viewed_timestamp
having count(*) > 1
