-- severity: error
-- scope: rules
-- grain: one row per booking that stands twice
-- message: curated.fact_bookings holds one row per booking
select booking_id, count(*) as copies
from curated.fact_bookings
group by booking_id
having count(*) > 1
