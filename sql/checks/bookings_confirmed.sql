-- severity: error
-- scope: rules
-- grain: one row per booking of another status
-- message: curated.fact_bookings holds confirmed bookings only
select booking_id, booking_status
from curated.fact_bookings
where booking_status is null or booking_status <> {{confirmed}}
