-- severity: error
-- scope: rules
-- grain: one row per key that stands twice
-- message: raw_data.stg_bookings holds one row per booking_id
select booking_id, count(*) as copies
from raw_data.stg_bookings
group by booking_id
having count(*) > 1
