-- Known bookings of known listings by place. The calendar ends at the as-of date: bookings after it find no day there.
-- grain: one row per week_start, cityname, state
with

places as (

    select
        d.week_start,
        l.cityname,
        l.state,
        count(*) as bookings
    from curated.fact_bookings f
    inner join curated.dim_dates d on f.booking_date = d.day
    inner join curated.dim_listings l on f.listing_id = l.listing_id
    group by d.week_start, l.cityname, l.state

)

select
    week_start,
    cityname,
    state,
    bookings,
    rank() over (partition by week_start order by -bookings) as location_rank
from places
