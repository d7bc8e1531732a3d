-- severity: warn
-- scope: rules
-- grain: one row per booking without a night
-- message: checkout is after checkin
select booking_id, checkin_date, checkout_date
from curated.fact_bookings
where checkout_date <= checkin_date
