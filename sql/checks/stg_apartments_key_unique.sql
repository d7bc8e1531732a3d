-- severity: error
-- scope: rules
-- grain: one row per key that stands twice
-- message: raw_data.stg_apartments holds one row per id
select id, count(*) as copies
from raw_data.stg_apartments
group by id
having count(*) > 1
