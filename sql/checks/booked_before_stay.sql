-- severity: warn
-- scope: rules
-- grain: one row per booking made after its stay began
-- message: a stay is booked before it begins
select booking_id, booking_date, checkin_date
from curated.fact_bookings
where booking_date > checkin_date
