-- Known bookings by user; bookings without a user form a group of their own.
-- grain: one row per week_start, user_id
select
    cast(date_trunc('week', f.booking_date) as date) as week_start,
    f.user_id,
    count(*) as bookings
from curated.fact_bookings f
cross join curated.build b
where f.booking_date <= b.as_of
group by 1, 2
