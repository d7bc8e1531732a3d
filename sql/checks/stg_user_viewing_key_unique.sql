-- severity: error
-- scope: rules
-- grain: one row per key that stands twice
-- message: raw_data.stg_user_viewing holds one row per user, listing and time
select user_id, apartment_id, viewed_at, count(*) as copies
from raw_data.stg_user_viewing
group by user_id, apartment_id, viewed_at
having count(*) > 1
