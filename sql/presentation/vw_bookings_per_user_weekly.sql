-- Known bookings by user; bookings without a user form a group of their own. The calendar ends at the as-of date:
-- bookings after it find no day there.
-- grain: one row per week_start, user_id
select
    d.week_start,
    f.user_id,
    count(*) as bookings
from curated.fact_bookings f
inner join curated.dim_dates d on f.booking_date = d.day
group by d.week_start, f.user_id
