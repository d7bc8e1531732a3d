-- Weeks are counted from a Monday; their dates are worked out for the few rows of the result.
with places as (
    select (booking_date - date '1900-01-01') // 7 as week, cityname, state, count(*) as bookings
    from curated.fact_bookings
    join curated.dim_listings using (listing_id)
    where booking_date <= getvariable('as_of')
    group by all
)
select
    date '1900-01-01' + (7 * week)::integer as week_start, cityname, state, bookings,
    rank() over (partition by week order by bookings desc) as location_rank
from places
