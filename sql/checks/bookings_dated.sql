-- severity: warn
-- scope: rules
-- grain: one row per booking without a date
-- message: a confirmed booking has a booking date
select booking_id, listing_id
from curated.fact_bookings
where booking_date is null
