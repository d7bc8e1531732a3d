-- severity: error
-- scope: rules
-- grain: one row per user that stands twice
-- message: curated.dim_users holds one row per user
select user_id, count(*) as copies
from curated.dim_users
group by user_id
having count(*) > 1
