-- Known bookings of known listings by place.
-- grain: one row per week_start, cityname, state
with

bookings as (

    select
        cast(date_trunc('week', f.booking_date) as date) as week_start,
        l.cityname,
        l.state
    from curated.fact_bookings f
    cross join curated.build b
    inner join curated.dim_listings l on f.listing_id = l.listing_id
    where f.booking_date <= b.as_of

),

places as (

    select week_start, cityname, state, count(*) as bookings
    from bookings
    group by week_start, cityname, state

)

select
    week_start,
    cityname,
    state,
    bookings,
    rank() over (partition by week_start order by bookings desc nulls last) as location_rank
from places
