select date_trunc('week', booking_date)::date as week_start, user_id, count(*) as bookings
from curated.fact_bookings
where booking_date <= getvariable('as_of')
group by all
