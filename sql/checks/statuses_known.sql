-- severity: warn
-- scope: rules
-- grain: one row per unknown booking status
-- message: a booking status is confirmed, pending or canceled
select booking_status, count(*) as bookings
from raw_data.stg_bookings
where booking_status is null
    or {{lower_status}} not in ({{confirmed}}, 'pending', 'canceled', 'cancelled')
group by booking_status
