-- severity: error
-- scope: views
-- grain: one row per booking outside the calendar
-- message: the calendar holds every known booking's date
select f.booking_id, f.booking_date
from curated.fact_bookings f
cross join curated.build b
left join curated.dim_dates d on f.booking_date = d.day
where f.booking_date <= b.as_of and d.day is null
