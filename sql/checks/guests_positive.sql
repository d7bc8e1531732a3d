-- severity: warn
-- scope: rules
-- grain: one row per booking without guests
-- message: a booking has at least one guest
select booking_id, num_guests
from curated.fact_bookings
where num_guests < 1
