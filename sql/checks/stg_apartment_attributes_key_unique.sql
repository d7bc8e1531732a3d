-- severity: error
-- scope: rules
-- grain: one row per key that stands twice
-- message: raw_data.stg_apartment_attributes holds one row per id
select id, count(*) as copies
from raw_data.stg_apartment_attributes
group by id
having count(*) > 1
